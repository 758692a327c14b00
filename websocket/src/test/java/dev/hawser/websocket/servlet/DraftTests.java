package dev.hawser.websocket.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The handshakes of the two oldest drafts in each container, byte by byte. */
@ParameterizedClass
@EnumSource
class DraftTests {

    private static final WebSocketOptions DRAFTS =
            WebSocketOptions.DEFAULT.with(options -> options.allowDrafts(true).headers(Map.of("X-Own", "1")));

    private final RunningServer server;

    DraftTests(Container container) {
        server = container.start((request, response) -> {
            response.addHeader("Set-Cookie", "a=1");
            ServletUpgrade upgrade = ServletUpgrade.of(request, response, DRAFTS);
            if (request.getRequestURI().equals("/later")) {
                upgrade.defer();
            }
            WebSocket socket = upgrade.accept();
            socket.onMessage(socket::send);
        });
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static byte[] message(String text) {
        return ("\0" + text + "\u00ff").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void assertMessage(RawClient client, String text) throws IOException {
        assertThat(client.in.readNBytes(text.length() + 2)).isEqualTo(message(text));
    }

    @Test
    void draft75GetsItsReasonPhraseAndItsLinesInOrder() throws Exception {
        for (String path : new String[] {"/now", "/later"}) {
            try (RawClient client = new RawClient(server.port())) {
                client.out.write(
                        client.request("GET " + path + " HTTP/1.1", "Upgrade: WebSocket", "Connection: Upgrade"));
                assertThat(client.response())
                        .startsWith("HTTP/1.1 101 Web Socket Protocol Handshake\r\n"
                                + "Upgrade: WebSocket\r\nConnection: Upgrade\r\n"
                                + "WebSocket-Location: ws://127.0.0.1:" + server.port() + path + "\r\n")
                        .contains("\r\nX-Own: 1\r\n", "\r\nSet-Cookie: a=1\r\n");
                client.out.write(message("hello"));
                assertMessage(client, "hello");
            }
        }
    }

    @Test
    void draft76GetsItsAnswerToTheBytesBehindTheHandshakeWheneverTheyCome() throws Exception {
        String body = "^n:ds[4U";
        for (String path : new String[] {"/now", "/later"}) {
            for (int together : new int[] {0, 3, 8}) {
                try (RawClient client = new RawClient(server.port())) {
                    byte[] request = client.request(
                            "GET " + path + " HTTP/1.1",
                            "Upgrade: WebSocket",
                            "Connection: Upgrade",
                            "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5",
                            "Sec-WebSocket-Key2: 12998 5 Y3 1  .P00");
                    client.send(request, body.substring(0, together).getBytes(StandardCharsets.US_ASCII));
                    assertThat(client.response()).startsWith("HTTP/1.1 101 ");
                    client.send(body.substring(together).getBytes(StandardCharsets.US_ASCII), message("hello"));
                    // the example of draft-76, section 1.3
                    assertThat(new String(client.in.readNBytes(16), StandardCharsets.ISO_8859_1))
                            .isEqualTo("8jKS'y:G*Co,Wxa-");
                    assertMessage(client, "hello");
                }
            }
        }
    }
}
