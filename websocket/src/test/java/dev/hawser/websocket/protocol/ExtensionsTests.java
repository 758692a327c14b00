package dev.hawser.websocket.protocol;

import static dev.hawser.websocket.extension.Extension.RSV1;
import static dev.hawser.websocket.extension.Extension.RSV2;
import static dev.hawser.websocket.protocol.Bytes.close;
import static dev.hawser.websocket.protocol.Bytes.frame;
import static dev.hawser.websocket.protocol.Bytes.hex;
import static dev.hawser.websocket.protocol.Bytes.join;
import static dev.hawser.websocket.protocol.Bytes.text;
import static dev.hawser.websocket.protocol.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.extension.ExtensionException;
import dev.hawser.websocket.extension.TestExtension;
import dev.hawser.websocket.handshake.Version;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages on their way through extensions, quick and slow ones, and what must keep its place beside them. */
class ExtensionsTests {

    private static final Limits LIMITS = new Limits(100, 100, 10);

    private static DriverFixture with(Extension... extensions) {
        return new DriverFixture(
                new HybiDriver(Version.HYBI_13, LIMITS, Framing.DEFAULT, TestExtension.pipeline(extensions)));
    }

    private static void send(DriverFixture peer, Outgoing message) {
        peer.driver.send(message);
        peer.driver.workOff();
    }

    private static byte[] sent(int first, String payload) {
        return join(new byte[] {(byte) first, (byte) payload.length()}, utf8(payload));
    }

    private static void assertFailure(DriverFixture peer, Violation violation) {
        assertThat(peer.last()).isInstanceOfSatisfying(Event.Failure.class, failure -> assertThat(failure.violation())
                .isEqualTo(violation));
    }

    @Nested
    class Quick {

        private final TestExtension one = TestExtension.quick("one", RSV1);
        private final TestExtension two = TestExtension.quick("two", RSV2);
        private final DriverFixture peer = with(one, two);

        @Test
        void areASequenceOnTheWayOutAndItsReverseOnTheWayIn() {
            peer.driver.text(utf8("x"));
            assertThat(peer.output()).isEqualTo(sent(0xE1, "x[one][two]"));
            peer.receive(frame(0xE1, utf8("x[one][two]")));
            assertThat(((Event.Text) peer.last()).utf8()).isEqualTo(utf8("x"));
            assertThat(one.calls).containsExactly("out x", "in x[one]");
            assertThat(two.calls).containsExactly("out x[one]", "in x[one][two]");
        }

        @Test
        void areDoneWithAtOnce() {
            List<String> progress = new ArrayList<>();
            peer.driver.onProgress(() -> progress.add("progress"));
            peer.driver.binary(utf8("x"));
            peer.receive(frame(0xE1, utf8("x")));
            assertThat(peer.output()).isEqualTo(sent(0xE2, "x[one][two]"));
            assertThat(progress).isEmpty();
            assertThat(peer.driver.work()).isNull();
        }

        @Test
        void areHeardOfByHowTheyHaveChangedMessages() {
            List<String> sizes = new ArrayList<>();
            TestExtension three = TestExtension.quick("three", RSV1);
            three.profile = "same";
            Outgoing message = new Outgoing(true, utf8("x"), true);
            for (int i = 0; i < 2; i++) {
                DriverFixture other = new DriverFixture(new HybiDriver(
                        Version.HYBI_13,
                        LIMITS,
                        Framing.DEFAULT,
                        TestExtension.pipeline(
                                (incoming, length, onWire) -> sizes.add(incoming + " " + length + " " + onWire),
                                three)));
                send(other, message);
                other.receive(frame(0xC1, utf8("12[three]")));
            }
            assertThat(sizes).containsExactly("false 1 8", "true 2 9", "false 1 8", "true 2 9");
        }

        @Test
        void mayNotMarkContinuationsNorControlFrames() {
            peer.receive(frame(0xC9, utf8("?")));
            assertFailure(peer, Violation.RESERVED_BIT);
            DriverFixture other = with(one);
            other.receive(frame(0x41, utf8("x")), frame(0xC0, utf8("y")));
            assertFailure(other, Violation.RESERVED_BIT);
        }

        @Test
        void leaveTextWithoutTheirBitsToBeCheckedAtOnce() {
            peer.receive(frame(0x01, hex("ff")));
            assertFailure(peer, Violation.INVALID_UTF8);
        }

        @Test
        void mayRefuseAMessage() {
            peer.receive(frame(0xC1, utf8("refuse")));
            assertFailure(peer, Violation.INVALID_EXTENSION_DATA);
        }

        @Test
        void mayMakeMessagesLongerOnTheWireByAnEighth() {
            Limits limits = new Limits(10_000, 10_000, 10);
            for (int length : new int[] {10_000 + 1250 + 78 + 64, 10_000 + 1250 + 78 + 64 + 1}) {
                DriverFixture other = new DriverFixture(
                        new HybiDriver(Version.HYBI_13, limits, Framing.DEFAULT, TestExtension.pipeline(one)));
                other.receive(frame(0xC2, new byte[length]));
                assertFailure(other, Violation.MESSAGE_TOO_LONG);
                assertThat(one.calls).as("%d bytes", length).hasSize(1);
            }
        }

        @Test
        void mayUseBitsThatTheyHaveDeclared() {
            peer.receive(frame(0xA1, utf8("x")));
            assertThat(peer.last()).isInstanceOf(Event.Text.class);
            peer.receive(frame(0x91, utf8("x")));
            assertFailure(peer, Violation.RESERVED_BIT);
            assertThat(((Event.Failure) peer.last()).reason())
                    .isEqualTo("Expected reserved bits within 110 but was 001");
        }

        @Test
        void mayNotUseOthers() {
            assertThatExceptionOfType(ExtensionException.class)
                    .isThrownBy(() -> peer.driver.text(utf8("bits")))
                    .withMessageContaining("reserved bits");
            assertThat(peer.driver.state()).isEqualTo(ReadyState.CLOSING);
            assertThat(peer.output()).startsWith(hex("88 10 03 f3"));
        }

        @Test
        void thatFailToReadWhatCameFailTheConnectionWith1007() {
            peer.receive(frame(0xC1, utf8("invalid")));
            assertFailure(peer, Violation.INVALID_EXTENSION_DATA);
            assertThat(peer.output()).startsWith(hex("88 09 03 ef")); // 1007
        }

        @Test
        void mayGiveReasonsThatNoCloseFrameCouldHold() {
            peer.receive(frame(0xC1, utf8("invalid\r\n" + "é".repeat(40))));
            assertFailure(peer, Violation.INVALID_EXTENSION_DATA);
            assertThat(((Event.Failure) peer.last()).reason()).matches("invalid\\?\\?[?]{80}");
            DriverFixture other = with(new TestExtension("x".repeat(200), RSV1, false));
            other.receive(text("throw"));
            assertThat(((Event.Failure) other.last()).reason()).hasSize(123);
        }

        @Test
        void thatThrowFailTheConnectionWith1011() {
            peer.receive(frame(0xC1, utf8("throw")));
            assertFailure(peer, Violation.EXTENSION_FAILED);
            assertThat(((Event.Failure) peer.last()).cause()).hasMessage("thrown");
            assertThat(peer.output()).isEqualTo(join(hex("88 16 03 f3"), utf8("Extension two failed")));
        }

        @Test
        void thatThrowOnTheWayOutFailTheConnectionWith1011() {
            assertThatExceptionOfType(ExtensionException.class)
                    .isThrownBy(() -> peer.driver.text(utf8("throw")))
                    .withMessage("Extension one failed");
            assertThat(peer.output()).isEqualTo(join(hex("88 10 03 f3"), utf8("Internal error")));
            assertThat(peer.driver.text(utf8("too late"))).isFalse();
        }

        @ParameterizedTest
        @ValueSource(strings = {"memory", "null"})
        void thatGoWrongOtherwiseFailTheConnectionWith1011Too(String message) {
            assertThatExceptionOfType(ExtensionException.class).isThrownBy(() -> peer.driver.text(utf8(message)));
            assertThat(peer.output()).isEqualTo(join(hex("88 10 03 f3"), utf8("Internal error")));
            assertThat(peer.driver.isSending()).isFalse();
        }

        @Test
        void areAllClosedThoughOneThrows() {
            TestExtension bad = TestExtension.quick("unclosable", RSV1);
            DriverFixture other = with(bad, two);
            other.driver.disconnected();
            assertThatExceptionOfType(ExtensionException.class)
                    .isThrownBy(other.driver::release)
                    .withMessage("Extension unclosable failed to close");
            other.driver.release();
            assertThat(bad.calls).containsExactly("close");
            assertThat(two.calls).containsExactly("close");
        }

        @Test
        void makeMessagesNoLongerThanTheLimit() {
            String long94 = "y".repeat(94);
            peer.receive(frame(0xC1, utf8(long94 + "[none]"))); // is taken off by nobody
            assertThat(peer.last()).isInstanceOf(Event.Text.class);
            peer.receive(frame(0xC1, utf8(long94 + "[none]y")));
            assertFailure(peer, Violation.MESSAGE_TOO_LONG);
        }

        @Test
        void mayMakeALongMessageAllowed() {
            peer.receive(frame(0xC1, utf8("y".repeat(96) + "[one]")));
            assertThat(((Event.Text) peer.last()).utf8()).hasSize(96);
        }

        @Test
        void seeMessagesWithoutTheirBitsToo() {
            peer.receive(text("x"));
            assertThat(one.calls).containsExactly("in x");
        }

        @Test
        void areClosedOnceWhenTheSocketIsGone() {
            peer.driver.release();
            assertThat(one.calls).isEmpty();
            peer.driver.disconnected();
            peer.driver.release();
            peer.driver.release();
            assertThat(one.calls).containsExactly("close");
            assertThat(two.calls).containsExactly("close");
        }

        @Test
        void needWholeMessages() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new HybiDriver(
                            Version.HYBI_13, LIMITS, new Framing(false, 10), TestExtension.pipeline(one)))
                    .withMessageContaining("but was [one]");
        }
    }

    @Nested
    class Unmarked {

        private final DriverFixture peer = with(TestExtension.quick("sign", 0));

        @Test
        void changeMessagesWithoutABit() {
            peer.driver.text(utf8("x"));
            assertThat(peer.output()).isEqualTo(sent(0x81, "x[sign]"));
            peer.receive(text("x[sign]"));
            assertThat(((Event.Text) peer.last()).utf8()).isEqualTo(utf8("x"));
        }

        /** A peer could not tell that a message in parts was not changed. */
        @Test
        void refuseMessagesInParts() {
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> peer.driver.fragment(Opcode.TEXT, utf8("x"), false))
                    .withMessageContaining("[sign]");
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> peer.driver.frame(Frame.text("x")));
            assertThat(peer.driver.frame(Frame.of(Opcode.PING, utf8("!")))).isTrue();
            peer.driver.text(utf8("x"));
            assertThat(peer.output()).isEqualTo(join(sent(0x89, "!"), sent(0x81, "x[sign]")));
        }

        @Test
        void areReadBeforeTextIsChecked() {
            peer.receive(frame(0x01, hex("c3")), frame(0x80, hex("28")));
            assertFailure(peer, Violation.INVALID_UTF8);
        }
    }

    @Nested
    class Slow {

        private final TestExtension slow = TestExtension.slow("slow");
        private final DriverFixture peer = with(slow);
        private int progress;

        Slow() {
            peer.driver.onProgress(() -> progress++);
        }

        private void work() {
            slow.work.remove().run();
            peer.driver.workOff();
        }

        @Test
        void keepMessagesInOrder() {
            peer.driver.text(utf8("1"));
            peer.driver.binary(utf8("2"));
            assertThat(peer.driver.isSending()).isTrue();
            assertThat(peer.driver.held()).isEqualTo(2);
            assertThat(peer.output()).isEmpty();
            assertThat(slow.work).as("one at a time").hasSize(1);
            work();
            assertThat(progress).isEqualTo(1);
            assertThat(peer.driver.held()).isEqualTo(1);
            assertThat(peer.output()).isEqualTo(sent(0xC1, "1[slow]"));
            work();
            assertThat(peer.output()).isEqualTo(sent(0xC2, "2[slow]"));
            assertThat(peer.driver.isSending()).isFalse();
            assertThat(peer.driver.held()).isZero();
        }

        @Test
        void holdUpPartsAndFramesButNoPings() {
            peer.driver.text(utf8("1"));
            peer.driver.fragment(Opcode.TEXT, utf8("a"), false);
            peer.driver.text(utf8("2"));
            peer.driver.ping(utf8("!"));
            peer.driver.frame(Frame.continuation(utf8("b")));
            peer.driver.text(utf8("3"));
            assertThat(peer.output()).isEqualTo(sent(0x89, "!"));
            work();
            assertThat(peer.output()).isEqualTo(join(sent(0xC1, "1[slow]"), sent(0x01, "a")));
            work();
            assertThat(peer.output()).isEqualTo(join(sent(0x80, "b"), sent(0xC1, "2[slow]")));
            work();
            assertThat(peer.output()).isEqualTo(sent(0xC1, "3[slow]"));
        }

        @Test
        void areWaitedForByTheCloseFrame() {
            peer.driver.text(utf8("1"));
            peer.driver.text(utf8("2"));
            assertThat(peer.driver.close(1000, "")).isTrue();
            assertThat(peer.driver.text(utf8("too late"))).isFalse();
            peer.receive(close(1000, ""));
            assertThat(peer.driver.isFinished()).isFalse();
            work();
            assertThat(peer.driver.isFinished()).isFalse();
            work();
            assertThat(peer.output()).isEqualTo(join(sent(0xC1, "1[slow]"), sent(0xC1, "2[slow]"), hex("88 02 03 e8")));
            assertThat(peer.driver.isFinished()).isTrue();
        }

        @Test
        void holdUpWhatComesAfterThem() {
            ByteBuffer input =
                    ByteBuffer.wrap(join(frame(0xC1, utf8("1[slow]")), frame(0x89, utf8("?")), close(1000, "")));
            assertThat(peer.driver.receive(input)).isNull();
            assertThat(peer.driver.isReceiving()).isTrue();
            assertThat(input.remaining()).isEqualTo(7 + 8);
            assertThat(peer.driver.receive(input)).isNull();
            assertThat(input.remaining()).isEqualTo(7 + 8);
            slow.work.remove().run();
            assertThat(progress).isEqualTo(1);
            assertThat(((Event.Text) peer.driver.receive(input)).utf8()).isEqualTo(utf8("1"));
            assertThat(peer.driver.isReceiving()).isFalse();
            assertThat(peer.driver.receive(input)).isInstanceOf(Event.Ping.class);
            assertThat(peer.driver.receive(input)).isInstanceOf(Event.Close.class);
        }

        @Test
        void mayFailLater() {
            ByteBuffer input = ByteBuffer.wrap(frame(0xC1, utf8("invalid")));
            assertThat(peer.driver.receive(input)).isNull();
            slow.work.remove().run();
            assertThat(peer.driver.receive(input))
                    .isInstanceOfSatisfying(Event.Failure.class, failure -> assertThat(failure.violation())
                            .isEqualTo(Violation.INVALID_EXTENSION_DATA));
        }

        @Test
        void thatFailLaterOnTheWayOutLeaveACloseFrameAlone() {
            peer.driver.text(utf8("invalid"));
            peer.driver.text(utf8("2"));
            peer.driver.close(1000, "bye");
            assertThatExceptionOfType(ExtensionException.class).isThrownBy(this::work);
            assertThat(peer.output()).startsWith(hex("88 10 03 f3"));
            assertThat(peer.driver.held()).isZero();
            assertThat(peer.driver.isSending()).isFalse();
        }

        @Test
        void areClosedWhenTheyHaveFinished() {
            peer.driver.text(utf8("1"));
            assertThat(peer.driver.receive(ByteBuffer.wrap(frame(0xC1, utf8("2")))))
                    .isNull();
            peer.driver.disconnected();
            assertThat(peer.driver.isReceiving()).isFalse();
            peer.driver.release();
            assertThat(slow.calls).doesNotContain("close");
            work();
            peer.driver.release();
            assertThat(slow.calls).doesNotContain("close");
            work();
            peer.driver.release();
            peer.driver.release();
            assertThat(slow.calls).containsOnlyOnce("close");
            assertThat(peer.output()).isEmpty();
        }

        @Test
        void areNotClosedWhileAThreadIsWithThem() {
            DriverFixture other = with(TestExtension.quick("one", RSV2), slow);
            other.driver.send(new Outgoing(true, utf8("1"), true));
            Runnable work = other.driver.work();
            assertThat(other.driver.work()).as("for one thread").isNull();
            other.driver.disconnected();
            other.driver.release();
            assertThat(slow.calls).isEmpty();
            work.run();
            other.driver.proceed();
            other.driver.release();
            assertThat(slow.calls).as("still at work").containsExactly("out 1[one]");
            slow.work.remove().run();
            other.driver.release();
            assertThat(slow.calls).containsExactly("out 1[one]", "close");
        }

        /** The result is there, but the connection ends before anybody has asked for it. */
        @Test
        void areTheLastToSeeAMessageWhoseConnectionHasEnded() {
            TestExtension next = TestExtension.quick("next", RSV2);
            DriverFixture other = with(slow, next);
            other.driver.text(utf8("1"));
            slow.work.remove().run();
            other.driver.disconnected();
            other.driver.release();
            other.driver.workOff();
            assertThat(next.calls).containsExactly("close");
            other = with(next, slow);
            next.calls.clear();
            assertThat(other.driver.receive(ByteBuffer.wrap(frame(0xC1, utf8("1")))))
                    .isNull();
            slow.work.remove().run();
            other.driver.disconnected();
            other.driver.release();
            assertThat(other.driver.receive(ByteBuffer.allocate(0))).isNull();
            assertThat(next.calls).containsExactly("close");
        }

        @Test
        void areNotGivenMessagesThatNobodyWants() {
            TestExtension one = TestExtension.quick("one", RSV1);
            DriverFixture other = with(one);
            other.driver.discardMessages();
            other.receive(frame(0xC1, utf8("x")), frame(0x89, utf8("?")));
            assertThat(other.last()).isInstanceOf(Event.Ping.class);
            assertThat(one.calls).isEmpty();
        }

        @Test
        void areNotWaitedForByAPeerThatIsDropped() {
            peer.driver.receive(ByteBuffer.wrap(frame(0xC1, utf8("1"))));
            peer.driver.drop(1008, "Enough");
            assertThat(peer.driver.isReceiving()).isFalse();
            slow.work.remove().run();
            assertThat(peer.driver.receive(ByteBuffer.allocate(0))).isNull();
        }

        @Test
        void tellTheirResultOnce() {
            peer.driver.text(utf8("1"));
            Runnable result = slow.work.remove();
            result.run();
            result.run();
            peer.driver.workOff();
            peer.driver.workOff();
            assertThat(progress).isEqualTo(1);
            assertThat(peer.output()).isEqualTo(sent(0xC1, "1[slow]"));
        }
    }

    /** Once for all connections on which the same becomes of a message. */
    @Nested
    class Broadcast {

        private final TestExtension extension = TestExtension.quick("one", RSV1);

        private DriverFixture peer(String profile) {
            extension.profile = profile;
            return with(extension);
        }

        @Test
        void isWorkedOnOnceForAllOfAProfile() {
            Outgoing message = new Outgoing(true, utf8("x"), true);
            for (int i = 0; i < 3; i++) {
                DriverFixture peer = peer("same");
                send(peer, message);
                assertThat(peer.output()).isEqualTo(sent(0xC1, "x[one]"));
            }
            assertThat(extension.calls).containsExactly("out x");
            for (int i = 0; i < 3; i++) {
                send(peer("other"), message);
                send(peer("same"), message);
            }
            assertThat(extension.calls).containsExactly("out x", "out x");
        }

        @Test
        void isKeptForNotMoreThanSixteenProfiles() {
            Outgoing message = new Outgoing(true, utf8("x"), true);
            for (int i = 0; i < 40; i++) {
                send(peer("profile " + i % 20), message);
            }
            assertThat(extension.calls).hasSize(20 + 4);
        }

        @Test
        void isWorkedOnByEachExtension() {
            TestExtension another = TestExtension.quick("another", RSV1);
            another.profile = "same";
            Outgoing message = new Outgoing(true, utf8("x"), true);
            send(peer("same"), message);
            DriverFixture peer = with(another);
            send(peer, message);
            assertThat(peer.output()).isEqualTo(sent(0xC1, "x[another]"));
        }

        @Test
        void isWorkedOnForEachThatRemembers() {
            Outgoing message = new Outgoing(true, utf8("x"), true);
            extension.profile = null;
            send(with(extension), message);
            send(with(extension), message);
            assertThat(extension.calls).containsExactly("out x", "out x");
        }

        @Test
        void waitsItsTurnWhereASlowOneIsAtWork() {
            TestExtension slow = TestExtension.slow("slow");
            slow.profile = "same";
            Outgoing message = new Outgoing(true, utf8("x"), true);
            DriverFixture first = with(slow);
            send(first, message);
            slow.work.remove().run();
            first.driver.workOff();
            DriverFixture second = with(slow);
            second.driver.text(utf8("before"));
            send(second, message);
            assertThat(second.output()).isEmpty();
            slow.work.remove().run();
            second.driver.workOff();
            assertThat(second.output()).isEqualTo(join(sent(0xC1, "before[slow]"), sent(0xC1, "x[slow]")));
            assertThat(slow.calls).containsExactly("out x", "out before");
        }
    }
}
