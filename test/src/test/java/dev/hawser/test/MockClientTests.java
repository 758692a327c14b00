package dev.hawser.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.security.test.context.support.WithMockUser;
import org.springframework.web.context.WebApplicationContext;

/** Without a port. */
@SpringBootTest(
        properties = {
            "hawser.websocket.extensions.permessage-deflate.enabled=true",
            "hawser.websocket.max-length=4194304",
            "hawser.eventsource.ping=1s"
        })
@AutoConfigureWebSocketTestClient
class MockClientTests extends ClientContract {

    @Autowired
    WebApplicationContext context;

    @Test
    void aRequestPostProcessorLogsIn() {
        asAnn(client)
                .connect("/secret/chat/tea", options -> options.protocols("chat.v2"))
                .send("hi")
                .expectText("ann: hi");
    }

    @Test
    @WithMockUser("bob")
    void theUserOfTheTestIsThatOfTheSocket() {
        client.connect("/secret/chat/tea", options -> options.protocols("chat.v2"))
                .send("hi")
                .expectText("bob: hi");
    }

    @Test
    void whatAControllerThrewIsTheCause() {
        Throwable failure = catchThrowable(() -> client.connect("/throws"));
        assertThat(failure).isInstanceOf(AssertionError.class).hasRootCauseMessage("thrown by the controller");
        assertThat(failure.getMessage()).contains("Expected status 101 but was 500, because of ");
    }

    @Test
    void theHostMayBeAny() {
        TestSocket socket =
                client.connect("wss://example.com:8443/echo", options -> options.origin("https://example.com:8443"));
        assertThat(socket.send("a").expectText("a").url()).isEqualTo("wss://example.com:8443/echo");
    }

    @Test
    void anEventStreamIsNoWebSocket() {
        client.expectRefusal("/ticks").expectStatus(200);
    }

    @Test
    void aFrameThatBreaksTheProtocolIsAnswered() {
        client.connect("/echo")
                .send("before")
                .expectText("before")
                .sendRaw((byte) 0x81, (byte) 1, (byte) 'a')
                .expectClose(1002);
    }

    @Test
    void aWholeContextCanBeBound() {
        try (WebSocketTestClient bound = WebSocketTestClient.bindToApplicationContext(context)) {
            bound.connect("/echo").send("a").expectText("a");
            bound.expectRefusal("/secret/chat/tea").expectStatus(401);
        }
    }
}
