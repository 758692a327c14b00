package dev.hawser.websocket.protocol;

import static dev.hawser.websocket.protocol.Bytes.hex;
import static dev.hawser.websocket.protocol.Bytes.join;
import static dev.hawser.websocket.protocol.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.websocket.handshake.Version;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The drafts 75 and 76 in bytes, with their own examples; what both have in common is tested with both. */
class HixieDriverTests {

    private static final Limits SMALL = new Limits(100, 60, 4);
    private static final byte[] CLOSING = hex("ff 00");

    private static DriverFixture open(Version version, Limits limits) {
        if (version == Version.HIXIE_75) {
            return new DriverFixture(HixieDriver.draft75(limits));
        }
        DriverFixture peer = new DriverFixture(HixieDriver.draft76(limits, hex("316e4113 0f7ed63c")));
        peer.receive(utf8("^n:ds[4U"));
        peer.events.clear();
        peer.output();
        return peer;
    }

    private static DriverFixture open(Version version) {
        return open(version, Limits.DEFAULT);
    }

    private static byte[] text(String text) {
        return join(hex("00"), utf8(text), hex("ff"));
    }

    private static List<String> texts(DriverFixture peer) {
        return peer.events.stream()
                .map(event -> Bytes.string(((Event.Text) event).utf8()))
                .toList();
    }

    @Nested
    class InBothDrafts {

        @ParameterizedTest
        @EnumSource(names = "HIXIE_.*", mode = EnumSource.Mode.MATCH_ALL)
        void textStandsBetweenTwoMarks(Version version) {
            DriverFixture peer = open(version).receive(hex("00 48 65 6c 6c 6f ff"));
            assertThat(texts(peer)).containsExactly("Hello");
            assertThat(peer.driver.text(utf8("Hello"))).isTrue();
            assertThat(peer.output()).isEqualTo(hex("00 48 65 6c 6c 6f ff"));
            assertThat(peer.driver.version()).isEqualTo(version);
            assertThat(peer.driver.isReceiving()).as("by an extension").isFalse();
            assertThat(peer.driver.isSending()).as("by an extension").isFalse();
        }

        @ParameterizedTest
        @EnumSource(names = "HIXIE_.*", mode = EnumSource.Mode.MATCH_ALL)
        void anyWayOfCuttingTheBytesGivesTheSame(Version version) {
            Random random = new Random(7);
            byte[] bytes = join(
                    text(""), text("gr\u00fcn"), hex("80 03 01 ff 00"), text("\ud83d\ude00".repeat(50)), hex("81 00"));
            for (int round = 0; round < 200; round++) {
                DriverFixture peer = open(version);
                for (int at = 0; at < bytes.length; ) {
                    int end = Math.min(bytes.length, at + 1 + random.nextInt(40));
                    peer.receive(Arrays.copyOfRange(bytes, at, end));
                    at = end;
                }
                assertThat(texts(peer)).containsExactly("", "gr\u00fcn", "\ud83d\ude00".repeat(50));
            }
        }

        @ParameterizedTest
        @EnumSource(names = "HIXIE_.*", mode = EnumSource.Mode.MATCH_ALL)
        void aMessageOfAnyLengthIsReadAndWritten(Version version) {
            DriverFixture peer = open(version);
            for (int length : new int[] {0, 1, 125, 126, 4095, 4096, 65_536, 300_000}) {
                peer.events.clear();
                String text = "x".repeat(length);
                peer.receive(text(text));
                peer.driver.text(utf8(text));
                assertThat(texts(peer)).containsExactly(text);
                assertThat(peer.output()).isEqualTo(text(text));
            }
        }

        /** Draft-76, section 5.3: bytes that are announced by their length are dropped. */
        @ParameterizedTest
        @EnumSource(names = "HIXIE_.*", mode = EnumSource.Mode.MATCH_ALL)
        void whatComesByItsLengthIsDropped(Version version) {
            byte[] of200 = join(hex("80 81 48"), new byte[200]);
            byte[] of16384 = join(hex("80 81 80 00"), new byte[16384]);
            DriverFixture peer =
                    open(version).receive(hex("80 02 00 ff"), of200, of16384, hex("ff 01 ff"), text("after"));
            assertThat(texts(peer)).containsExactly("after");
        }

        @ParameterizedTest
        @CsvSource({
            "HIXIE_75, 01, UNKNOWN_OPCODE",
            "HIXIE_76, 7f, UNKNOWN_OPCODE",
            "HIXIE_75, 80 80, INVALID_LENGTH",
            "HIXIE_76, ff 80 00, INVALID_LENGTH",
            "HIXIE_75, 80 3d, FRAME_TOO_LONG",
            "HIXIE_76, 80 ff ff ff ff ff ff ff ff ff 7f, FRAME_TOO_LONG",
            "HIXIE_75, 00 ed a0 80, INVALID_UTF8",
            "HIXIE_76, 00 e2 82 ff, INVALID_UTF8",
            "HIXIE_76, 00 c0, INVALID_UTF8"
        })
        void whatBreaksTheRulesFails(Version version, String bytes, Violation violation) {
            for (DriverFixture peer : List.of(
                    open(version, SMALL).receive(text("fine"), hex(bytes), text("never read")),
                    open(version, SMALL).receiveSlowly(text("fine"), hex(bytes), text("never read")))) {
                assertThat(peer.events).hasSize(2);
                assertThat(((Event.Failure) peer.last()).violation()).isEqualTo(violation);
                assertThat(peer.output()).isEqualTo(version == Version.HIXIE_76 ? CLOSING : new byte[0]);
                assertThat(peer.driver.state()).isEqualTo(ReadyState.CLOSING);
                assertThat(peer.driver.isFinished()).isTrue();
                assertThat(peer.driver.text(utf8("late"))).isFalse();
            }
        }

        @ParameterizedTest
        @EnumSource(names = "HIXIE_.*", mode = EnumSource.Mode.MATCH_ALL)
        void aMessageOfTheGreatestLengthPassesAndOneByteMoreFailsBeforeItsEnd(Version version) {
            assertThat(texts(open(version, SMALL).receive(text("x".repeat(60)))))
                    .hasSize(1);
            Limits equal = new Limits(60, 60, 1);
            for (DriverFixture peer : List.of(
                    open(version, SMALL).receive(hex("00"), utf8("x".repeat(61))),
                    open(version, SMALL).receiveSlowly(hex("00"), utf8("x".repeat(61))))) {
                assertThat(peer.last())
                        .isEqualTo(new Event.Failure(
                                Violation.FRAME_TOO_LONG, "Frame is longer than max-frame-length (60 bytes)"));
            }
            assertThat(open(version, equal)
                            .receive(hex("00"), utf8("x".repeat(61)))
                            .last())
                    .isEqualTo(new Event.Failure(
                            Violation.MESSAGE_TOO_LONG, "Message is longer than max-length (60 bytes)"));
            assertThat(texts(open(version, SMALL).receive(join(hex("80 3c"), new byte[60]), text("a"))))
                    .containsExactly("a");
        }

        @ParameterizedTest
        @EnumSource(names = "HIXIE_.*", mode = EnumSource.Mode.MATCH_ALL)
        void nothingElseCanBeSent(Version version) {
            Driver driver = open(version).driver;
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    () -> driver.binary(new byte[1]),
                    () -> driver.fragment(Opcode.TEXT, utf8("a"), false),
                    () -> driver.frame(Frame.text("a")))) {
                assertThatThrownBy(call)
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining(version.toString());
            }
            assertThat(driver.ping(new byte[0])).isFalse();
            assertThat(driver.pong(new byte[0])).isFalse();
            assertThat(driver.output().isEmpty()).isTrue();
        }

        @ParameterizedTest
        @EnumSource(names = "HIXIE_.*", mode = EnumSource.Mode.MATCH_ALL)
        void aDroppedPeerIsNotHeardAnyMore(Version version) {
            DriverFixture peer = open(version);
            peer.driver.drop(CloseCode.POLICY_VIOLATION, "");
            assertThat(peer.driver.isFinished()).isTrue();
            assertThat(peer.receive(text("late")).events).isEmpty();
        }

        @ParameterizedTest
        @EnumSource(names = "HIXIE_.*", mode = EnumSource.Mode.MATCH_ALL)
        void aDriverWhoseSocketIsGoneHoldsNothing(Version version) {
            DriverFixture peer = open(version);
            peer.driver.text(utf8("unsent"));
            peer.driver.disconnected();
            assertThat(peer.driver.state()).isEqualTo(ReadyState.CLOSED);
            assertThat(peer.driver.output().isEmpty()).isTrue();
            assertThat(peer.driver.held()).isZero();
            assertThat(peer.driver.text(utf8("more"))).isFalse();
            assertThat(peer.receive(text("late")).events).isEmpty();
        }
    }

    @Nested
    class Draft75 {

        private final DriverFixture peer = open(Version.HIXIE_75);

        @Test
        void isOpenWithItsHeaders() {
            assertThat(peer.driver.state()).isEqualTo(ReadyState.OPEN);
        }

        @Test
        void closesWithoutAWord() {
            assertThat(peer.driver.close(1000, "ignored")).isTrue();
            assertThat(peer.driver.close(1000, "")).isFalse();
            assertThat(peer.output()).isEmpty();
            assertThat(peer.driver.isFinished()).isTrue();
        }

        @Test
        void hasNoClosingHandshake() {
            assertThat(texts(peer.receive(CLOSING, text("still here")))).containsExactly("still here");
            assertThat(peer.output()).isEmpty();
        }

        @Test
        void whatIsSentBeforeItIsOpenWaits() {
            Driver driver = HixieDriver.draft75(Limits.DEFAULT);
            assertThat(driver.text(utf8("a"))).isTrue();
            assertThat(driver.output().size()).isEqualTo(3);
        }
    }

    @Nested
    class Draft76 {

        /** The examples of the draft, sections 1.2 and 1.3. */
        @ParameterizedTest
        @CsvSource({
            "316e4113 0f7ed63c, ^n:ds[4U, '8jKS''y:G*Co,Wxa-'",
            "0947fa63 0a5510d3, Tm[K T2u, 'fQJ,fN/4F4!~K~MH'"
        })
        void theDraftsBodyGetsTheDraftsAnswer(String challenge, String body, String answer) {
            for (int cut = 0; cut <= 8; cut++) {
                DriverFixture peer = new DriverFixture(HixieDriver.draft76(Limits.DEFAULT, hex(challenge)));
                assertThat(peer.driver.state()).isEqualTo(ReadyState.CONNECTING);
                peer.receive(utf8(body.substring(0, cut)));
                assertThat(peer.driver.state() == ReadyState.OPEN).isEqualTo(cut == 8);
                peer.receive(utf8(body.substring(cut)), text("in the same packet"));
                assertThat(peer.driver.state()).isEqualTo(ReadyState.OPEN);
                assertThat(peer.events).hasSize(2).first().isInstanceOf(Event.Open.class);
                assertThat(peer.output()).isEqualTo(utf8(answer));
            }
        }

        @Test
        void whatIsSentBeforeTheBodyFollowsItsAnswer() {
            DriverFixture peer = new DriverFixture(HixieDriver.draft76(Limits.DEFAULT, hex("316e4113 0f7ed63c")));
            assertThat(peer.driver.text(utf8("early"))).isTrue();
            assertThat(peer.driver.output().isEmpty()).isTrue();
            assertThat(peer.driver.held()).isEqualTo(7);

            peer.receive(utf8("^n:ds[4U"));

            assertThat(peer.driver.held()).isZero();
            assertThat(peer.output()).isEqualTo(join(utf8("8jKS'y:G*Co,Wxa-"), text("early")));
        }

        @Test
        void aCloseBeforeTheBodyFollowsItsAnswerToo() {
            DriverFixture peer = new DriverFixture(HixieDriver.draft76(Limits.DEFAULT, hex("316e4113 0f7ed63c")));
            peer.driver.close(1000, "");
            assertThat(peer.driver.text(utf8("late"))).isFalse();
            peer.receive(utf8("^n:ds[4U"));
            assertThat(peer.driver.state()).isEqualTo(ReadyState.CLOSING);
            assertThat(peer.output()).isEqualTo(join(utf8("8jKS'y:G*Co,Wxa-"), CLOSING));
            peer.receive(CLOSING);
            assertThat(peer.driver.isFinished()).isTrue();
        }

        @Test
        void theirClosingHandshakeIsAnsweredOnce() {
            DriverFixture peer = open(Version.HIXIE_76).receive(CLOSING, text("late"));
            assertThat(peer.events).containsExactly(new Event.Close(CloseCode.NO_STATUS, ""));
            assertThat(peer.output()).isEqualTo(CLOSING);
            assertThat(peer.driver.isFinished()).isTrue();
        }

        @Test
        void oursWaitsForTheirsAndMessagesStillArrive() {
            DriverFixture peer = open(Version.HIXIE_76);
            assertThat(peer.driver.close(4000, "ignored")).isTrue();
            assertThat(peer.output()).isEqualTo(CLOSING);
            assertThat(peer.driver.isFinished()).isFalse();
            assertThat(texts(peer.receive(text("still here")))).containsExactly("still here");
            peer.receive(CLOSING);
            assertThat(peer.output()).isEmpty();
            assertThat(peer.driver.isFinished()).isTrue();
        }

        @ParameterizedTest
        @ValueSource(strings = {"ff 01 00", "fe 00", "80 00"})
        void onlyAnEmptyFrameOfTypeFfIsAClose(String bytes) {
            assertThat(open(Version.HIXIE_76).receive(hex(bytes)).events).isEmpty();
        }
    }
}
