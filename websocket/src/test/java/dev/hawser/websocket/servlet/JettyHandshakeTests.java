package dev.hawser.websocket.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.WebSocketRequest;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses that are somebody else's after all: Jetty writes them, and no connection opens. */
class JettyHandshakeTests {

    private final BlockingQueue<String> closed = new LinkedBlockingQueue<>();
    private final BlockingQueue<WebSocketRequest> requests = new LinkedBlockingQueue<>();

    @ParameterizedTest
    @ValueSource(ints = {503, 204})
    void whoAnswersAfterAnAcceptedRequestWins(int status) throws Exception {
        try (RunningServer server = Container.JETTY.start((request, response) -> {
                    ServletUpgrade.of(request, response, WebSocketOptions.DEFAULT)
                            .accept()
                            .onClose((code, reason) -> closed.add("closed " + code));
                    if (status < 300) {
                        response.setStatus(status);
                    } else {
                        response.sendError(status);
                    }
                });
                RawClient client = new RawClient(server.port())) {
            client.out.write(client.handshake());
            assertThat(client.response()).startsWith("HTTP/1.1 " + status + " ").doesNotContain("Sec-WebSocket");
            assertThat(closed.poll(10, TimeUnit.SECONDS)).isEqualTo("closed 1006");
        }
    }

    @Test
    void whoAnswersADeferredRequestWins() throws Exception {
        try (RunningServer server = Container.JETTY.start((request, response) -> {
                    ServletUpgrade upgrade = ServletUpgrade.of(request, response, WebSocketOptions.DEFAULT);
                    upgrade.defer();
                    response.sendError(503);
                    request.getAsyncContext().complete();
                    requests.add(upgrade);
                });
                RawClient client = new RawClient(server.port())) {
            client.out.write(client.handshake());
            assertThat(client.response()).startsWith("HTTP/1.1 503 ");
            requests.poll(10, TimeUnit.SECONDS).accept().onClose((code, reason) -> closed.add("closed " + code));
            assertThat(closed.poll(10, TimeUnit.SECONDS)).isEqualTo("closed 1006");
        }
    }
}
