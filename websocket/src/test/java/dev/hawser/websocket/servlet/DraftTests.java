package dev.hawser.websocket.servlet;

import static dev.hawser.websocket.protocol.Bytes.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The handshakes of the two oldest drafts in each container, byte by byte. */
@ParameterizedClass
@EnumSource
class DraftTests {

    private static final WebSocketOptions DRAFTS = WebSocketOptions.DEFAULT.with(options ->
            options.allowDrafts(true).closeTimeout(Duration.ofMillis(500)).headers(Map.of("X-Own", "1")));

    private final BlockingQueue<String> closed = new LinkedBlockingQueue<>();
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
            socket.onClose((code, reason) -> closed.add(code + " " + reason));
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

    private RawClient opened(boolean draft76) throws IOException {
        RawClient client = new RawClient(server.port());
        client.send(
                draft76
                        ? client.request(
                                "GET /now HTTP/1.1",
                                "Upgrade: WebSocket",
                                "Connection: Upgrade",
                                "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5",
                                "Sec-WebSocket-Key2: 12998 5 Y3 1  .P00")
                        : client.request("GET /now HTTP/1.1", "Upgrade: WebSocket", "Connection: Upgrade"),
                (draft76 ? "^n:ds[4U" : "").getBytes(StandardCharsets.US_ASCII));
        assertThat(client.response()).startsWith("HTTP/1.1 101 ");
        assertThat(client.in.readNBytes(draft76 ? 16 : 0)).hasSize(draft76 ? 16 : 0);
        return client;
    }

    /** CVE-2026-54466 (websocket-driver): lengths that do not end, or are more than a number holds. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "80 80",
                "ff 80 00",
                "80 81 80 80 80 80 80 80 80 80 80 80 00",
                "80 ff ff ff ff ff ff ff ff ff 7f",
                "81 ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff 00",
                "fe a0 80 80 00"
            })
    void aLengthThatCannotBeEndsTheConnection(String bytes) throws Exception {
        for (boolean draft76 : new boolean[] {false, true}) {
            try (RawClient client = opened(draft76)) {
                client.send(message("hello"), hex(bytes), message("never read"));
                assertMessage(client, "hello");
                assertThat(client.in.readAllBytes()).isEqualTo(draft76 ? hex("ff 00") : new byte[0]);
            }
        }
    }

    /** The same of text whose end never comes. */
    @Test
    @Timeout(60)
    void textWithoutEndEndsTheConnection() throws Exception {
        byte[] text = "x".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
        for (boolean draft76 : new boolean[] {false, true}) {
            try (RawClient client = opened(draft76)) {
                client.send(new byte[1]);
                assertThatIOException().isThrownBy(() -> {
                    while (true) { // until it is cut, which it has a moment to notice before
                        client.send(text);
                    }
                });
            }
            assertThat(closed.poll(10, TimeUnit.SECONDS))
                    .as("not by what was not there any more")
                    .isEqualTo("1009 Message is longer than max-length (67108863 bytes)");
        }
    }
}
