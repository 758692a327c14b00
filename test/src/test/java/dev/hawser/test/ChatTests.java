package dev.hawser.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.user;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

@SpringBootTest
@AutoConfigureWebSocketTestClient
class ChatTests {

    @Autowired
    WebSocketTestClient client;

    @Test
    void echoes() {
        TestSocket socket = client.connect("/echo");
        socket.send("hello").expectText("hello").expectNothing();
        socket.close(4000, "bye").expectClose(4000, "bye");
    }

    @Test
    void strangersStayOutside() {
        client.expectRefusal("/chat/tea").expectStatus(401).expectReason("Log in first");
    }

    @Test
    void friendsComeIn() {
        TestSocket socket = client.with(user("ann")).connect("/chat/tea", options -> options.protocols("chat.v2"));
        socket.send("hi").expectText(text -> assertThat(text).startsWith("ann"));
    }

    @Test
    void newsAreSent() {
        client.stream("/news").expectEvent("notification", "Breaking News!");
    }
}
