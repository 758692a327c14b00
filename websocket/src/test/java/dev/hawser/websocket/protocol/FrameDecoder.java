package dev.hawser.websocket.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads what a server sends, independently of what is tested, and refuses all that RFC 6455, section 5, forbids. */
final class FrameDecoder {

    /** Messages as {@code text …} and {@code binary …}, the payload in hexadecimal where it is binary, in their order. */
    final List<String> messages = new ArrayList<>();
    /** Pings, pongs and the close, in their order. */
    final List<String> controls = new ArrayList<>();

    int frames;
    int longest;
    private String type;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();

    FrameDecoder(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        while (in.hasRemaining()) {
            require(controls.stream().noneMatch(control -> control.startsWith("close")), "a frame after the close");
            int first = in.get() & 0xFF;
            require((first & 0x70) == 0, "a reserved bit");
            byte[] payload = new byte[length(in)];
            in.get(payload);
            frame(first & 0x0F, first >= 0x80, payload);
        }
        require(type == null || controls.toString().contains("close"), "a message without an end");
    }

    private static int length(ByteBuffer in) {
        int second = in.get() & 0xFF;
        require(second < 0x80, "a mask");
        if (second < 126) {
            return second;
        }
        long length = second == 126 ? in.getShort() & 0xFFFF : in.getLong();
        require(length > (second == 126 ? 125 : 0xFFFF), "a length that is not in its shortest form");
        return Math.toIntExact(length);
    }

    private void frame(int opcode, boolean fin, byte[] payload) {
        if (opcode >= 8) {
            require(
                    fin && payload.length <= 125 && opcode <= 10 && payload.length != (opcode == 8 ? 1 : -1),
                    "a control");
            controls.add(List.of("close ", "ping ", "pong ").get(opcode - 8) + Arrays.toString(payload));
            return;
        }
        frames++;
        longest = Math.max(longest, payload.length);
        require((opcode == 0) == (type != null), "a frame out of order");
        if (opcode != 0) {
            require(opcode <= 2, "an opcode");
            type = opcode == 1 ? "text " : "binary ";
        }
        message.writeBytes(payload);
        if (fin) {
            byte[] whole = message.toByteArray();
            messages.add(type + (type.equals("text ") ? Utf8Fuzzer.decode(whole) : Arrays.toString(whole)));
            type = null;
            message.reset();
        }
    }

    private static void require(boolean right, String wrong) {
        if (!right) {
            throw new AssertionError("The server sent " + wrong);
        }
    }
}
