package dev.hawser.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/** With a port. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {
            "hawser.websocket.extensions.permessage-deflate.enabled=true",
            "hawser.websocket.max-length=4194304",
            "hawser.eventsource.ping=1s",
            "server.address=127.0.0.1"
        })
@AutoConfigureWebSocketTestClient
class PortClientTests extends ClientContract {

    @LocalServerPort
    int port;

    @Test
    void aPortCanBeBoundWithoutABean() {
        try (WebSocketTestClient bound = WebSocketTestClient.bindToServer(port)) {
            assertThat(bound.connect("/echo").send("a").expectText("a").url())
                    .isEqualTo("ws://localhost:" + port + "/echo");
        }
    }

    @Test
    void whatOnlyMockMvcCanDoIsRefused() {
        assertThatThrownBy(() -> asAnn(client).connect("/echo"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("RequestPostProcessor");
        assertThatThrownBy(() -> asAnn(client).stream("/ticks")).isInstanceOf(UnsupportedOperationException.class);
        TestSocket socket = client.connect("/echo");
        assertThatThrownBy(() -> socket.sendRaw((byte) 0))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("WebSocketTestClient.bindTo(mockMvc)");
    }
}
