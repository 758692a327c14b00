package dev.hawser.websocket.protocol;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Any bytes, cut anywhere, through the validator, with the JDK's decoder as oracle. The first byte says how to cut. */
public final class Utf8Fuzzer {

    private Utf8Fuzzer() {}

    /** Called by the fuzzer; throws where validator and decoder differ. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        int refusedAt = refusedAt(input);
        int malformedAt = malformedAt(input);
        int step = 1 + (input[0] & 0x0F);
        Utf8Validator validator = new Utf8Validator();
        boolean accepted = true;
        int at = 1;
        for (; at < input.length && accepted; at += step) {
            accepted = validator.accept(input, at, Math.min(step, input.length - at));
        }
        boolean whole = accepted && validator.finish();
        if (accepted != (refusedAt < 0)) {
            throw new AssertionError("Cut into " + step + ": " + accepted + ", but by one byte: " + refusedAt);
        }
        if (whole != (malformedAt < 0)) {
            throw new AssertionError("The validator says " + whole + ", the decoder " + malformedAt);
        }
        // The decoder may point at the beginning of a character of which the validator refuses the second byte or a
        // later.
        if (refusedAt >= 0 && (malformedAt > refusedAt || refusedAt - malformedAt > 3)) {
            throw new AssertionError("Refused at " + refusedAt + ", but malformed at " + malformedAt);
        }
        if (refusedAt >= 0 && canBecomeValid(Arrays.copyOfRange(input, malformedAt, refusedAt + 1), 3)) {
            throw new AssertionError("Refused at " + refusedAt + ", which could have become valid");
        }
    }

    /** Where the validator, given one byte after the other, refuses; -1 if nowhere. */
    private static int refusedAt(byte[] input) {
        Utf8Validator validator = new Utf8Validator();
        for (int i = 1; i < input.length; i++) {
            if (!validator.accept(input, i, 1)) {
                return i;
            }
        }
        return -1;
    }

    /** Where the decoder finds the first character that is malformed or not finished; -1 if nowhere. */
    private static int malformedAt(byte[] input) {
        ByteBuffer in = ByteBuffer.wrap(input, 1, input.length - 1);
        CoderResult result = decoder().decode(in, CharBuffer.allocate(input.length), true);
        return result.isError() ? in.position() : -1;
    }

    /**
     * Whether up to {@code most} more bytes make the beginning of a character a whole one. (The decoder itself takes two
     * bytes of a surrogate for the beginning of something.)
     */
    private static boolean canBecomeValid(byte[] start, int most) {
        if (!decoder()
                .decode(ByteBuffer.wrap(start), CharBuffer.allocate(start.length), true)
                .isError()) {
            return true;
        }
        byte[] longer = Arrays.copyOf(start, start.length + 1);
        for (int next : most == 0 ? new int[0] : new int[] {0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF}) {
            longer[start.length] = (byte) next;
            if (canBecomeValid(longer, most - 1)) {
                return true;
            }
        }
        return false;
    }

    private static CharsetDecoder decoder() {
        return StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    /** The text; throws if it is none. */
    static String decode(byte[] utf8) {
        try {
            return decoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException malformed) {
            throw new AssertionError("Text must be UTF-8", malformed);
        }
    }
}
