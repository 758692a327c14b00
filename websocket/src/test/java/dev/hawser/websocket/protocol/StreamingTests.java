package dev.hawser.websocket.protocol;

import static dev.hawser.websocket.protocol.Bytes.close;
import static dev.hawser.websocket.protocol.Bytes.frame;
import static dev.hawser.websocket.protocol.Bytes.hex;
import static dev.hawser.websocket.protocol.Bytes.join;
import static dev.hawser.websocket.protocol.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.Version;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that are handed on while they come, in pieces of whatever the input had. */
class StreamingTests {

    /** Far shorter than what comes: only the length of a stream counts. */
    private static final Limits SMALL = new Limits(10, 5, 3);

    private static DriverFixture streaming(long maxStreamLength) {
        return new DriverFixture(new HybiDriver(
                Version.HYBI_13, SMALL, new Framing(false, Integer.MAX_VALUE, true, maxStreamLength), Pipeline.NONE));
    }

    private static DriverFixture streaming() {
        return streaming(Long.MAX_VALUE);
    }

    private static List<String> pieces(DriverFixture peer) {
        return peer.events.stream()
                .map(event -> event instanceof Event.Fragment fragment
                        ? fragment.frame().opcode()
                                + (fragment.frame().fin() ? " last " : " ")
                                + Bytes.string(fragment.frame().unwrap())
                        : event.getClass().getSimpleName())
                .toList();
    }

    private static Violation violation(DriverFixture peer) {
        return ((Event.Failure) peer.last()).violation();
    }

    @Test
    void aFrameIsHandedOnAsItComes() {
        byte[] frame = frame(0x81, utf8("Hello, world!"));
        DriverFixture peer = streaming();
        peer.receive(Arrays.copyOf(frame, 6));
        assertThat(peer.events).isEmpty();
        peer.receive(Arrays.copyOfRange(frame, 6, 9)).receive(Arrays.copyOfRange(frame, 9, 14));
        assertThat(pieces(peer)).containsExactly("TEXT Hel", "CONTINUATION lo, w");
        peer.receive(Arrays.copyOfRange(frame, 14, frame.length));
        assertThat(pieces(peer)).containsExactly("TEXT Hel", "CONTINUATION lo, w", "CONTINUATION last orld!");
    }

    @Test
    void anEndThatHasComeWithItsMessageIsOnePiece() {
        DriverFixture peer = streaming();
        peer.receive(frame(0x82, utf8("one")), frame(0x81, utf8("two")));
        assertThat(pieces(peer)).containsExactly("BINARY last one", "TEXT last two");
    }

    /** At every place where two reads may meet, the header and the mask included. */
    @Test
    void whereverItIsCutTheMessageIsTheSame() {
        String text = "Grüße, 世界, 🌍!";
        byte[] bytes = join(frame(0x01, utf8(text)), frame(0x89, utf8("?")), frame(0x80, utf8(text)));
        for (int first = 0; first <= bytes.length; first++) {
            for (int second = first; second <= bytes.length; second += 7) {
                DriverFixture peer = streaming();
                peer.receive(Arrays.copyOf(bytes, first))
                        .receive(Arrays.copyOfRange(bytes, first, second))
                        .receive(Arrays.copyOfRange(bytes, second, bytes.length));
                assertMessage(peer, Opcode.TEXT, utf8(text + text));
                assertThat(peer.output()).isEqualTo(hex("8a 01 3f"));
            }
        }
        assertMessage(streaming().receiveSlowly(bytes), Opcode.TEXT, utf8(text + text));
    }

    private static void assertMessage(DriverFixture peer, Opcode type, byte[] payload) {
        List<Frame> frames = peer.events.stream()
                .filter(Event.Fragment.class::isInstance)
                .map(event -> ((Event.Fragment) event).frame())
                .toList();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < frames.size(); i++) {
            assertThat(frames.get(i).opcode()).isEqualTo(i == 0 ? type : Opcode.CONTINUATION);
            assertThat(frames.get(i).fin()).isEqualTo(i == frames.size() - 1);
            all.writeBytes(frames.get(i).unwrap());
        }
        assertThat(all.toByteArray()).isEqualTo(payload);
    }

    @Property(tries = 300)
    void whateverTheFramesAndTheReadsTheMessageIsTheSame(
            @ForAll @Size(min = 1, max = 6) List<@IntRange(max = 300) Integer> lengths,
            @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 97) Integer> reads) {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        Random random = new Random(lengths.hashCode());
        for (int i = 0; i < lengths.size(); i++) {
            byte[] data = new byte[lengths.get(i)];
            random.nextBytes(data);
            payload.writeBytes(data);
            wire.writeBytes(frame((i == 0 ? 2 : 0) | (i == lengths.size() - 1 ? 0x80 : 0), data));
        }
        DriverFixture peer = new DriverFixture(new HybiDriver(
                Version.HYBI_13,
                Limits.DEFAULT,
                new Framing(false, Integer.MAX_VALUE, true, Long.MAX_VALUE),
                Pipeline.NONE));
        byte[] bytes = wire.toByteArray();
        for (int at = 0, i = 0; at < bytes.length; i++) {
            int end = Math.min(bytes.length, at + reads.get(i % reads.size()));
            peer.receive(Arrays.copyOfRange(bytes, at, end));
            at = end;
        }
        assertMessage(peer, Opcode.BINARY, payload.toByteArray());
    }

    /** CVE-2020-13935 and its like: a length of 63 bits is believed, and nothing is allocated for it. */
    @Test
    void aFrameOfTheGreatestLengthBegins() {
        DriverFixture peer = streaming();
        peer.receive(hex("82 ff 7fffffffffffffff 00000000"), new byte[1000]);
        peer.receive(new byte[100_000]);
        assertThat(peer.events).hasSize(2).allMatch(Event.Fragment.class::isInstance);
        assertThat(((Event.Fragment) peer.last()).frame().length()).isEqualTo(100_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"e2 28 a1", "c3 28", "f0 9f 8c 28", "ed a0 80", "80"})
    void aByteThatIsNotUtf8FailsAtOnceWhereverItStands(String wrong) {
        byte[] frame = frame(0x81, join(utf8("x"), hex(wrong), new byte[1000]));
        DriverFixture peer = streaming();
        for (int i = 0; i < 20; i++) { // the rest never comes
            peer.receive(new byte[] {frame[i]});
        }
        assertThat(violation(peer)).isEqualTo(Violation.INVALID_UTF8);
    }

    @Test
    void aTextThatEndsWithinACharacterIsNotUtf8() {
        assertThat(violation(streaming().receiveSlowly(frame(0x01, hex("e2 82")), frame(0x80, new byte[0]))))
                .isEqualTo(Violation.INVALID_UTF8);
        DriverFixture peer = streaming().receiveSlowly(frame(0x01, hex("e2 82")), frame(0x80, hex("ac")));
        assertMessage(peer, Opcode.TEXT, utf8("€"));
    }

    @Test
    void emptyFramesAreNoPiecesButAnEmptyMessageIs() {
        DriverFixture peer = streaming();
        peer.receive(frame(0x01, new byte[0]), frame(0x00, new byte[0]), frame(0x80, utf8("x")));
        peer.receive(frame(0x82, new byte[0]));
        peer.receive(frame(0x01, utf8("y")), frame(0x80, new byte[0]));
        assertThat(pieces(peer)).containsExactly("TEXT last x", "BINARY last ", "TEXT y", "CONTINUATION last ");
    }

    /** As of CVE-2026-48779: fragments that bring nothing and never end. */
    @Test
    void emptyFramesInARowAreBounded() {
        DriverFixture peer = streaming();
        peer.receive(frame(0x01, new byte[0]), frame(0x00, new byte[0]), frame(0x00, new byte[0]));
        assertThat(peer.events).isEmpty();
        peer.receive(frame(0x00, new byte[0]));
        assertThat(violation(peer)).isEqualTo(Violation.TOO_MANY_FRAGMENTS);
    }

    @Test
    void manyFramesThatBringSomethingAreNotCounted() {
        DriverFixture peer = streaming();
        peer.receive(frame(0x01, utf8("x")));
        for (int i = 0; i < 1000; i++) {
            peer.receive(frame(0x00, utf8("x")));
        }
        assertThat(peer.events).hasSize(1001).allMatch(Event.Fragment.class::isInstance);
    }

    @Test
    void theLimitOfAStreamCountsOverAllFramesAndIsCheckedFromTheHeader() {
        DriverFixture peer = streaming(100);
        peer.receive(frame(0x82, new byte[100]), frame(0x02, new byte[60]), frame(0x00, new byte[40]));
        assertThat(peer.events).hasSize(3);
        peer.receive(hex("80 81"));
        assertThat(violation(peer)).isEqualTo(Violation.MESSAGE_TOO_LONG);
        assertThat(((Event.Failure) peer.last()).reason())
                .isEqualTo("Message is longer than max-stream-length (100 bytes)");
        DriverFixture huge = streaming(100).receive(hex("82 ff 7fffffffffffffff"));
        assertThat(violation(huge)).isEqualTo(Violation.MESSAGE_TOO_LONG);
    }

    @Test
    void controlFramesAreWhole() {
        DriverFixture peer = streaming();
        peer.receiveSlowly(frame(0x01, utf8("ab")), frame(0x89, utf8("ping")), frame(0x80, utf8("c")), close(1000, ""));
        assertThat(pieces(peer)).containsExactly("TEXT a", "CONTINUATION b", "Ping", "CONTINUATION last c", "Close");
    }

    @Test
    void theOrderOfFragmentsIsKept() {
        assertThat(violation(streaming().receive(frame(0x01, utf8("a")), frame(0x81, utf8("b")))))
                .isEqualTo(Violation.EXPECTED_CONTINUATION);
        assertThat(violation(streaming().receive(frame(0x80, utf8("a"))))).isEqualTo(Violation.UNEXPECTED_CONTINUATION);
    }

    @Test
    void wrongOptionsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Framing(true, 1, true, 1))
                .withMessageContaining("streaming");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Framing(false, 1, true, 0))
                .withMessageContaining("max-stream-length must be 1 byte or more, but is 0");
    }
}
