package dev.hawser.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.protocol.Frame;
import dev.hawser.websocket.protocol.ReadyState;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors;

/** What the client does, however it is bound. */
abstract class ClientContract {

    private static final String ANN =
            "Basic " + Base64.getEncoder().encodeToString("ann:pass".getBytes(StandardCharsets.UTF_8));

    @Autowired
    WebSocketTestClient client;

    @BeforeEach
    void forget() {
        SocketController.heard.clear();
    }

    static void assertHeard(String event) {
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(SocketController.heard).contains(event));
    }

    @Test
    void messagesGoToTheEndpointAndComeBack() {
        TestSocket socket = client.connect("/echo?x=1");
        socket.send("hello").expectText("hello");
        socket.send((byte) 1, (byte) -1).expectBinary((byte) 1, (byte) -1);
        socket.sendFragment("Grüße ", false).sendFragment("aus \uD83D\uDE00", true);
        socket.expectText(text -> assertThat(text).isEqualTo("Grüße aus \uD83D\uDE00"));
        socket.send(new byte[0]).expectBinary(data -> assertThat(data).isEmpty());
        socket.send(Frame.text("framed")).expectText("framed").expectNothing();
        assertThat(socket.url()).endsWith("/echo?x=1").startsWith("ws://localhost");
        assertThat(socket.protocol()).isEmpty();
        assertThat(socket.unwrap().version()).isEqualTo("hybi-13");
    }

    @Test
    void longMessagesPassWhateverTheSocketHolds() {
        String megabytes = "0123456789abcdef".repeat(1 << 18);
        TestSocket socket = client.connect("/echo", options -> options.extensions());
        socket.send(megabytes).send("after").expectText(megabytes).expectText("after");
    }

    @Test
    void compressionIsAgreedOn() {
        TestSocket socket = client.connect("/echo");
        assertThat(socket.extensions()).extracting(ExtensionHeader::name).containsExactly("permessage-deflate");
        String long64 = "x".repeat(1 << 16);
        socket.send(long64).expectText(long64);
        assertThat(client.options(options -> options.extensions())
                        .connect("/echo")
                        .extensions())
                .isEmpty();
    }

    @Test
    void whatComesWithTheHandshakeIsExpectedInOrder() {
        TestSocket socket = client.connect("/greeting");
        socket.expectText("one").expectText("two").expectNothing();
        socket.send("stop").expectClose(4001, "enough");
    }

    @Test
    void bothEndsHearOfTheCloseCode() {
        TestSocket socket = client.connect("/echo?closing");
        socket.close(4000, "bye").expectClose(4000, "bye").expectNothing();
        assertHeard("closed 4000?closing");
        client.connect("/echo?normally").close();
        assertHeard("closed 1000?normally");
    }

    @Test
    void aDroppedConnectionHasNoCloseCode() {
        client.connect("/echo?dropped").drop().expectClose(1006, "");
        assertHeard("closed 1006?dropped");
    }

    @Test
    void protocolsAndHeadersAreAgreedOn() {
        TestSocket socket = client.connect(
                "/chat/tea", options -> options.protocols("chat.v1", "chat.v2").header("Authorization", ANN));
        assertThat(socket.protocol()).isEqualTo("chat.v2");
        assertThat(socket.header("x-room")).isEqualTo("tea");
        assertThat(socket.header("X-None")).isNull();
        socket.send("hi").expectText("ann: hi");
    }

    @Test
    void cookiesAreSent() {
        client.connect("/cookies", options -> options.header("Cookie", "a=1; b=2"))
                .expectText("{a=1, b=2}");
    }

    @Test
    void aRefusalShowsItsResponse() {
        Refusal refusal = client.expectRefusal("/chat/tea", options -> options.protocols("chat.v2"))
                .expectStatus(401)
                .expectReason("Log in first")
                .expectHeader("www-authenticate", "Basic")
                .expectBody("Log in first\n");
        assertThat(refusal.status()).isEqualTo(401);
        assertThat(refusal.header("X-None")).isNull();
    }

    @Test
    void filtersRefuseAndLetIn() {
        client.expectRefusal("/secret/chat/tea").expectStatus(401);
        client.expectRefusal("/nowhere").expectStatus(404);
        client.options(options -> options.header("Authorization", ANN).protocols("chat.v2"))
                .connect("/secret/chat/tea")
                .send("hi")
                .expectText("ann: hi");
    }

    @Test
    void theHandshakeIsChecked() {
        client.expectRefusal("/echo", options -> options.origin("https://evil.example"))
                .expectStatus(403);
        client.expectRefusal("/elsewhere").expectStatus(404).expectReason("no such room");
    }

    @Test
    void aPageOfTheSameOriginIsLetIn() {
        String origin = client.connect("/echo").url().replaceFirst("ws(://[^/]+)/.*", "http$1");
        client.connect("/echo", options -> options.origin(origin)).send("a").expectText("a");
    }

    @Test
    void aControllerThatThrowsIsStatus500() {
        client.expectRefusal("/throws").expectStatus(500);
        assertHeard("thrown, closed 1006");
    }

    @Test
    void aDecisionMayComeLater() {
        client.connect("/later/yes").expectText("let in");
        client.expectRefusal("/later/no").expectStatus(403).expectReason("Not you");
        client.expectRefusal("/later/never").expectStatus(503);
    }

    @Test
    void aListenerThatThrowsClosesWith1011() {
        client.connect("/fragile").send("x").expectClose(1011, "Internal error");
        assertHeard("thrown by a listener");
    }

    @Test
    void whatIsTooLongIsRefused() {
        TestSocket socket = client.connect("/echo", options -> options.extensions());
        socket.send(new byte[(5 << 20)]).expectClose(1009);
    }

    @Test
    void anEndpointIsProtectedFromAClientThatDoesNotRead() {
        TestSocket socket =
                client.connect("/flood", options -> options.extensions()).stopReading();
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> {
                    if (socket.unwrap().state() == ReadyState.OPEN) {
                        socket.unwrap().send("more");
                    }
                    return SocketController.heard.contains("flood closed 1013 Reads too slowly");
                });
        socket.startReading().expectBinary(data -> assertThat(data).hasSize(1 << 16));
    }

    @Test
    void anEventStreamIsReadAsABrowserDoes() {
        TestEventStream stream = client.stream("/ticks", headers -> headers.set("Last-Event-ID", "6"));
        stream.expectEvent("first\nafter 6");
        stream.expectEvent("time", "tick");
        assertThat(stream.retry()).isEqualTo(Duration.ofSeconds(3));
        stream.close();
        stream.expectEnd();
        assertHeard("ticks closed, after 6");
    }

    @Test
    void eventsHaveNamesAndIds() {
        client.stream("/ticks")
                .expectEvent(event -> assertThat(event).isEqualTo(new TestEvent("message", "first\nafter ", "")))
                .expectEvent(event -> assertThat(event).isEqualTo(new TestEvent("time", "tick", "7")));
    }

    @Test
    void anEventStreamEnds() {
        client.stream("/ticks/short").expectEvent("only").expectEnd();
        TestEventStream stream = client.stream("/ticks/long");
        for (int i = 0; i < 1000; i++) {
            stream.expectEvent(event -> assertThat(event.data()).hasSize(1024));
        }
        stream.expectEnd();
    }

    @Test
    void anEventStreamGoesThroughFilters() {
        client.stream("/secret/ticks", headers -> headers.set("Authorization", ANN))
                .expectEvent("first\nafter ");
        assertThatThrownBy(() -> client.stream("/secret/ticks"))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("Expected an event stream but was status 401, ")
                .hasMessageContaining("/secret/ticks");
        assertThatThrownBy(() -> client.stream("/echo"))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("Expected an event stream but was status 426, text/plain");
    }

    @Test
    void whatATestLeavesOpenIsClosed() {
        TestSocket socket = client.connect("/echo?left");
        client.stream("/ticks", headers -> headers.set("Last-Event-ID", "left")).expectEvent("first\nafter left");
        client.reset();
        socket.expectClose(1000);
        assertHeard("closed 1000?left");
        assertHeard("ticks closed, after left");
        client.connect("/echo").send("still").expectText("still");
    }

    @Test
    void urlsArePathsOrWhole() {
        String whole = client.connect("/echo").url();
        client.connect(whole).send("a").expectText("a");
        assertThatThrownBy(() -> client.connect("echo"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Expected a path that begins with / or a URL but was echo");
        assertThatThrownBy(() -> client.timeout(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }

    static WebSocketTestClient asAnn(WebSocketTestClient client) {
        return client.with(SecurityMockMvcRequestPostProcessors.user("ann"));
    }
}
