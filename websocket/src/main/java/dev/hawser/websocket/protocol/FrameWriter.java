package dev.hawser.websocket.protocol;

import java.util.Arrays;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Writes frames, RFC 6455, section 5.2, in their shortest form: a client's with a mask, a server's without. */
final class FrameWriter {

    private static final int FIN = 0x80;
    private static final int MASKED = 0x80;
    private static final int MAX_HEADER = 14;

    private final @Nullable IntSupplier masks;

    /** @param masks a client's masking keys, a new one for each frame, which nobody can foresee (section 5.3); null for a server */
    FrameWriter(@Nullable IntSupplier masks) {
        this.masks = masks;
    }

    boolean isMasking() {
        return masks != null;
    }

    /**
     * Writes a message, in as many frames as it takes.
     *
     * @param reserved the reserved bits of the first frame, the first of them the highest
     * @param payload must not change afterwards
     * @param threshold the most payload of one frame
     */
    void message(ByteQueue output, Opcode opcode, int reserved, byte[] payload, int threshold) {
        int first = reserved << 4 | opcode.code();
        int start = 0;
        for (; payload.length - start > threshold; start += threshold) {
            write(output, start == 0 ? first : Opcode.CONTINUATION.code(), payload, start, threshold);
        }
        int last = start == 0 ? first : Opcode.CONTINUATION.code();
        write(output, FIN | last, payload, start, payload.length - start);
        output.endMessage();
    }

    /** Writes one frame; {@code payload} must not change afterwards. */
    void frame(ByteQueue output, Opcode opcode, boolean fin, byte[] payload) {
        write(output, (fin ? FIN : 0) | opcode.code(), payload, 0, payload.length);
    }

    /** @param first the first byte of the frame */
    private void write(ByteQueue output, int first, byte[] payload, int offset, int length) {
        boolean small = length < ByteQueue.LARGE;
        byte[] room = output.room(MAX_HEADER + (small ? length : 0));
        int start = output.end();
        int end = header(room, start, first, length);
        int mask = 0;
        if (masks != null) {
            mask = masks.getAsInt();
            room[start + 1] |= (byte) MASKED;
            end = number(room, end, mask, 4);
        }
        if (small) {
            System.arraycopy(payload, offset, room, end, length);
            Mask.apply(room, end, length, mask, 0);
            end += length;
        }
        output.added(end - start);
        if (!small) {
            addLarge(output, payload, offset, length, mask);
        }
    }

    /** What is long is not copied, unless it is masked: others may send the same. */
    private static void addLarge(ByteQueue output, byte[] payload, int offset, int length, int mask) {
        if (mask == 0) {
            output.add(payload, offset, length);
        } else {
            byte[] copy = Arrays.copyOfRange(payload, offset, offset + length);
            Mask.apply(copy, 0, length, mask, 0);
            output.add(copy, 0, length);
        }
    }

    /** Writes a header at {@code at}; where it ends. */
    private static int header(byte[] room, int at, int first, int length) {
        room[at] = (byte) first;
        if (length <= 125) {
            room[at + 1] = (byte) length;
            return at + 2;
        }
        if (length <= 0xFFFF) {
            room[at + 1] = 126;
            return number(room, at + 2, length, 2);
        }
        room[at + 1] = 127;
        return number(room, at + 2, length, 8);
    }

    /** Writes a number of so many bytes at {@code at}, most significant first; where it ends. */
    private static int number(byte[] room, int at, long number, int bytes) {
        for (int i = 0; i < bytes; i++) {
            room[at + i] = (byte) (number >>> (8 * (bytes - 1 - i)));
        }
        return at + bytes;
    }
}
