package dev.hawser.websocket.protocol;

/** Writes the frames of a server, RFC 6455, section 5.2: not masked, in their shortest form. */
final class FrameWriter {

    private static final int FIN = 0x80;
    private static final int MAX_HEADER = 10;

    private FrameWriter() {}

    /**
     * Writes a message, in as many frames as it takes.
     *
     * @param reserved the reserved bits of the first frame, the first of them the highest
     * @param payload must not change afterwards
     * @param threshold the most payload of one frame
     */
    static void message(ByteQueue output, Opcode opcode, int reserved, byte[] payload, int threshold) {
        int first = reserved << 4 | opcode.code();
        int start = 0;
        for (; payload.length - start > threshold; start += threshold) {
            write(output, start == 0 ? first : Opcode.CONTINUATION.code(), payload, start, threshold);
        }
        int last = start == 0 ? first : Opcode.CONTINUATION.code();
        write(output, FIN | last, payload, start, payload.length - start);
    }

    /** Writes one frame; {@code payload} must not change afterwards. */
    static void frame(ByteQueue output, Opcode opcode, boolean fin, byte[] payload) {
        write(output, (fin ? FIN : 0) | opcode.code(), payload, 0, payload.length);
    }

    /** @param first the first byte of the frame */
    private static void write(ByteQueue output, int first, byte[] payload, int offset, int length) {
        boolean small = length < ByteQueue.LARGE;
        byte[] room = output.room(MAX_HEADER + (small ? length : 0));
        int start = output.end();
        int end = header(room, start, first, length);
        if (small) {
            System.arraycopy(payload, offset, room, end, length);
            end += length;
        }
        output.added(end - start);
        if (!small) {
            output.add(payload, offset, length);
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
            room[at + 2] = (byte) (length >>> 8);
            room[at + 3] = (byte) length;
            return at + 4;
        }
        room[at + 1] = 127;
        for (int i = 0; i < 8; i++) {
            room[at + 2 + i] = (byte) ((long) length >>> (56 - 8 * i));
        }
        return at + MAX_HEADER;
    }
}
