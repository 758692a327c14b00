package dev.hawser.websocket.connection;

import static dev.hawser.websocket.protocol.Bytes.close;
import static dev.hawser.websocket.protocol.Bytes.frame;
import static dev.hawser.websocket.protocol.Bytes.hex;
import static dev.hawser.websocket.protocol.Bytes.text;
import static dev.hawser.websocket.protocol.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.WebSocketException;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.HandshakeException;
import dev.hawser.websocket.handshake.OriginPolicy;
import dev.hawser.websocket.handshake.RequestFixture;
import dev.hawser.websocket.handshake.ServerHandshake;
import dev.hawser.websocket.protocol.CloseCode;
import dev.hawser.websocket.protocol.Driver;
import dev.hawser.websocket.protocol.Event;
import dev.hawser.websocket.protocol.Frame;
import dev.hawser.websocket.protocol.Framing;
import dev.hawser.websocket.protocol.Limits;
import dev.hawser.websocket.protocol.Opcode;
import dev.hawser.websocket.protocol.ReadyState;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames, fragments, drops, pongs by hand and the old drafts, as an application sees them. */
class FrameConnectionTests {

    private static final WebSocketOptions QUICK = WebSocketOptions.DEFAULT.with(ConnectionFixture.patience(150));

    private final List<ConnectionFixture> fixtures = new ArrayList<>();

    private ConnectionFixture keep(ConnectionFixture fixture) {
        fixtures.add(fixture);
        return fixture;
    }

    private ConnectionFixture open(WebSocketOptions options) {
        return keep(new ConnectionFixture(options)).open();
    }

    private ConnectionFixture open() {
        return open(WebSocketOptions.DEFAULT);
    }

    @AfterEach
    void end() {
        fixtures.forEach(ConnectionFixture::close);
    }

    @Nested
    class WhereNothingIsPutTogether {

        private final ConnectionFixture peer = open(WebSocketOptions.DEFAULT.with(o -> o.assembleFragments(false)));

        @Test
        void everyFrameIsHeardAndMessagesOfOneFrameToo() {
            peer.receive(
                    frame(0x01, utf8("Hel")),
                    frame(0x89, utf8("?")),
                    frame(0x80, utf8("lo")),
                    text("whole"),
                    frame(0x8a, utf8("!")),
                    close(1000, "bye"));
            assertThat(peer.events)
                    .containsExactly(
                            "open",
                            "frame TEXT Hel",
                            "frame PING ?",
                            "ping ?",
                            "frame CONTINUATION lo",
                            "frame TEXT whole",
                            "message whole",
                            "frame PONG !",
                            "pong !",
                            "frame CLOSE \u0003\ufffdbye",
                            "closed 1000 bye");
            assertThat(peer.observed).contains("received 5").doesNotContain("received 3");
        }

        @Test
        void aCloseFrameWithoutACodeIsEmpty() {
            peer.receive(frame(0x88, new byte[0]));
            assertThat(peer.events).containsExactly("open", "frame CLOSE ", "closed 1005 ");
        }

        @Test
        void framesCanBeSentBackAsTheyCame() {
            peer.socket.onFrame(frame -> {
                if (!frame.opcode().isControl()) {
                    peer.socket.send(frame);
                }
            });
            peer.receive(frame(0x02, utf8("a")), frame(0x00, utf8("b")), frame(0x80, utf8("c")), text("d"));
            assertThat(peer.pipe.received()).containsExactly("binary part a", "part b", "last part c", "text d");
            assertThat(peer.observed).contains("received 3", "sent 3", "received 1", "sent 1");
        }

        @Test
        void aListenerOfFramesThatThrowsEndsItsConnection() {
            peer.socket.onFrame(frame -> {
                throw new IllegalStateException("on purpose");
            });
            peer.receive(frame(0x01, utf8("a")), frame(0x80, utf8("b")));
            assertThat(peer.events).containsExactly("open", "frame TEXT a", "error");
            assertThat(peer.pipe.received()).containsExactly("close 1011 Internal error");
        }

        @Test
        void nothingFollowsAFrameWhoseListenerThrewOrDropped() {
            peer.socket.onFrame(frame -> peer.socket.drop());
            peer.receive(text("whole"));
            assertThat(peer.events).containsExactly("open", "frame TEXT whole");

            ConnectionFixture other = open(WebSocketOptions.DEFAULT.with(o -> o.assembleFragments(false)));
            other.socket.onFrame(frame -> {
                throw new IllegalStateException("on purpose");
            });
            other.receive(frame(0x89, utf8("?")));
            assertThat(other.events).containsExactly("open", "frame PING ?", "error");
        }
    }

    @Test
    void noFrameIsHeardWhereTheyArePutTogether() {
        ConnectionFixture peer = open();
        peer.receive(frame(0x01, utf8("a")), frame(0x89, utf8("?")), frame(0x80, utf8("b")));
        assertThat(peer.events).containsExactly("open", "ping ?", "message ab");
    }

    @Nested
    class Sent {

        private final ConnectionFixture peer = open();

        @Test
        void fragmentsAreOneMessageAndOthersWaitForItsEnd() {
            assertThat(peer.socket.sendFragment("Hel", false)).isTrue();
            assertThat(peer.socket.send("after")).isTrue();
            assertThat(peer.socket.ping()).isTrue();
            assertThat(peer.socket.bufferedAmount()).isEqualTo(7);
            assertThat(peer.socket.sendFragment("lo", true)).isTrue();
            assertThat(peer.socket.bufferedAmount()).isZero();
            assertThat(peer.pipe.received()).containsExactly("text part Hel", "ping ", "last part lo", "text after");
            assertThat(peer.observed).containsSubsequence("sent 5", "sent 5");
        }

        @Test
        void binaryFragmentsAreCopied() {
            byte[] part = utf8("a");
            peer.socket.sendFragment(part, false);
            part[0] = 'x';
            peer.socket.sendFragment(new byte[] {'b'}, true);
            assertThat(peer.pipe.received()).containsExactly("binary part a", "last part b");
            assertThatIllegalStateException().isThrownBy(() -> {
                peer.socket.sendFragment(part, false);
                peer.socket.sendFragment("text", true);
            });
        }

        @Test
        void aCharacterMayBeCutBetweenItsSurrogates() {
            peer.socket.sendFragment("a\ud83d", false);
            peer.socket.sendFragment("\ude00", false);
            peer.socket.sendFragment("\ud83d", true);
            assertThat(peer.pipe.received()).containsExactly("text part a", "part \ud83d\ude00", "last part ?");
        }

        @Test
        void aCharacterThatStaysHalfIsLostWithItsMessage() {
            peer.socket.sendFragment("a\ud83d", false);
            peer.socket.send(Frame.continuation(new byte[0]));
            peer.socket.sendFragment("b", true);
            assertThat(peer.pipe.received()).containsExactly("text part a", "last part ", "text b");
        }

        @Test
        void tooMuchThatWaitsForAnEndThatDoesNotComeClosesTheConnection() {
            ConnectionFixture small = open(QUICK.with(options -> options.maxBuffered(1000)));
            small.socket.sendFragment("begun", false);
            assertThat(small.socket.send("x".repeat(900)))
                    .as("wait for the drain")
                    .isFalse();
            assertThat(small.socket.send("y".repeat(900))).isFalse();
            assertThat(small.events).doesNotContain("drain");
            assertThat(small.socket.send("z")).isFalse();
            small.assertClosed(1013, "Too much waits for the end of a message");
        }

        @Test
        void whatWaitsDoesNotStandInTheWayOfTheEnd() {
            ConnectionFixture small = open(WebSocketOptions.DEFAULT.with(options -> options.maxBuffered(1600)));
            small.socket.sendFragment("a", false);
            assertThat(small.socket.send("x".repeat(2000))).isFalse();
            small.receive(frame(0x89, utf8("?")));
            assertThat(small.socket.ping()).isTrue();
            assertThat(small.socket.sendFragment("b", false)).isTrue();
            assertThat(small.socket.sendFragment("c", true)).isTrue();
            assertThat(small.pipe.received())
                    .containsExactly(
                            "text part a", "pong ?", "ping ", "part b", "last part c", "text " + "x".repeat(2000));
            await().until(() -> small.events.contains("drain"));
        }

        @Test
        void whoSendsPartsWaitsForTheQueueOnly() {
            ConnectionFixture small = open(WebSocketOptions.DEFAULT.with(options -> options.maxBuffered(1600)));
            small.socket.sendFragment("a", false);
            small.socket.send("x".repeat(200));
            small.pipe.limitRoom(0);
            assertThat(small.socket.sendFragment("y".repeat(200), false)).isFalse();
            small.peerReads(1000);
            await().until(() -> small.events.contains("drain"));
            assertThat(small.socket.sendFragment("b", true)).isTrue();
            await().until(() -> small.events.stream().filter("drain"::equals).count() == 2);
        }

        @Test
        void theDrainComesWhenWhatWaitedHasGone() {
            ConnectionFixture small = open(WebSocketOptions.DEFAULT.with(options -> options.maxBuffered(1000)));
            small.socket.sendFragment("begun", false);
            assertThat(small.socket.send("x".repeat(900))).isFalse();
            small.receive(frame(0x89, new byte[0]));
            assertThat(small.events).doesNotContain("drain");
            small.socket.sendFragment("ended", true);
            await().until(() -> small.events.contains("drain"));
        }

        @Test
        void aFrameThatBreaksTheRulesChangesNothing() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> peer.socket.send(Frame.text("a").withReserved(true, false, false)));
            assertThatIllegalStateException().isThrownBy(() -> peer.socket.send(Frame.continuation(new byte[1])));
            assertThat(peer.pipe.received()).isEmpty();
            assertThat(peer.socket.state()).isEqualTo(ReadyState.OPEN);
        }

        @Test
        void aCloseFrameBeginsTheClosingHandshake() {
            ConnectionFixture quick = open(QUICK);
            quick.socket.send(Frame.close(CloseCode.SERVICE_RESTART, "soon"));
            assertThat(quick.pipe.received()).containsExactly("close 1012 soon");
            assertThat(quick.socket.state()).isEqualTo(ReadyState.CLOSING);
            quick.assertClosed(1006, "");
        }

        @Test
        void aMessageAboveTheThresholdGoesInFragments() {
            ConnectionFixture cut = open(WebSocketOptions.DEFAULT.with(options -> options.fragmentThreshold(4)));
            cut.socket.send("Hello, you");
            cut.socket.send("four");
            assertThat(cut.pipe.received()).containsExactly("text part Hell", "part o, y", "last part ou", "text four");
            assertThat(cut.observed).contains("sent 10", "sent 4");
        }
    }

    @Nested
    class Pongs {

        @Test
        void areTheApplicationsWhereItSaysSo() {
            ConnectionFixture peer = open(WebSocketOptions.DEFAULT.with(options -> options.autoPong(false)));
            peer.receive(frame(0x89, utf8("first")));
            assertThat(peer.pipe.received()).isEmpty();
            peer.socket.onPing(payload -> peer.socket.pong(payload));
            peer.receive(frame(0x89, utf8("second")));
            assertThat(peer.pipe.received()).containsExactly("pong second");
        }

        @Test
        void canBeSentUnasked() {
            ConnectionFixture peer = open();
            ByteBuffer payload = ByteBuffer.wrap(utf8("alive"));
            assertThat(peer.socket.pong(payload)).isTrue();
            assertThat(payload.remaining()).isEqualTo(5);
            assertThat(peer.pipe.received()).containsExactly("pong alive");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> peer.socket.pong(ByteBuffer.allocate(126)))
                    .withMessageContaining("126");
            peer.socket.close();
            assertThat(peer.socket.pong(payload)).isFalse();
        }
    }

    @Nested
    class Dropped {

        @Test
        void aPeerGetsTheCodeAndIsNotWaitedFor() {
            ConnectionFixture peer = open(QUICK);
            peer.socket.send("before");
            peer.socket.drop(CloseCode.POLICY_VIOLATION, "enough");
            assertThat(peer.pipe.received()).containsExactly("text before", "close 1008 enough");
            assertThat(peer.pipe.isOutputShut()).isTrue();
            peer.receive(text("not heard"), close(4000, "nor this"));
            peer.endOfInput().assertClosed(1008, "enough");
            assertThat(peer.events).containsExactly("open", "closed 1008 enough");
        }

        @Test
        void aPeerThatDoesNotGoIsCut() {
            ConnectionFixture peer = open(QUICK);
            peer.socket.drop();
            peer.assertClosed(1002, "");
        }

        @Test
        void aListenerMayDropInTheMiddleOfARead() {
            ConnectionFixture peer = open(QUICK);
            peer.socket.onMessage(message -> peer.socket.drop());
            peer.receive(text("first"), text("second"));
            assertThat(peer.events).containsExactly("open", "message first");
            peer.assertClosed(1002, "");
        }

        @Test
        void beforeItIsOpenAPeerGetsTheCodeHoweverLongThatTakes() {
            ConnectionFixture peer = keep(new ConnectionFixture(QUICK));
            peer.socket.drop(CloseCode.TRY_AGAIN_LATER, "");
            await().during(QUICK.closeTimeout().plusMillis(50)).until(() -> peer.events.isEmpty());
            peer.open();
            assertThat(peer.pipe.received()).containsExactly("close 1013 ");
            peer.endOfInput().assertClosed(1013, "");
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 2999, 5000})
        void onlyAValidCodeWillDo(int code) {
            ConnectionFixture peer = open();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> peer.socket.drop(code, ""))
                    .withMessageContaining("but is " + code);
            assertThatIllegalArgumentException().isThrownBy(() -> peer.socket.drop(1000, "x".repeat(124)));
            assertThat(peer.socket.state()).isEqualTo(ReadyState.OPEN);
            peer.socket.close();
            assertThatIllegalArgumentException().isThrownBy(() -> peer.socket.drop(1000, "x".repeat(124)));
        }
    }

    @Test
    void anErrorBeginsWithItsNameAndCode() {
        ConnectionFixture peer = open();
        peer.receive(frame(0x81, hex("ff")));
        assertThat(peer.errors)
                .singleElement()
                .isInstanceOf(WebSocketException.class)
                .extracting(Throwable::getMessage)
                .isEqualTo("invalid-utf8 (1007): Text message is not valid UTF-8");
    }

    @Nested
    class OldDrafts {

        private static final Map<String, String> DRAFT_75 = Map.of();
        private static final Map<String, String> DRAFT_76 = Map.of(
                "Sec-WebSocket-Key1", "4 @1  46546xW%0l 1 5",
                "Sec-WebSocket-Key2", "12998 5 Y3 1  .P00");

        private ConnectionFixture connecting(Map<String, String> keys, WebSocketOptions options) {
            return keep(new ConnectionFixture(driver(keys), options, ConnectionGroup.create()));
        }

        private static Driver driver(Map<String, String> keys) {
            try {
                return Driver.forServer(
                        ServerHandshake.check(RequestFixture.of(keys), OriginPolicy.SAME_ORIGIN, true),
                        Limits.DEFAULT,
                        Framing.DEFAULT,
                        Pipeline.NONE);
            } catch (HandshakeException refused) {
                throw new AssertionError(refused);
            }
        }

        private static String received(ConnectionFixture peer) {
            return new String(peer.pipe.receivedBytes(), StandardCharsets.ISO_8859_1);
        }

        @Test
        void draft76OpensWhenItsBodyHasComeAndWhatWasSentFollows() {
            ConnectionFixture peer = connecting(DRAFT_76, QUICK);
            assertThat(peer.socket.version()).isEqualTo("hixie-76");
            assertThat(peer.socket.send("early")).isTrue();
            peer.open();
            assertThat(peer.socket.state()).isEqualTo(ReadyState.CONNECTING);
            assertThat(peer.socket.send("later")).isTrue();
            assertThat(peer.socket.bufferedAmount()).isEqualTo(14);
            assertThat(received(peer)).isEmpty();
            peer.receive(utf8("^n:d"));
            assertThat(peer.events).isEmpty();
            assertThat(peer.observed).doesNotContain("opened");

            peer.receive(utf8("s[4U"), hex("00"), utf8("hello"), hex("ff"));

            assertThat(received(peer)).isEqualTo("8jKS'y:G*Co,Wxa-\0early\u00ff\0later\u00ff");
            assertThat(peer.events).containsExactly("open", "message hello");
            assertThat(peer.observed).contains("opened");
            peer.receive(hex("ff 00"));
            assertThat(received(peer)).endsWith("\u00ff\0");
            peer.assertClosed(1005, "");
        }

        @Test
        void draft76OpensThoughItIsPausedAndThenHoldsBack() {
            ConnectionFixture peer = connecting(DRAFT_76, QUICK);
            peer.socket.pause();
            peer.open().receive(utf8("^n:ds[4U"), hex("00"), utf8("hello"), hex("ff"));
            assertThat(peer.events).containsExactly("open");
            peer.socket.resume();
            await().until(() -> peer.events.contains("message hello"));
        }

        @Test
        void draft76WhoseBodyNeverComesIsCut() {
            ConnectionFixture peer =
                    connecting(DRAFT_76, QUICK.with(options -> options.pingTimeout(Duration.ofMillis(100))));
            peer.socket.send("never sent");
            peer.open().receive(utf8("^n:ds[4"));
            await().until(() -> peer.events.contains("closed 1006 "));
            assertThat(peer.pipe.isClosed()).isTrue();
            assertThat(peer.observed).noneMatch(event -> event.startsWith("closed") || event.startsWith("opened"));
            assertThat(peer.group.size()).isZero();
        }

        @Test
        void draft76ThatLeavesBeforeItsBodyLeavesNothing() {
            ConnectionFixture peer = connecting(DRAFT_76, WebSocketOptions.DEFAULT);
            peer.socket.send("never sent");
            peer.open().receive(utf8("^n")).endOfInput();
            await().until(() -> peer.events.contains("closed 1006 "));
            assertThat(peer.pipe.isClosed()).isTrue();
            assertThat(peer.group.size()).isZero();
        }

        @Test
        void draft76ClosesWithItsHandshake() {
            ConnectionFixture peer = connecting(DRAFT_76, QUICK).open();
            peer.receive(utf8("^n:ds[4U"));
            peer.socket.close(4000, "not on this wire");
            assertThat(received(peer)).isEqualTo("8jKS'y:G*Co,Wxa-\u00ff\0");
            peer.receive(hex("ff 00")).assertClosed(1005, "");
        }

        @Test
        void draft75ClosesWithItsSocket() {
            ConnectionFixture ours = connecting(DRAFT_75, QUICK).open();
            ours.socket.close();
            assertThat(ours.pipe.isOutputShut()).isTrue();
            ours.endOfInput().assertClosed(1005, "");

            ConnectionFixture theirs = connecting(DRAFT_75, QUICK).open();
            theirs.receive(hex("00"), utf8("hello"), hex("ff")).endOfInput().assertClosed(1005, "");
            assertThat(theirs.events).containsExactly("open", "message hello", "closed 1005 ");
        }

        @Test
        void draft76ThatEndsWhileItOpensIsNotOpened() {
            Driver real = driver(DRAFT_76);
            AtomicReference<WebSocketConnection> connection = new AtomicReference<>();
            // Another thread ends the connection between the reading of the body and its answer.
            Driver racing = (Driver) Proxy.newProxyInstance(
                    Driver.class.getClassLoader(), new Class<?>[] {Driver.class}, (proxy, method, arguments) -> {
                        Object result = method.invoke(real, arguments);
                        if (result instanceof Event.Open) {
                            connection.get().terminate();
                        }
                        return result;
                    });
            ConnectionFixture peer = keep(new ConnectionFixture(racing, QUICK, ConnectionGroup.create()));
            connection.set(peer.socket);
            peer.open().receive(utf8("^n:ds[4U"));
            await().until(() -> peer.events.contains("closed 1006 "));
            assertThat(peer.events).doesNotContain("open");
            assertThat(peer.observed).isEmpty();
        }

        @Test
        void noFramesAreHeardOfThem() {
            ConnectionFixture peer = connecting(DRAFT_76, QUICK.with(o -> o.assembleFragments(false)))
                    .open();
            peer.receive(utf8("^n:ds[4U"), hex("00"), utf8("Hi"), hex("ff ff 00"));
            assertThat(peer.events).containsExactly("open", "message Hi", "closed 1005 ");
        }

        @Test
        void draft75ThatIsResetDidNotClose() {
            ConnectionFixture peer = connecting(DRAFT_75, QUICK).open();
            peer.reset().assertClosed(1006, "");
        }

        @Test
        void brokenRulesAreToldByName() {
            ConnectionFixture peer = connecting(DRAFT_75, QUICK).open();
            peer.receive(hex("00 c0"));
            assertThat(peer.errors)
                    .singleElement()
                    .extracting(Throwable::getMessage)
                    .asString()
                    .startsWith("invalid-utf8");
            peer.endOfInput().assertClosed(1007, "Text message is not valid UTF-8");
        }

        @Test
        void noPingsAreSentAndNobodyIsCutForSilence() {
            ConnectionFixture peer = connecting(
                            DRAFT_75, WebSocketOptions.DEFAULT.with(options -> options.ping(Duration.ofMillis(10))
                                    .pingTimeout(Duration.ofMillis(20))))
                    .open();
            assertThat(peer.socket.ping()).isFalse();
            await().during(Duration.ofMillis(200))
                    .until(() -> peer.socket.state() == ReadyState.OPEN
                            && received(peer).isEmpty());
        }

        @Test
        void whatTheyCannotSayIsRefusedAndChangesNothing() {
            ConnectionFixture peer = connecting(DRAFT_75, QUICK).open();
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> peer.socket.send(new byte[1]))
                    .withMessageContaining("hixie-75");
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> peer.socket.sendFragment("a", false));
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> peer.socket.send(Frame.of(Opcode.PING, new byte[0])));
            assertThat(peer.socket.send("still here")).isTrue();
            assertThat(received(peer)).isEqualTo("\0still here\u00ff");
        }
    }
}
