package dev.hawser.websocket.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** One frame as it stands on the wire (RFC 6455, section 5.2). Immutable; the {@code with…} methods make changed copies. */
public final class Frame {

    private final boolean fin;
    private final int reserved;
    private final Opcode opcode;
    private final boolean masked;
    private final byte[] payload;

    /** @param payload must not change afterwards */
    Frame(boolean fin, int reserved, Opcode opcode, boolean masked, byte[] payload) {
        this.fin = fin;
        this.reserved = reserved;
        this.opcode = opcode;
        this.masked = masked;
        this.payload = payload;
    }

    /** A frame without reserved bits that is the last of its message. The payload is copied. */
    public static Frame of(Opcode opcode, byte[] payload) {
        return new Frame(true, 0, opcode, false, payload.clone());
    }

    /** A whole text message; {@code text("Hel").withFin(false)} begins one. Unpaired surrogates become {@code ?}. */
    public static Frame text(String text) {
        return new Frame(true, 0, Opcode.TEXT, false, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A whole binary message. The payload is copied. */
    public static Frame binary(byte[] data) {
        return of(Opcode.BINARY, data);
    }

    /** The last fragment of a message; {@link #withFin withFin(false)} for one between. The payload is copied. */
    public static Frame continuation(byte[] data) {
        return of(Opcode.CONTINUATION, data);
    }

    /** A close frame (section 5.5.1). */
    public static Frame close(int code, String reason) {
        return new Frame(true, 0, Opcode.CLOSE, false, CloseCode.payload(code, reason));
    }

    /** A copy that is, or is not, the last frame of its message. */
    public Frame withFin(boolean last) {
        return new Frame(last, reserved, opcode, masked, payload);
    }

    /** A copy with these reserved bits. They mean nothing, and cannot be sent, unless an extension was agreed on. */
    public Frame withReserved(boolean rsv1, boolean rsv2, boolean rsv3) {
        return new Frame(fin, (rsv1 ? 4 : 0) | (rsv2 ? 2 : 0) | (rsv3 ? 1 : 0), opcode, masked, payload);
    }

    /** A copy that was, or was not, masked on its way. */
    public Frame withMasked(boolean masked) {
        return new Frame(fin, reserved, opcode, masked, payload);
    }

    /** Whether this is the last frame of its message. */
    public boolean fin() {
        return fin;
    }

    /** The first reserved bit. */
    public boolean rsv1() {
        return (reserved & 4) != 0;
    }

    /** The second reserved bit. */
    public boolean rsv2() {
        return (reserved & 2) != 0;
    }

    /** The third reserved bit. */
    public boolean rsv3() {
        return (reserved & 1) != 0;
    }

    /** The three reserved bits, the first of them the highest. */
    int reserved() {
        return reserved;
    }

    /** What kind of frame this is. */
    public Opcode opcode() {
        return opcode;
    }

    /**
     * Whether the payload was masked on its way here: a client's always is, a server's never (section 5.1). Of no account
     * for frames to be sent, whose mask depends on who sends them.
     */
    public boolean masked() {
        return masked;
    }

    /** The length of the payload, in bytes. */
    public int length() {
        return payload.length;
    }

    /** The payload, unmasked and read-only. Text may begin and end in the middle of a character. */
    public ByteBuffer payload() {
        return ByteBuffer.wrap(payload).asReadOnlyBuffer();
    }

    /** A copy of the payload. */
    public byte[] toByteArray() {
        return payload.clone();
    }

    /** The payload itself, which must not be changed. */
    public byte[] unwrap() {
        return payload;
    }

    /** What the header says; never the payload, so that it cannot slip into a log. */
    @Override
    public String toString() {
        return opcode + " frame of " + payload.length + " bytes" + (fin ? "" : ", to be continued");
    }
}
