package dev.hawser.websocket.protocol;

import static dev.hawser.websocket.protocol.Bytes.close;
import static dev.hawser.websocket.protocol.Bytes.frame;
import static dev.hawser.websocket.protocol.Bytes.hex;
import static dev.hawser.websocket.protocol.Bytes.join;
import static dev.hawser.websocket.protocol.Bytes.text;
import static dev.hawser.websocket.protocol.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.Version;
import java.nio.ReadOnlyBufferException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames one by one: sent, received, and in fragments of one's own (RFC 6455, section 5.4). */
class FramesTests {

    private static final Limits SMALL = new Limits(100, 60, 4);

    private final DriverFixture peer = new DriverFixture();

    private static DriverFixture framed(Limits limits) {
        return new DriverFixture(new HybiDriver(
                Version.HYBI_13, limits, new Framing(false, Framing.DEFAULT.threshold()), Pipeline.NONE));
    }

    @Nested
    class Sent {

        @Test
        void standOnTheWireAsTheyAre() {
            for (Frame frame : List.of(
                    Frame.text("Hel").withFin(false),
                    Frame.of(Opcode.PING, utf8("?")),
                    Frame.continuation(utf8("lo")),
                    Frame.binary(hex("ff")),
                    Frame.of(Opcode.PONG, new byte[0]),
                    Frame.close(4000, "bye"))) {
                assertThat(peer.driver.frame(frame)).isTrue();
            }
            assertThat(peer.output())
                    .isEqualTo(hex("01 03 48656c  89 01 3f  80 02 6c6f  82 01 ff  8a 00  88 05 0fa0 627965"));
            assertThat(peer.driver.state()).isEqualTo(ReadyState.CLOSING);
            assertThat(peer.driver.frame(Frame.text("late"))).isFalse();
            assertThat(peer.driver.frame(Frame.of(Opcode.PING, new byte[0]))).isFalse();
            assertThat(peer.driver.frame(Frame.close(1000, ""))).isFalse();
        }

        @Test
        void areNotMaskedByAServerWhateverTheySay() {
            peer.driver.frame(Frame.text("a").withMasked(true));
            assertThat(peer.output()).isEqualTo(hex("81 01 61"));
        }

        static Stream<Arguments> wrong() {
            return Stream.of(
                    Arguments.argumentSet("rsv1", Frame.text("a").withReserved(true, false, false), "reserved"),
                    Arguments.argumentSet("rsv2", Frame.text("a").withReserved(false, true, false), "reserved"),
                    Arguments.argumentSet("rsv3", Frame.text("a").withReserved(false, false, true), "reserved"),
                    Arguments.argumentSet(
                            "half a ping", Frame.of(Opcode.PING, hex("00")).withFin(false), "PING"),
                    Arguments.argumentSet("half a close", Frame.close(1000, "").withFin(false), "CLOSE"),
                    Arguments.argumentSet("a long ping", Frame.of(Opcode.PING, new byte[126]), "126"),
                    Arguments.argumentSet("a long pong", Frame.of(Opcode.PONG, new byte[126]), "126"),
                    Arguments.argumentSet("a close of one byte", Frame.of(Opcode.CLOSE, new byte[1]), "two bytes"),
                    Arguments.argumentSet("1005", Frame.of(Opcode.CLOSE, hex("03ed")), "1005"),
                    Arguments.argumentSet("1004", Frame.of(Opcode.CLOSE, hex("03ec")), "1004"),
                    Arguments.argumentSet("a bad reason", Frame.of(Opcode.CLOSE, hex("03e8 ff")), "UTF-8"),
                    Arguments.argumentSet("text that is none", Frame.of(Opcode.TEXT, hex("ed a0 80")), "UTF-8"),
                    Arguments.argumentSet("text that ends early", Frame.of(Opcode.TEXT, hex("e2 82")), "UTF-8"));
        }

        @ParameterizedTest
        @MethodSource("wrong")
        void areRefusedWhereTheyBreakTheRules(Frame frame, String why) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> peer.driver.frame(frame))
                    .withMessageContaining(why);
            assertThat(peer.output()).isEmpty();
            assertThat(peer.driver.state()).isEqualTo(ReadyState.OPEN);
            assertThat(peer.driver.frame(Frame.text("fine"))).isTrue();
        }

        @Test
        void areRefusedOutOfOrder() {
            assertThatIllegalStateException()
                    .isThrownBy(() -> peer.driver.frame(Frame.continuation(new byte[0])))
                    .withMessage(
                            "Expected a TEXT or BINARY frame, since no message is in progress, but was CONTINUATION");
            peer.driver.frame(Frame.binary(hex("01")).withFin(false));
            assertThatIllegalStateException()
                    .isThrownBy(() -> peer.driver.frame(Frame.text("a")))
                    .withMessage("Expected CONTINUATION of the BINARY message in progress but was TEXT");
            peer.driver.frame(Frame.continuation(hex("02")));
            assertThat(peer.output()).isEqualTo(hex("02 01 01  80 01 02"));
        }

        @Test
        void thatContinueTextMustContinueItsCharacters() {
            peer.driver.frame(Frame.of(Opcode.TEXT, hex("e2 82")).withFin(false));
            assertThatIllegalArgumentException().isThrownBy(() -> peer.driver.frame(Frame.continuation(utf8("x"))));
            assertThatIllegalArgumentException().isThrownBy(() -> peer.driver.frame(Frame.continuation(new byte[0])));
            peer.driver.frame(Frame.continuation(hex("ac")));
            assertThat(peer.output()).isEqualTo(hex("01 02 e282  80 01 ac"));
        }
    }

    @Nested
    class Fragments {

        @Test
        void carryOneMessage() {
            assertThat(peer.driver.fragment(Opcode.TEXT, utf8("Hel"), false)).isTrue();
            assertThat(peer.driver.fragment(Opcode.TEXT, utf8(""), false)).isTrue();
            assertThat(peer.driver.fragment(Opcode.TEXT, utf8("lo"), true)).isTrue();
            assertThat(peer.driver.fragment(Opcode.BINARY, hex("01"), true)).isTrue();
            assertThat(peer.output()).isEqualTo(hex("01 03 48656c  00 00  80 02 6c6f  82 01 01"));
        }

        @ParameterizedTest
        @CsvSource({"TEXT, BINARY", "BINARY, TEXT"})
        void areAllOfOneType(Opcode first, Opcode second) {
            peer.driver.fragment(first, utf8("a"), false);
            assertThatIllegalStateException()
                    .isThrownBy(() -> peer.driver.fragment(second, utf8("b"), false))
                    .withMessageContaining(first.toString())
                    .withMessageContaining(second.toString());
        }

        @ParameterizedTest
        @EnumSource(names = {"CONTINUATION", "CLOSE", "PING", "PONG"})
        void areOfTextOrBinaryMessages(Opcode other) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> peer.driver.fragment(other, new byte[200], false))
                    .withMessageContaining(other.toString());
            assertThat(peer.output()).isEmpty();
        }

        @Test
        void keepWholeMessagesWaitingButNotControlFrames() {
            peer.driver.fragment(Opcode.BINARY, hex("01"), false);
            peer.driver.text(utf8("later"));
            peer.driver.binary(new byte[5000]);
            peer.driver.ping(utf8("?"));
            peer.receive(frame(0x89, utf8("!")));
            assertThat(peer.output()).isEqualTo(hex("02 01 01  89 01 3f  8a 01 21"));
            assertThat(peer.driver.held()).isEqualTo(7 + 5004);

            peer.driver.fragment(Opcode.BINARY, hex("02"), true);

            assertThat(peer.driver.held()).isZero();
            assertThat(peer.output())
                    .isEqualTo(join(hex("80 01 02"), hex("81 05"), utf8("later"), hex("82 7e 1388"), new byte[5000]));
            peer.driver.text(utf8("now"));
            assertThat(peer.output()).isEqualTo(hex("81 03 6e6f77"));
        }

        @Test
        void thatAreCutShortByACloseLoseWhatWaits() {
            peer.driver.fragment(Opcode.TEXT, utf8("a"), false);
            peer.driver.text(utf8("waits"));
            peer.driver.close(1000, "");
            assertThat(peer.driver.held()).isZero();
            assertThat(peer.output()).isEqualTo(hex("01 01 61  88 02 03e8"));
            assertThat(peer.driver.fragment(Opcode.TEXT, utf8("b"), true)).isFalse();
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 9, 10, 11, 20, 25, 4096 * 3})
        void areMadeOfMessagesLongerThanTheThreshold(int length) {
            int threshold = length > 4096 ? 4096 : 10;
            DriverFixture sender = new DriverFixture(
                    new HybiDriver(Version.HYBI_13, Limits.DEFAULT, new Framing(true, threshold), Pipeline.NONE));
            byte[] data = new byte[length];
            Arrays.fill(data, (byte) 'x');
            sender.driver.text(data);

            byte[] expected = new byte[0];
            int start = 0;
            do {
                int end = Math.min(length, start + threshold);
                int first = (end == length ? 0x80 : 0) | (start == 0 ? 0x01 : 0x00);
                expected = join(expected, unmasked(first, end - start), Arrays.copyOfRange(data, start, end));
                start = end;
            } while (start < length);
            assertThat(sender.output()).isEqualTo(expected);
        }

        private static byte[] unmasked(int first, int length) {
            return length < 126
                    ? new byte[] {(byte) first, (byte) length}
                    : new byte[] {(byte) first, 126, (byte) (length >> 8), (byte) length};
        }

        @Test
        void needAThresholdOfAtLeastOneByte() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Framing(true, 0))
                    .withMessageContaining("fragment-threshold");
        }
    }

    @Nested
    class Received {

        private final DriverFixture framed = framed(Limits.DEFAULT);

        private List<String> frames() {
            return framed.events.stream()
                    .map(event -> ((Event.Fragment) event).frame())
                    .map(frame -> frame + " " + Bytes.string(frame.toByteArray()))
                    .toList();
        }

        @Test
        void comeOneByOneWhereNothingIsPutTogether() {
            framed.receiveSlowly(frame(0x01, utf8("Hel")), frame(0x80, utf8("lo")), frame(0x82, utf8("!")));
            assertThat(frames())
                    .containsExactly(
                            "TEXT frame of 3 bytes, to be continued Hel",
                            "CONTINUATION frame of 2 bytes lo",
                            "BINARY frame of 1 bytes !");
            Frame first = ((Event.Fragment) framed.events.get(0)).frame();
            assertThat(first.masked()).isTrue();
            assertThat(first.fin()).isFalse();
            assertThat(first.rsv1() || first.rsv2() || first.rsv3()).isFalse();
        }

        @Test
        void keepTheOrderOfFragments() {
            framed.receive(frame(0x01, utf8("a")), frame(0x81, utf8("b")));
            assertThat(((Event.Failure) framed.last()).violation()).isEqualTo(Violation.EXPECTED_CONTINUATION);
            assertThat(((Event.Failure) framed(SMALL)
                                    .receive(frame(0x80, utf8("a")))
                                    .last())
                            .violation())
                    .isEqualTo(Violation.UNEXPECTED_CONTINUATION);
        }

        @Test
        void mayCutACharacterButNotBreakIt() {
            framed.receive(frame(0x01, hex("e2 82")), frame(0x80, hex("ac")), frame(0x01, hex("e2 82")));
            assertThat(framed.events).hasSize(3);
            framed.receive(frame(0x00, utf8("x")));
            assertThat(((Event.Failure) framed.last()).violation()).isEqualTo(Violation.INVALID_UTF8);
            assertThat(((Event.Failure) framed(SMALL)
                                    .receive(frame(0x81, hex("e2 82")))
                                    .last())
                            .violation())
                    .isEqualTo(Violation.INVALID_UTF8);
        }

        @Test
        void mayBeLongerTogetherThanAMessageAndMoreThanItsFragments() {
            DriverFixture small = framed(SMALL);
            small.receive(frame(0x02, new byte[60]));
            for (int i = 0; i < 1000; i++) {
                small.receive(frame(0x00, new byte[60]));
            }
            small.receive(frame(0x80, new byte[60]));
            assertThat(small.events).hasSize(1002).allMatch(Event.Fragment.class::isInstance);
        }

        @Test
        void areEachBoundByTheLimitOfAFrame() {
            assertThat(((Event.Failure) framed(SMALL)
                                    .receive(frame(0x02, new byte[61]))
                                    .last())
                            .violation())
                    .isEqualTo(Violation.FRAME_TOO_LONG);
            DriverFixture equal = framed(new Limits(100, 100, 4));
            equal.receive(frame(0x02, new byte[100]), frame(0x80, new byte[101]));
            assertThat(((Event.Failure) equal.last()).violation()).isEqualTo(Violation.FRAME_TOO_LONG);
        }

        @Test
        void ofAnyLengthComeWhole() {
            byte[] data = new byte[200_000];
            Arrays.fill(data, (byte) 7);
            framed.receive(frame(0x02, data), frame(0x00, data));
            for (int at = 0; at < 5; at++) {
                framed.receive(frame(0x00, new byte[0]));
            }
            byte[] last = frame(0x80, data);
            for (int at = 0; at < last.length; at += 8192) {
                framed.receive(Arrays.copyOfRange(last, at, Math.min(last.length, at + 8192)));
            }
            assertThat(framed.events).hasSize(8);
            for (int i : new int[] {0, 1, 7}) {
                assertThat(((Event.Fragment) framed.events.get(i)).frame().unwrap())
                        .isEqualTo(data);
            }
        }

        @Test
        void controlFramesAreEventsAsEver() {
            framed.receive(frame(0x01, utf8("a")), frame(0x89, utf8("?")), close(1000, ""));
            assertThat(framed.events).hasSize(3).element(1).isInstanceOf(Event.Ping.class);
            assertThat(framed.output()).isEqualTo(hex("8a 01 3f  88 02 03e8"));
        }
    }

    @Nested
    class AFrame {

        @Test
        void tellsItsHeader() {
            Frame frame = Frame.of(Opcode.BINARY, hex("01 02 03")).withReserved(true, false, true);
            assertThat(frame.fin()).isTrue();
            assertThat(frame.rsv1()).isTrue();
            assertThat(frame.rsv2()).isFalse();
            assertThat(frame.rsv3()).isTrue();
            assertThat(frame.opcode()).isEqualTo(Opcode.BINARY);
            assertThat(frame.masked()).isFalse();
            assertThat(frame.length()).isEqualTo(3);
            assertThat(frame.withFin(false).rsv3()).isTrue();
            assertThat(frame.withMasked(true).masked()).isTrue();
            assertThat(frame.withReserved(false, true, false).rsv2()).isTrue();
            assertThat(frame).hasToString("BINARY frame of 3 bytes");
        }

        @Test
        void cannotBeChanged() {
            byte[] data = hex("01");
            Frame frame = Frame.binary(data);
            data[0] = 2;
            frame.toByteArray()[0] = 3;
            assertThat(frame.payload().get()).isEqualTo((byte) 1);
            assertThatExceptionOfType(ReadOnlyBufferException.class)
                    .isThrownBy(() -> frame.payload().put((byte) 4));
        }

        @Test
        void ofACloseHoldsAReasonThatFits() {
            assertThat(Frame.close(1000, "x".repeat(123)).length()).isEqualTo(125);
            assertThatIllegalArgumentException().isThrownBy(() -> Frame.close(1000, "x".repeat(124)));
        }
    }

    @Nested
    class Dropped {

        @Test
        void aPeerGetsACloseFrameAndIsNotHeardAnyMore() {
            peer.driver.drop(CloseCode.PROTOCOL_ERROR, "enough");
            assertThat(peer.output()).isEqualTo(hex("88 08 03ea 656e6f756768"));
            assertThat(peer.driver.isFinished()).isTrue();
            assertThat(peer.receive(text("late"), close(1000, "")).events).isEmpty();
        }

        @Test
        void whileItClosesAPeerGetsNoSecondCloseFrame() {
            peer.driver.close(1000, "");
            peer.driver.drop(CloseCode.PROTOCOL_ERROR, "");
            assertThat(peer.output()).isEqualTo(hex("88 02 03e8"));
            assertThat(peer.driver.isFinished()).isTrue();
        }

        @Test
        void aReasonThatDoesNotFitChangesNothing() {
            assertThatIllegalArgumentException().isThrownBy(() -> peer.driver.drop(1002, "x".repeat(124)));
            assertThat(peer.driver.isFinished()).isFalse();
            assertThat(peer.receive(text("heard")).events).hasSize(1);
        }
    }

    @Nested
    class Hybi8And7 {

        @ParameterizedTest
        @EnumSource(names = {"HYBI_7", "HYBI_8"})
        void haveTheFramesOfTheRfcAndOneMoreCloseCode(Version version) {
            DriverFixture old =
                    new DriverFixture(new HybiDriver(version, Limits.DEFAULT, Framing.DEFAULT, Pipeline.NONE));
            old.receive(hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"));
            assertThat(((Event.Text) old.last()).utf8()).isEqualTo(utf8("Hello"));
            old.driver.text(utf8("Hello"));
            assertThat(old.output()).isEqualTo(hex("81 05 48 65 6c 6c 6f"));
            assertThat(old.driver.version()).isEqualTo(version);

            old.receive(close(1004, "too large"));
            assertThat(old.last()).isEqualTo(new Event.Close(1004, "too large"));
            assertThat(old.output()).startsWith(hex("88 0b 03ec"));
        }

        @Test
        void theirCloseCodeIsNoneOfTheRfcs() {
            peer.receive(close(1004, ""));
            assertThat(((Event.Failure) peer.last()).violation()).isEqualTo(Violation.INVALID_CLOSE_CODE);
            assertThat(peer.driver.version()).isEqualTo(Version.HYBI_13);
        }
    }

    @Test
    void pongsAreSentByHand() {
        assertThat(peer.driver.pong(utf8("alive"))).isTrue();
        assertThat(peer.output()).isEqualTo(hex("8a 05 616c697665"));
        peer.driver.close(1000, "");
        assertThat(peer.driver.pong(new byte[0])).isFalse();
    }

    @Test
    void violationsHaveNamesThatStay() {
        assertThat(Stream.of(Violation.values()).map(violation -> violation.id() + " " + violation.closeCode()))
                .containsExactly(
                        "reserved-bit 1002",
                        "unknown-opcode 1002",
                        "unmasked-frame 1002",
                        "masked-frame 1002",
                        "invalid-length 1002",
                        "fragmented-control 1002",
                        "long-control 1002",
                        "unexpected-continuation 1002",
                        "expected-continuation 1002",
                        "truncated-close 1002",
                        "invalid-close-code 1002",
                        "invalid-utf8 1007",
                        "invalid-extension-data 1007",
                        "extension-failed 1011",
                        "frame-too-long 1009",
                        "message-too-long 1009",
                        "too-many-fragments 1008",
                        "memory-limit 1013");
    }
}
