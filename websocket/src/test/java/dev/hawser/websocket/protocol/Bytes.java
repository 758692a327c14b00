package dev.hawser.websocket.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Writes a client's frames for tests, independently of what is tested: byte by byte, straight from the RFC's figure. */
public final class Bytes {

    private static final byte[] KEY = {0x37, (byte) 0xfa, 0x21, 0x3d};

    private Bytes() {}

    public static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static String string(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    public static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** A masked frame: {@code first} holds FIN, reserved bits and opcode. */
    public static byte[] frame(int first, byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first);
        if (payload.length < 126) {
            out.write(0x80 | payload.length);
        } else if (payload.length < 65536) {
            out.write(0x80 | 126);
            out.write(payload.length >> 8);
            out.write(payload.length);
        } else {
            out.write(0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                out.write((int) ((long) payload.length >> shift));
            }
        }
        out.writeBytes(KEY);
        for (int i = 0; i < payload.length; i++) {
            out.write(payload[i] ^ KEY[i % 4]);
        }
        return out.toByteArray();
    }

    public static byte[] text(String text) {
        return frame(0x81, utf8(text));
    }

    public static byte[] close(int code, String reason) {
        return frame(0x88, join(new byte[] {(byte) (code >> 8), (byte) code}, utf8(reason)));
    }
}
