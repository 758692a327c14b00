package dev.hawser.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

/** Expectations that are not met say what was expected, what came instead, and all that has come. */
@SpringBootTest
@AutoConfigureWebSocketTestClient
class ExpectationTests {

    @Autowired
    WebSocketTestClient client;

    private static void assertFails(ThrowingCallable expectation, String message) {
        assertThatThrownBy(expectation).isInstanceOf(AssertionError.class).hasMessage(message);
    }

    @Test
    void anotherTextThanExpected() {
        TestSocket socket = client.connect("/greeting").expectText("one");
        assertFails(() -> socket.expectText("three"), """
                Expected text "three" but was text "two"
                ws://localhost/greeting, open:
                  text "one"
                  text "two\"""");
    }

    @Test
    void anotherKindOfMessage() {
        TestSocket socket = client.connect("/echo").send(new byte[] {0, 1, -1});
        assertFails(() -> socket.expectText(text -> {}), """
                Expected text but was binary of 3 bytes: 00 01 ff
                ws://localhost/echo, open:
                  binary of 3 bytes: 00 01 ff""");
        socket.send("a\nb");
        assertThatThrownBy(() -> socket.expectBinary(data -> {}))
                .hasMessageStartingWith("Expected binary but was text \"a\\nb\"\n");
        socket.send(new byte[20]);
        assertThatThrownBy(() -> socket.expectBinary((byte) 7))
                .hasMessageStartingWith(
                        "Expected binary of 1 bytes: 07 but was binary of 20 bytes: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ...\n");
    }

    @Test
    void nothingInTime() {
        TestSocket socket = client.timeout(Duration.ofMillis(20)).connect("/echo");
        assertFails(() -> socket.expectText("a"), """
                Expected text "a" but nothing came within 20 ms
                ws://localhost/echo, open:
                  nothing has come""");
        TestEventStream stream = client.timeout(Duration.ofMillis(20)).stream("/ticks");
        stream.expectEvent("first\nafter ").expectEvent("tick");
        assertThatThrownBy(() -> stream.expectEvent("tock"))
                .hasMessageStartingWith("Expected an event \"tock\" but nothing came within 20 ms\n");
        assertThatThrownBy(stream::expectEnd)
                .hasMessageStartingWith("Expected the end but nothing came within 20 ms\n");
    }

    @Test
    void theEndInsteadOfAMessage() {
        TestSocket socket =
                client.connect("/greeting").expectText("one").expectText("two").send("stop");
        String end = """
                ws://localhost/greeting, ended:
                  text "one"
                  text "two"
                  close 4001 "enough\"""";
        assertFails(() -> socket.expectText("three"), "Expected text \"three\" but was close 4001 \"enough\"\n" + end);
        assertFails(() -> socket.expectText("four"), "Expected text \"four\" but there was nothing more\n" + end);
        assertFails(
                () -> socket.send("five"), "Expected an open socket, to send text \"five\" but it is CLOSED\n" + end);
        assertFails(socket::ping, "Expected an open socket, to send a ping but it is CLOSED\n" + end);
        assertThat(socket).hasToString(end);
    }

    @Test
    void aMessageInsteadOfTheEnd() {
        TestSocket socket = client.connect("/greeting").send("stop");
        assertThatThrownBy(() -> socket.expectClose(4001))
                .hasMessageStartingWith("Expected close 4001 but was text \"one\"\n");
        assertThatThrownBy(socket::expectNothing).hasMessageStartingWith("Expected nothing but was text \"two\"\n");
    }

    @Test
    void anotherEnd() {
        assertThatThrownBy(() -> client.connect("/fragile").send("x").expectClose(1000))
                .hasMessageStartingWith("Expected close 1000 but was close 1011 \"Internal error\"\n");
        assertThatThrownBy(() -> client.connect("/fragile").send("x").expectClose(1011, "?"))
                .hasMessageStartingWith("Expected close 1011 \"?\" but was close 1011 \"Internal error\"\n");
    }

    @Test
    void whatTheEndpointAnsweredIsNotNothing() {
        TestSocket socket = client.connect("/echo").send("a");
        assertThatThrownBy(socket::expectNothing).hasMessageStartingWith("Expected nothing but was text \"a\"\n");
    }

    @Test
    void aMessageBeforeTheEndIsNotNothing() {
        for (int i = 0; i < 50; i++) { // the end may come before the pong, or instead of it
            TestSocket socket = client.connect("/greeting").expectText("one").send("stop");
            assertThatThrownBy(socket::expectNothing).hasMessageStartingWith("Expected nothing but was text \"two\"\n");
        }
    }

    @Test
    void assertionsOfTheTestGetTheTranscript() {
        TestSocket socket = client.connect("/greeting").ping();
        assertThatThrownBy(() -> socket.expectText(text -> {
                    throw new AssertionError("not mine");
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessage("not mine\nws://localhost/greeting, open:\n  text \"one\"\n  text \"two\"")
                .hasCauseInstanceOf(AssertionError.class);
    }

    @Test
    void aRefusalInsteadOfASocket() {
        assertFails(() -> client.connect("/chat/tea"), """
                Expected an open WebSocket but connecting failed, unexpected-status: Expected status 101 but was 401, "Log in first"
                ws://localhost/chat/tea""");
    }

    @Test
    void anotherRefusal() {
        Refusal refusal = client.expectRefusal("/chat/tea");
        String response = """

                ws://localhost/chat/tea, refused with 401:""";
        assertThatThrownBy(() -> refusal.expectStatus(403))
                .hasMessageStartingWith("Expected status 403 but was 401" + response)
                .hasMessageContaining("\n  WWW-Authenticate: Basic\n")
                .hasMessageEndingWith("\n  \"Log in first\\n\"");
        assertThatThrownBy(() -> refusal.expectReason("Go"))
                .hasMessageStartingWith("Expected the reason \"Go\" but was \"Log in first\"" + response);
        assertThatThrownBy(() -> refusal.expectHeader("X-A", "b"))
                .hasMessageStartingWith("Expected the header X-A: b but there was none" + response);
        assertThatThrownBy(() -> refusal.expectHeader("WWW-Authenticate", "Digest"))
                .hasMessageStartingWith("Expected the header WWW-Authenticate: Digest but was \"Basic\"" + response);
        assertThatThrownBy(() -> refusal.expectBody("Go"))
                .hasMessageStartingWith("Expected the body \"Go\" but was \"Log in first\\n\"" + response);
    }

    @Test
    void aSocketInsteadOfARefusal() {
        assertThatThrownBy(() -> client.expectRefusal("/echo"))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("Expected a refusal but the WebSocket was accepted\nws://localhost/echo, ");
        assertThatThrownBy(() -> client.expectRefusal("/echo", options -> options.protocols("unknown")))
                .hasMessageStartingWith(
                        "Expected a refusal but was no-protocol: Expected a protocol of those asked for (1) but was none\n");
    }

    @Test
    void noDecisionInTime() {
        assertThatThrownBy(() -> client.timeout(Duration.ofMillis(20)).connect("/later/maybe"))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith(
                        "Expected a response but there was none within 20 ms\nws://localhost/later/maybe, ");
    }

    @Test
    void anotherEvent() {
        TestEventStream stream = client.stream("/ticks");
        assertThatThrownBy(() -> stream.expectEvent("Breaking News!"))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith(
                        "Expected an event \"Breaking News!\" but was event message \"first\\nafter \"\nhttp://localhost/ticks, open:\n");
        assertThatThrownBy(() -> stream.expectEvent("day", "tick"))
                .hasMessageStartingWith("Expected an event day \"tick\" but was event time \"tick\", id \"7\"\n");
        stream.close();
        assertThatThrownBy(() -> stream.expectEvent("more"))
                .hasMessageStartingWith("Expected an event \"more\" but was the end\n");
        TestEventStream brief = client.stream("/ticks/short");
        assertThatThrownBy(brief::expectEnd)
                .hasMessageStartingWith("Expected the end but was event message \"only\"\n");
    }

    @Test
    void longTextsAndManyEventsAreCut() {
        Transcript<Object> transcript = new Transcript<>("ws://a/", Duration.ofSeconds(1));
        for (int i = 0; i < 103; i++) {
            transcript.add("event " + i);
        }
        assertThat(transcript.toString())
                .startsWith("ws://a/, open:\n  3 events before\n  event 3\n")
                .endsWith("\n  event 102");
        assertThat(Transcript.quote("ä".repeat(201))).isEqualTo('"' + "ä".repeat(200) + "\"... of 201 characters");
        assertThat(Transcript.quote("\u0000\n")).isEqualTo("\"\\u0000\\n\"");
        assertThat(Transcript.shown(Duration.ofSeconds(5))).isEqualTo("5 s");
    }
}
