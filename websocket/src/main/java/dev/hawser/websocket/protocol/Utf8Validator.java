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
            if (missing == 0) {
                while (i <= end - 8 && ((long) WORDS.get(data, i) & NOT_ASCII) == 0) {
                    i += 8;
                }
                while (i < end && data[i] >= 0) {
                    i++;
                }
                if (i < end && !lead(data[i++] & 0xFF)) {
                    return false;
                }
            } else if (!continuation(data[i++] & 0xFF)) {
                return false;
            }
        }
        return true;
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
