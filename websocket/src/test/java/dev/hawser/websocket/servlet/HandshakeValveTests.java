package dev.hawser.websocket.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.WebSocketOptions;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The head of a response to draft-75, with and without the valve that lets us write it. */
class HandshakeValveTests {

    private static final WebSocketOptions DRAFTS =
            WebSocketOptions.DEFAULT.with(options -> options.allowDrafts(true).headers(Map.of("X-Own", "1")));

    private final TestServer server = new TestServer((request, response) -> {
        if (ServletUpgrade.isWebSocket(request)) {
            response.setHeader("X-A\r\nX-Evil: 1\r\nX-B", "v");
            response.setHeader("X-C", "v\r\nX-Evil: 2");
            response.addHeader("Set-Cookie", "a=1");
            response.addHeader("Set-Cookie", "b=2");
            ServletUpgrade.of(request, response, DRAFTS).accept();
        } else {
            response.getOutputStream().print("plain");
        }
    });

    @AfterEach
    void stop() {
        server.close();
    }

    private String response(String... headers) throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.out.write(client.request("GET /demo HTTP/1.1", headers));
            return client.response();
        }
    }

    @Test
    void theFirstLinesAreThoseOfTheDraftAndTheApplicationsHeadersFollow() throws Exception {
        server.with(new HandshakeValve());
        assertThat(response("Upgrade: WebSocket", "Connection: Upgrade"))
                .startsWith(
                        "HTTP/1.1 101 Web Socket Protocol Handshake\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
                                + "WebSocket-Location: ws://127.0.0.1:" + server.port() + "/demo\r\n")
                .contains("\r\nX-Own: 1\r\n", "\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n")
                .doesNotContain("\r\nX-Evil");
    }

    @Test
    void otherResponsesAreTomcats() throws Exception {
        server.with(new HandshakeValve());
        assertThat(response("X-Plain: 1")).startsWith("HTTP/1.1 200 \r\n");
        assertThat(response(
                        "Upgrade: websocket",
                        "Connection: Upgrade",
                        "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
                .startsWith("HTTP/1.1 101 \r\n");
    }

    @Test
    void withoutItThereIsNoReasonPhrase() throws Exception {
        assertThat(response("Upgrade: WebSocket", "Connection: Upgrade"))
                .startsWith("HTTP/1.1 101 \r\n")
                .contains("\r\nUpgrade: WebSocket\r\n");
    }

    /** As a filter does that fails after the controller has gone through. */
    @ParameterizedTest
    @ValueSource(ints = {500, 403})
    void aConnectionWhoseResponseBecomesAnotherEnds(int status) throws Exception {
        BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();
        try (TestServer failing = new TestServer((request, response) -> {
            ServletUpgrade.of(request, response, WebSocketOptions.DEFAULT)
                    .accept()
                    .onClose((code, reason) -> closed.add(code));
            if (status == 500) {
                throw new IllegalStateException("on purpose");
            }
            response.sendError(status);
        })) {
            failing.with(new HandshakeValve());
            try (RawClient client = new RawClient(failing.port())) {
                client.out.write(client.handshake());
                assertThat(client.response()).startsWith("HTTP/1.1 " + status + " ");
                assertThat(closed.poll(10, TimeUnit.SECONDS)).isEqualTo(1006);
                client.in.readAllBytes(); // to the end of the socket
            }
        }
    }

    @Test
    void aRequestThatWasDeferredAndThenAnsweredIsAnswered() throws Exception {
        try (TestServer failing = new TestServer((request, response) -> {
            ServletUpgrade.of(request, response, WebSocketOptions.DEFAULT).defer();
            response.sendError(403);
        })) {
            failing.with(new HandshakeValve());
            try (RawClient client = new RawClient(failing.port())) {
                client.out.write(client.handshake());
                assertThat(client.response()).startsWith("HTTP/1.1 403 ");
                client.in.readAllBytes();
            }
        }
    }
}
