package dev.hawser.websocket.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Masking, RFC 6455, section 5.3: the same operation masks and unmasks. */
final class Mask {

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Mask() {}

    /**
     * Masks in place, eight bytes at a time.
     *
     * @param key the masking key, its first byte in the highest eight bits
     * @param position where in the frame's payload {@code data[offset]} stands
     */
    static void apply(byte[] data, int offset, int length, int key, long position) {
        if (key == 0) {
            return;
        }
        int rotated = Integer.reverseBytes(Integer.rotateLeft(key, 8 * (int) (position & 3)));
        long word = ((long) rotated << 32) | (rotated & 0xFFFF_FFFFL);
        int end = offset + length;
        int i = offset;
        for (; i <= end - 8; i += 8) {
            WORDS.set(data, i, (long) WORDS.get(data, i) ^ word);
        }
        for (; i < end; i++, word >>>= 8) {
            data[i] ^= (byte) word;
        }
    }
}
