package dev.hawser.test;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.test.web.servlet.MockMvc;

/** A slice has the controller that it names, and all that a WebSocket needs. */
@WebMvcTest(SocketController.class)
class SliceTests {

    @Test
    void aClientIsMadeOfMockMvc(@Autowired MockMvc mockMvc) {
        try (WebSocketTestClient client = WebSocketTestClient.bindTo(mockMvc)) {
            client.connect("/echo").send("a").expectText("a");
            client.expectRefusal("/ticks").expectStatus(404);
        }
    }

    @WebMvcTest(StreamController.class)
    @AutoConfigureWebSocketTestClient
    @Nested
    class WithAnnotationTests {

        @Test
        void theClientIsABean(@Autowired WebSocketTestClient client) {
            client.stream("/ticks/short").expectEvent("only").expectEnd();
            client.expectRefusal("/echo").expectStatus(404);
        }
    }
}
