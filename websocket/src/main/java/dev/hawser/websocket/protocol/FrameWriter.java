package dev.hawser.websocket.protocol;

/** Writes the frames of a server, RFC 6455, section 5.2: not masked, in their shortest form. */
final class FrameWriter {

    private static final int FIN = 0x80;
    private static final int MAX_HEADER = 10;

    private final ByteQueue output;

    FrameWriter(ByteQueue output) {
        this.output = output;
    }

    /** Writes a message or control frame in one frame; {@code payload} must not change afterwards. */
    void write(Opcode opcode, byte[] payload) {
        boolean small = payload.length < ByteQueue.LARGE;
        byte[] room = output.room(MAX_HEADER + (small ? payload.length : 0));
        int start = output.end();
        int end = header(room, start, FIN | opcode.code(), payload.length);
        if (small) {
            System.arraycopy(payload, 0, room, end, payload.length);
            end += payload.length;
        }
        output.added(end - start);
        if (!small) {
            output.add(payload);
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
