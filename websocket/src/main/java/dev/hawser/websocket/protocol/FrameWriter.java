package dev.hawser.websocket.protocol;

/** Writes the frames of a server, RFC 6455, section 5.2: not masked, in their shortest form. */
final class FrameWriter {

    private static final int FIN = 0x80;

    private final ByteQueue output;

    FrameWriter(ByteQueue output) {
        this.output = output;
    }

    /** Writes a message or control frame in one frame; {@code payload} must not change afterwards. */
    void write(Opcode opcode, byte[] payload) {
        header(FIN | opcode.code(), payload.length);
        output.add(payload);
    }

    private void header(int first, int length) {
        byte[] room = output.room(10);
        int at = output.end();
        room[at] = (byte) first;
        if (length <= 125) {
            room[at + 1] = (byte) length;
            output.added(2);
        } else if (length <= 0xFFFF) {
            room[at + 1] = 126;
            room[at + 2] = (byte) (length >>> 8);
            room[at + 3] = (byte) length;
            output.added(4);
        } else {
            room[at + 1] = 127;
            for (int i = 0; i < 8; i++) {
                room[at + 2 + i] = (byte) ((long) length >>> (56 - 8 * i));
            }
            output.added(10);
        }
    }
}
