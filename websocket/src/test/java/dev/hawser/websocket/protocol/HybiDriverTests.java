package dev.hawser.websocket.protocol;

import static dev.hawser.websocket.protocol.Bytes.close;
import static dev.hawser.websocket.protocol.Bytes.frame;
import static dev.hawser.websocket.protocol.Bytes.hex;
import static dev.hawser.websocket.protocol.Bytes.join;
import static dev.hawser.websocket.protocol.Bytes.text;
import static dev.hawser.websocket.protocol.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server's driver, in bytes: what comes in, what is told, and what goes out. */
class HybiDriverTests {

    private static final Limits SMALL = new Limits(100, 60, 4);

    private final DriverFixture peer = new DriverFixture();

    private static void assertFailure(DriverFixture peer, Violation violation) {
        assertThat(peer.last()).isInstanceOfSatisfying(Event.Failure.class, failure -> assertThat(failure.violation())
                .isEqualTo(violation));
        Event.Failure failure = (Event.Failure) peer.last();
        byte[] output = peer.output();
        assertThat(output[0]).isEqualTo((byte) 0x88);
        assertThat(ByteBuffer.wrap(output, 2, 2).getShort()).isEqualTo((short) violation.closeCode());
        assertThat(new String(output, 4, output.length - 4)).isEqualTo(failure.reason());
        assertThat(utf8(failure.reason()).length).isBetween(1, 123);
        assertThat(peer.driver.state()).isEqualTo(ReadyState.CLOSING);
        assertThat(peer.driver.isFinished()).isTrue();
        assertThat(peer.driver.text(utf8("too late"))).isFalse();
        int before = peer.events.size();
        peer.receive(text("ignored"));
        assertThat(peer.events).hasSize(before);
    }

    @Nested
    class Messages {

        @Test
        void theRfcsMaskedHelloIsRead() {
            peer.receive(hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"));
            assertThat(peer.events).singleElement().isInstanceOfSatisfying(Event.Text.class, hello -> assertThat(
                            hello.utf8())
                    .isEqualTo(utf8("Hello")));
        }

        @Test
        void theRfcsUnmaskedHelloIsWritten() {
            assertThat(peer.driver.text(utf8("Hello"))).isTrue();
            assertThat(peer.output()).isEqualTo(hex("81 05 48 65 6c 6c 6f"));
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 7, 8, 125, 126, 127, 4095, 4096, 65_535, 65_536, 200_000})
        void aMessageOfAnyLengthIsReadAndWritten(int length) {
            byte[] data = new byte[length];
            new Random(length).nextBytes(data);

            peer.receive(frame(0x82, data));
            peer.driver.binary(data);

            assertThat(((Event.Binary) peer.last()).data()).isEqualTo(data);
            byte[] output = peer.output();
            int header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
            assertThat(Arrays.copyOfRange(output, header, output.length)).isEqualTo(data);
            assertThat(output[0]).isEqualTo((byte) 0x82);
            assertThat(output[1]).isEqualTo((byte) (length < 126 ? length : length < 65_536 ? 126 : 127));
        }

        @ParameterizedTest
        @CsvSource({
            "125, 82 7d",
            "126, 82 7e 007e",
            "65535, 82 7e ffff",
            "65536, 82 7f 0000000000010000",
            "16909060, 82 7f 0000000001020304"
        })
        void aLengthIsWrittenInItsShortestForm(int length, String header) {
            assertThat(peer.driver.binary(new byte[length])).isTrue();
            assertThat(peer.output()).startsWith(hex(header));
        }

        @Test
        void aLongPayloadIsNotCopied() {
            byte[] payload = new byte[ByteQueue.LARGE];
            peer.driver.binary(payload);
            assertThat(peer.driver.output().peek()[1].array()).isSameAs(payload);
        }

        @Test
        void aMessageIsNotSentOnceTheConnectionCloses() {
            peer.driver.close(1000, "");
            assertThat(peer.driver.text(new byte[0])).isFalse();
            assertThat(peer.driver.binary(new byte[0])).isFalse();
            assertThat(peer.driver.ping(new byte[0])).isFalse();
        }

        @Test
        void fragmentsMakeOneMessageAndControlFramesGoBetweenThem() {
            peer.receive(
                    frame(0x01, utf8("Hel")), frame(0x89, utf8("?")), frame(0x00, utf8("l")), frame(0x80, utf8("o")));

            assertThat(peer.events).hasSize(2);
            assertThat(((Event.Ping) peer.events.get(0)).data()).isEqualTo(utf8("?"));
            assertThat(((Event.Text) peer.last()).utf8()).isEqualTo(utf8("Hello"));
            assertThat(peer.output()).isEqualTo(hex("8a 01 3f"));
        }

        @Test
        void aCharacterMayBeSplitBetweenFragments() {
            byte[] euro = utf8("€");
            peer.receive(frame(0x01, new byte[] {euro[0]}), frame(0x80, new byte[] {euro[1], euro[2]}));
            assertThat(((Event.Text) peer.last()).utf8()).isEqualTo(euro);
        }

        @Test
        void anyWayOfCuttingTheBytesGivesTheSameEvents() {
            Random random = new Random(42);
            for (int round = 0; round < 300; round++) {
                byte[] bytes = conversation(random);
                DriverFixture whole = new DriverFixture().receive(bytes);
                DriverFixture cut = new DriverFixture();
                for (int at = 0; at < bytes.length; ) {
                    int end = Math.min(bytes.length, at + 1 + random.nextInt(random.nextBoolean() ? 3 : 500));
                    cut.receive(Arrays.copyOfRange(bytes, at, end));
                    at = end;
                }
                assertThat(cut.events).usingRecursiveComparison().isEqualTo(whole.events);
                assertThat(cut.output()).isEqualTo(whole.output());
                assertThat(whole.events).isNotEmpty().noneMatch(Event.Failure.class::isInstance);
            }
        }

        private byte[] conversation(Random random) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (int messages = 1 + random.nextInt(5); messages > 0; messages--) {
                byte[] data = new byte[random.nextInt(400)];
                random.nextBytes(data);
                int fragments = random.nextInt(4);
                for (int i = 0; i < fragments; i++) {
                    out.writeBytes(frame(i == 0 ? 0x02 : 0x00, data));
                    out.writeBytes(frame(0x89, utf8("ping " + i)));
                }
                out.writeBytes(frame(fragments == 0 ? 0x82 : 0x80, data));
                out.writeBytes(text("grün " + random.nextInt()));
            }
            return out.toByteArray();
        }

        @Test
        void whatIsSentBeforeTheConnectionIsOpenWaitsInOrder() {
            HybiDriver driver = new HybiDriver(Limits.DEFAULT);
            assertThat(driver.state()).isEqualTo(ReadyState.CONNECTING);
            assertThat(driver.text(utf8("a"))).isTrue();
            assertThat(driver.ping(utf8("b"))).isFalse();
            driver.open();
            assertThat(driver.ping(utf8("c"))).isTrue();
            assertThat(driver.output().size()).isEqualTo(6);
        }
    }

    @Nested
    class Violations {

        @ParameterizedTest
        @CsvSource({
            "c1 80, RESERVED_BIT",
            "a1 80, RESERVED_BIT",
            "91 80, RESERVED_BIT",
            "83 80, UNKNOWN_OPCODE",
            "87 80, UNKNOWN_OPCODE",
            "8b 80, UNKNOWN_OPCODE",
            "8f 80, UNKNOWN_OPCODE",
            "81 00, UNMASKED_FRAME",
            "89 00, UNMASKED_FRAME",
            "09 80, FRAGMENTED_CONTROL",
            "08 80, FRAGMENTED_CONTROL",
            "89 fe 00 7e, LONG_CONTROL",
            "88 ff 00 00 00 00 00 00 00 7e, LONG_CONTROL",
            "80 80, UNEXPECTED_CONTINUATION",
            "00 80, UNEXPECTED_CONTINUATION",
            "82 fe 00 7d, INVALID_LENGTH",
            "82 fe 00 00, INVALID_LENGTH",
            "82 ff 00 00 00 00 00 00 ff ff, INVALID_LENGTH",
            "82 ff 80 00 00 00 00 00 00 00, INVALID_LENGTH",
            "82 ff ff ff ff ff ff ff ff ff, INVALID_LENGTH",
            "82 ff 40 00 00 00 00 00 00 00, MESSAGE_TOO_LONG",
            "82 ff 7f ff ff ff ff ff ff ff, MESSAGE_TOO_LONG",
            "82 ff 00 00 00 00 04 00 00 00, MESSAGE_TOO_LONG"
        })
        void aHeaderAgainstTheRulesFailsBeforeAnyPayload(String header, Violation violation) {
            assertFailure(peer.receive(hex(header)), violation);
            assertFailure(new DriverFixture().receiveSlowly(hex(header)), violation);
        }

        @Test
        void aNewMessageBeforeTheLastIsFinishedFails() {
            assertFailure(
                    peer.receive(frame(0x01, utf8("a")), frame(0x81, utf8("b"))), Violation.EXPECTED_CONTINUATION);
        }

        @Test
        void invalidTextFailsInItsFirstFragmentAndAtTheFirstByte() {
            byte[] bad = join(utf8("ok"), hex("ed a0 80"), utf8("more"));
            byte[] unfinished =
                    Arrays.copyOf(frame(0x01, bad), 6 + 4); // header, "ok", and the two bytes that are wrong
            assertFailure(peer.receive(unfinished), Violation.INVALID_UTF8);
        }

        @Test
        void textThatEndsWithinACharacterFails() {
            assertFailure(peer.receive(frame(0x81, hex("e2 82"))), Violation.INVALID_UTF8);
        }

        @Test
        void onlyTextIsChecked() {
            peer.receive(frame(0x82, hex("ff fe ed a0 80")));
            assertThat(peer.last()).isInstanceOf(Event.Binary.class);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "c1 80|Expected reserved bits 000 but was 100",
                    "a1 80|Expected reserved bits 000 but was 010",
                    "91 80|Expected reserved bits 000 but was 001",
                    "f1 80|Expected reserved bits 000 but was 111",
                    "8f 80|Opcode 15 is not defined",
                    "89 fe 00 7e|PING frame must not be longer than 125 bytes",
                    "08 80|CLOSE frame must not be fragmented",
                    "82 fe 00 7d|Length 125 must not be written in 2 bytes",
                    "82 ff ff ff ff ff ff ff ff ff|Length 18446744073709551615 must not be written in 8 bytes"
                })
        void theReasonSaysWhatWasExpectedAndWhatCame(String header, String reason) {
            peer.receive(hex(header));
            assertThat(((Event.Failure) peer.last()).reason()).isEqualTo(reason);
        }

        @Test
        void aFailureKeepsWhatCameBeforeIt() {
            peer.receive(text("fine"), hex("83 80"));
            assertThat(peer.events).hasSize(2).first().isInstanceOf(Event.Text.class);
        }
    }

    @Nested
    class WithLimits {

        private final DriverFixture small = new DriverFixture(SMALL);

        @Test
        void aMessageOfTheGreatestLengthPasses() {
            small.receive(frame(0x02, new byte[60]), frame(0x80, new byte[40]));
            assertThat(((Event.Binary) small.last()).data()).hasSize(100);
        }

        @Test
        void oneByteMoreOverAllFragmentsFails() {
            assertFailure(
                    small.receive(frame(0x02, new byte[60]), frame(0x80, new byte[41])), Violation.MESSAGE_TOO_LONG);
        }

        @Test
        void aFrameLongerThanItsLimitFails() {
            assertFailure(small.receive(frame(0x82, new byte[61])), Violation.FRAME_TOO_LONG);
        }

        @Test
        void oneFragmentMoreThanTheLimitFails() {
            small.receive(
                    frame(0x02, new byte[0]), frame(0, new byte[0]), frame(0, new byte[0]), frame(0, new byte[0]));
            assertThat(small.events).isEmpty();
            assertFailure(small.receive(frame(0, new byte[0])), Violation.TOO_MANY_FRAGMENTS);
        }

        @Test
        void theCountBeginsAnewWithEachMessage() {
            for (int i = 0; i < 10; i++) {
                small.receive(frame(0x02, new byte[10]), frame(0x00, new byte[10]), frame(0x80, new byte[10]));
            }
            assertThat(small.events).hasSize(10);
        }

        /** CVE-2026-48779, CVE-2026-62389 (ws), CVE-2026-12151, CVE-2026-9675 (undici), CVE-2014-0193 (Netty). */
        @Test
        void aMillionTinyFragmentsEndEarlyAndHoldLittle() {
            byte[] fragment = frame(0x00, utf8("x"));
            byte[] ping = frame(0x89, new byte[0]);
            peer.receive(frame(0x01, utf8("x")));
            long before = allocated();
            for (int i = 0; i < 1_000_000 && peer.driver.state() == ReadyState.OPEN; i++) {
                peer.receive(i % 100 == 0 ? ping : fragment);
                peer.events.removeIf(Event.Ping.class::isInstance);
                peer.output();
            }
            assertThat(peer.last())
                    .isInstanceOfSatisfying(Event.Failure.class, failure -> assertThat(failure.violation())
                            .isEqualTo(Violation.TOO_MANY_FRAGMENTS));
            assertThat(allocated() - before).as("far from quadratic").isLessThan(400L << 20);
        }

        /** CVE-2026-48779, CVE-2026-62389 (ws): one below the limit, and then silence, many times over. */
        @Test
        void fragmentsHoldTheirBytesAndNothingElse() {
            byte[] fragment = frame(0x00, utf8("x"));
            List<DriverFixture> peers = new ArrayList<>();
            long before = Heap.used();
            for (int i = 0; i < 10; i++) {
                DriverFixture waiting = new DriverFixture();
                peers.add(waiting.receive(frame(0x01, utf8("x"))));
                for (int n = 2; n < Limits.DEFAULT.maxFragments(); n++) {
                    waiting.receive(fragment);
                }
            }
            assertThat(Heap.used() - before).isLessThan(10L * 3 * Limits.DEFAULT.maxFragments());
            assertThat(peers)
                    .allSatisfy(waiting -> assertThat(waiting.driver.state()).isEqualTo(ReadyState.OPEN));
        }

        /** CVE-2020-13935 (Tomcat), CVE-2020-27813 (gorilla), CVE-2026-1528 (undici): memory follows what has come. */
        @Test
        void aHeaderThatClaimsMuchAllocatesLittle() {
            byte[] start = join(hex("82 ff 00 00 00 00 03 ff ff ff 00 00 00 00"), new byte[10]);
            ByteBuffer input = ByteBuffer.wrap(start);
            long before = allocated();
            peer.driver.receive(input);
            assertThat(allocated() - before).isLessThan(100_000);
        }

        /** CVE-2020-13935 (Tomcat), CVE-2020-27813 (gorilla), CVE-2026-19204 (Jetty), CVE-2016-10542 (ws). */
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "8000000000000000",
                    "ffffffffffffffff",
                    "7fffffffffffffff",
                    "0000000100000000",
                    "0000000000000001"
                })
        void aLengthThatCannotBeIsRefusedWithEveryOpcodeAndAllocatesNothing(String length) {
            for (int first = 0; first < 256; first++) {
                byte[] header = join(new byte[] {(byte) first, (byte) 0xFF}, hex(length), new byte[4]);
                new DriverFixture().receive(header); // once before: the JVM links what makes the message
                DriverFixture other = new DriverFixture();
                long before = allocated();
                other.receive(header);
                assertThat(allocated() - before).isLessThan(100_000);
                assertThat(((Event.Failure) other.last()).violation().closeCode())
                        .isIn(CloseCode.PROTOCOL_ERROR, CloseCode.TOO_BIG);
            }
        }

        private static long allocated() {
            return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
        }

        @Test
        void limitsThatMakeNoSenseAreRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Limits(0, 1, 1))
                    .withMessageContaining("max-length");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Limits(10, 11, 1))
                    .withMessageContaining("max-frame-length");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Limits(10, 10, 0))
                    .withMessageContaining("max-fragments");
        }
    }

    @Nested
    class Closing {

        @Test
        void aCloseIsAnsweredWithItsCodeAndReason() {
            peer.receive(close(4001, "bye"));

            assertThat(peer.events).containsExactly(new Event.Close(4001, "bye"));
            assertThat(peer.output()).isEqualTo(join(hex("88 05 0f a1"), utf8("bye")));
            assertThat(peer.driver.isFinished()).isTrue();
        }

        @Test
        void aCloseWithoutACodeIsAnsweredWithoutOne() {
            peer.receive(frame(0x88, new byte[0]));
            assertThat(peer.events).containsExactly(new Event.Close(1005, ""));
            assertThat(peer.output()).isEqualTo(hex("88 00"));
        }

        @ParameterizedTest
        @ValueSource(
                ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999})
        void theseCodesAreValid(int code) {
            assertThat(peer.receive(close(code, "")).last()).isEqualTo(new Event.Close(code, ""));
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
        void theseCodesAreNot(int code) {
            assertFailure(peer.receive(close(code, "")), Violation.INVALID_CLOSE_CODE);
        }

        @Test
        void aCodeOfOneByteFails() {
            assertFailure(peer.receive(frame(0x88, new byte[1])), Violation.TRUNCATED_CLOSE);
        }

        @Test
        void aReasonThatIsNotUtf8Fails() {
            assertFailure(peer.receive(frame(0x88, hex("03 e8 ff"))), Violation.INVALID_UTF8);
        }

        @Test
        void nothingIsReadAfterAClose() {
            peer.receive(close(1000, ""), text("late"), frame(0x89, new byte[0]));
            assertThat(peer.events).hasSize(1);
            assertThat(peer.output()).isEqualTo(hex("88 02 03 e8"));
        }

        @Test
        void ourCloseWaitsForTheirsAndMessagesStillArrive() {
            assertThat(peer.driver.close(1000, "done")).isTrue();
            assertThat(peer.driver.close(1001, "again")).isFalse();
            assertThat(peer.driver.isFinished()).isFalse();
            peer.output();

            peer.receive(text("still here"), frame(0x89, utf8("?")));
            assertThat(peer.events).hasSize(2);
            assertThat(peer.output()).as("nothing may follow our close frame").isEmpty();

            peer.receive(close(1000, ""));
            assertThat(peer.driver.isFinished()).isTrue();
            assertThat(peer.output()).as("their close is the answer to ours").isEmpty();
        }

        @Test
        void aReasonThatDoesNotFitIsRefused() {
            peer.driver.close(1000, "x".repeat(123));
            assertThat(peer.output()).hasSize(127);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new DriverFixture().driver.close(1000, "ü".repeat(62)))
                    .withMessageContaining("124");
        }

        @Test
        void aCloseThatIsRefusedChangesNothing() {
            assertThatIllegalArgumentException().isThrownBy(() -> peer.driver.close(1000, "x".repeat(124)));
            assertThat(peer.driver.state()).isEqualTo(ReadyState.OPEN);
            assertThat(peer.output()).isEmpty();
        }

        @Test
        void aDriverWhoseSocketIsGoneHoldsNothing() {
            peer.driver.text(utf8("unsent"));
            peer.driver.disconnected();
            assertThat(peer.driver.state()).isEqualTo(ReadyState.CLOSED);
            assertThat(peer.driver.output().isEmpty()).isTrue();
            assertThat(peer.driver.text(utf8("more"))).isFalse();
            assertThat(peer.receive(text("late")).events).isEmpty();
        }
    }

    @Test
    void controlFramesHaveUpTo125Bytes() {
        peer.receive(frame(0x89, new byte[125]));
        assertThat(((Event.Ping) peer.last()).data()).hasSize(125);
        assertThat(peer.output()).hasSize(127);
        assertThat(peer.driver.pong(new byte[125])).isTrue();
        assertThatIllegalArgumentException().isThrownBy(() -> peer.driver.ping(new byte[126]));
    }

    @Test
    void pongsArriveAskedForOrNot() {
        peer.receive(frame(0x8a, utf8("pong")));
        assertThat(peer.last())
                .asInstanceOf(InstanceOfAssertFactories.type(Event.Pong.class))
                .satisfies(pong -> assertThat(pong.data()).isEqualTo(utf8("pong")));
    }

    @Test
    void hundredSmallFramesWaitAsOnePiece() {
        List<byte[]> sent = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            byte[] data = utf8("message " + i);
            peer.driver.text(data);
            sent.add(join(new byte[] {(byte) 0x81, (byte) data.length}, data));
        }
        assertThat(peer.driver.output().peek()).hasSize(1);
        assertThat(peer.output()).isEqualTo(join(sent.toArray(byte[][]::new)));
    }
}
