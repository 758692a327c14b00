package dev.hawser.tests.soak;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Takes apart what a server sends, and puts messages together. */
final class FrameParser {

    /** What it finds. */
    interface Target {

        void control(int opcode, byte[] payload);

        /** @param compressed whether RSV1 was set */
        void message(boolean text, boolean compressed, byte[] payload);

        void invalid(String what);
    }

    private final Target target;

    private int headerBytes;
    private int headerLength = 2;
    private int first;
    private long length;
    private int left;

    private ByteArrayOutputStream control = new ByteArrayOutputStream(0);
    /** The first byte of the message in progress; 0 between messages. */
    private int messageFirst;

    private ByteArrayOutputStream message = new ByteArrayOutputStream(0);

    FrameParser(Target target) {
        this.target = target;
    }

    void read(ByteBuffer input) {
        while (input.hasRemaining()) {
            if (left > 0) {
                int count = Math.min(left, input.remaining());
                (isControl() ? control : message).write(input.array(), input.arrayOffset() + input.position(), count);
                input.position(input.position() + count);
                left -= count;
                if (left == 0) {
                    end();
                }
            } else {
                header(input.get() & 0xFF);
            }
        }
    }

    private boolean isControl() {
        return (first & 0x08) != 0;
    }

    private void header(int next) {
        headerBytes++;
        if (headerBytes == 1) {
            first = next;
            headerLength = 2;
        } else if (headerBytes == 2) {
            if (next >= 128) {
                target.invalid("a masked frame");
            }
            headerLength = next == 126 ? 4 : next == 127 ? 10 : 2;
            length = next < 126 ? next : 0;
        } else {
            length = length << 8 | next;
        }
        if (headerBytes == headerLength) {
            headerBytes = 0;
            begin();
        }
    }

    private void begin() {
        left = (int) length;
        int opcode = first & 0x0F;
        if (!isControl()) {
            if ((opcode == Frames.CONTINUATION) == (messageFirst == 0)) {
                target.invalid("opcode " + opcode + (messageFirst == 0 ? " between messages" : " within a message"));
            }
            if (opcode != Frames.CONTINUATION) {
                messageFirst = first;
            }
        }
        if (left == 0) {
            end();
        }
    }

    private void end() {
        if (isControl()) {
            byte[] payload = control.toByteArray();
            control = new ByteArrayOutputStream(0);
            target.control(first & 0x0F, payload);
        } else if ((first & Frames.FIN) != 0) {
            byte[] payload = message.toByteArray();
            message = new ByteArrayOutputStream(0);
            int begun = messageFirst;
            messageFirst = 0;
            target.message((begun & 0x0F) == Frames.TEXT, (begun & Frames.RSV1) != 0, payload);
        }
    }
}
