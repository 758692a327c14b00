package dev.hawser.websocket.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Checks UTF-8 (RFC 3629) piece by piece, and refuses at the first byte that no continuation could make valid:
 * overlong forms, surrogates and code points beyond U+10FFFF included.
 */
final class Utf8Validator {

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long NOT_ASCII = 0x8080_8080_8080_8080L;

    /** How many bytes the character in progress still wants. */
    private int missing;
    /** The range of the next byte, while {@link #missing} is not 0. */
    private int lowest;

    private int highest;

    /** A validator that stands where this one does. */
    Utf8Validator copy() {
        Utf8Validator copy = new Utf8Validator();
        copy.missing = missing;
        copy.lowest = lowest;
        copy.highest = highest;
        return copy;
    }

    /** Takes the next piece; false if it can be no part of valid text. */
    boolean accept(byte[] data, int offset, int length) {
        int end = offset + length;
        int i = offset;
        while (i < end) {
            if (missing > 0) {
                if (!continuation(data[i++] & 0xFF)) {
                    return false;
                }
            } else if (data[i] >= 0) {
                i = skipAscii(data, i + 1, end);
            } else {
                int size = wholeCharacter(data, i, end);
                if (size > 0) { // nearly always
                    i += size;
                } else if (!lead(data[i++] & 0xFF)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static int skipAscii(byte[] data, int start, int end) {
        int i = start;
        while (i <= end - 8 && ((long) WORDS.get(data, i) & NOT_ASCII) == 0) {
            i += 8;
        }
        return i;
    }

    /**
     * The length of the character of several bytes that begins at {@code i}; 0 unless all of them are there and valid. Signed,
     * a continuation is any byte below 0xC0.
     */
    private static int wholeCharacter(byte[] data, int i, int end) {
        byte first = data[i];
        if (first < (byte) 0xE0) {
            return first >= (byte) 0xC2 && i + 1 < end && data[i + 1] < (byte) 0xC0 ? 2 : 0;
        }
        if (first < (byte) 0xF0) {
            return i + 2 < end
                            && isSecond(first, data[i + 1], (byte) 0xE0, (byte) 0xA0, (byte) 0xED)
                            && data[i + 2] < (byte) 0xC0
                    ? 3
                    : 0;
        }
        return i + 3 < end
                        && first <= (byte) 0xF4
                        && isSecond(first, data[i + 1], (byte) 0xF0, (byte) 0x90, (byte) 0xF4)
                        && data[i + 2] < (byte) 0xC0
                        && data[i + 3] < (byte) 0xC0
                ? 4
                : 0;
    }

    /** Whether {@code second} may follow {@code first}: from {@code border} on after the lowest, below it after the highest. */
    private static boolean isSecond(byte first, byte second, byte lowestFirst, byte border, byte highestFirst) {
        return second < (byte) 0xC0
                && (first != lowestFirst || second >= border)
                && (first != highestFirst || second < border);
    }

    /** Whether the text ends between two characters; makes ready for the next text. */
    boolean finish() {
        boolean whole = missing == 0;
        missing = 0;
        return whole;
    }

    /** The table of RFC 3629, section 4: what may follow each first byte. */
    private boolean lead(int b) {
        lowest = 0x80;
        highest = 0xBF;
        if (b >= 0xC2 && b <= 0xDF) {
            missing = 1;
        } else if (b >= 0xE0 && b <= 0xEF) {
            missing = 2;
            if (b == 0xE0) {
                lowest = 0xA0; // overlong below
            } else if (b == 0xED) {
                highest = 0x9F; // surrogates above
            }
        } else if (b >= 0xF0 && b <= 0xF4) {
            missing = 3;
            if (b == 0xF0) {
                lowest = 0x90; // overlong below
            } else if (b == 0xF4) {
                highest = 0x8F; // beyond U+10FFFF above
            }
        } else {
            return false;
        }
        return true;
    }

    private boolean continuation(int b) {
        if (b < lowest || b > highest) {
            return false;
        }
        missing--;
        lowest = 0x80;
        highest = 0xBF;
        return true;
    }
}
