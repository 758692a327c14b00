package dev.hawser.websocket.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The validator against the JDK's decoder. */
class Utf8ValidatorTests {

    private static boolean valid(byte[] data, int split) {
        Utf8Validator validator = new Utf8Validator();
        return validator.accept(data, 0, split)
                && validator.accept(data, split, data.length - split)
                && validator.finish();
    }

    private static boolean jdk(byte[] data) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data));
            return true;
        } catch (CharacterCodingException malformed) {
            return false;
        }
    }

    @Test
    void everySequenceOfUpToThreeBytesIsJudgedAsTheJdkDoes() {
        for (int b = 0; b < 256; b++) {
            check(new byte[] {(byte) b});
        }
        for (int b = 0; b < 65536; b++) {
            check(new byte[] {(byte) (b >> 8), (byte) b});
        }
        for (int b = 0xC00000; b <= 0xFFFFFF; b++) { // with a first byte that is not ASCII
            byte[] data = {(byte) (b >> 16), (byte) (b >> 8), (byte) b};
            if (isNearContinuation(data[1]) && isNearContinuation(data[2])) {
                check(data);
            }
        }
    }

    /** Whether this is a continuation, or one of the bytes beside those. */
    private static boolean isNearContinuation(byte b) {
        return b < (byte) 0xC2 || b >= 0x7E;
    }

    @Test
    void everySequenceOfFourBytesWithContinuationsIsJudgedAsTheJdkDoes() {
        for (int lead = 0xF0; lead < 256; lead++) {
            for (int second = 0x7E; second < 0xC2; second++) {
                for (int third = 0x7F; third < 0xC1; third++) {
                    for (int fourth : new int[] {0x7F, 0x80, 0xBF, 0xC0}) {
                        check(new byte[] {(byte) lead, (byte) second, (byte) third, (byte) fourth});
                    }
                }
            }
        }
    }

    @Test
    void randomTextCutAnywhereIsJudgedAsTheJdkDoes() {
        Random random = new Random(7);
        int invalid = 0;
        for (int round = 0; round < 50_000; round++) {
            byte[] data = random.ints(random.nextInt(40), 1, 0x11000)
                    .filter(c -> c < 0xD800 || c > 0xDFFF)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString()
                    .getBytes(StandardCharsets.UTF_8);
            if (data.length > 0 && random.nextBoolean()) {
                data[random.nextInt(data.length)] ^= (byte) (1 << random.nextInt(8));
            }
            boolean expected = jdk(data);
            invalid += expected ? 0 : 1;
            assertThat(valid(data, random.nextInt(data.length + 1))).isEqualTo(expected);
        }
        assertThat(invalid).isBetween(1000, 49_000);
    }

    @Test
    void theFirstByteThatCannotBeRightIsRefusedAtOnce() {
        assertThat(new Utf8Validator().accept(new byte[] {(byte) 0xED, (byte) 0xA0}, 0, 2))
                .isFalse();
        assertThat(new Utf8Validator().accept(new byte[] {(byte) 0xF5}, 0, 1)).isFalse();
        assertThat(new Utf8Validator().accept(new byte[] {(byte) 0xC0}, 0, 1)).isFalse();
    }

    private static void check(byte[] data) {
        boolean expected = jdk(data);
        for (int split = 0; split <= data.length; split++) {
            if (valid(data, split) != expected) {
                assertThat(data).as("split at %d, expected %s", split, expected).isEmpty();
            }
        }
    }
}
