package dev.hawser.tests.soak;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Writes frames as a client does (RFC 6455, section 5.2), and others. Not thread-safe. */
final class Frames {

    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    static final int FIN = 0x80;
    static final int RSV1 = 0x40;
    static final int RSV2 = 0x20;

    private static final int KEY = 0x37FA_213D;
    private static final int MASK_BIT = 0x80;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** A masked frame, whose first byte is given. */
    Frames add(int first, byte[] payload) {
        return add(first, payload, 0, payload.length);
    }

    Frames add(int first, byte[] payload, int start, int length) {
        header(first, MASK_BIT, length);
        bytes.writeBytes(ByteBuffer.allocate(4).putInt(KEY).array());
        byte[] masked = new byte[length];
        for (int i = 0; i < length; i++) {
            masked[i] = (byte) (payload[start + i] ^ KEY >>> (24 - 8 * (i % 4)));
        }
        bytes.writeBytes(masked);
        return this;
    }

    /** As no client must. */
    Frames addUnmasked(int first, byte[] payload) {
        header(first, 0, payload.length);
        bytes.writeBytes(payload);
        return this;
    }

    /** The header of a masked frame alone. */
    Frames addHeader(int first, int length) {
        header(first, MASK_BIT, length);
        bytes.writeBytes(ByteBuffer.allocate(4).putInt(KEY).array());
        return this;
    }

    private void header(int first, int mask, int length) {
        bytes.write(first);
        if (length < 126) {
            bytes.write(mask | length);
        } else if (length < 65_536) {
            bytes.write(mask | 126);
            bytes.writeBytes(ByteBuffer.allocate(2).putShort((short) length).array());
        } else {
            bytes.write(mask | 127);
            bytes.writeBytes(ByteBuffer.allocate(8).putLong(length).array());
        }
    }

    byte[] toByteArray() {
        return bytes.toByteArray();
    }
}
