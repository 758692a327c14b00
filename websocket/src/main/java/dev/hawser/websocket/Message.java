package dev.hawser.websocket;

import dev.hawser.websocket.protocol.Outgoing;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A message from the peer: text or binary (RFC 6455, section 5.6). Immutable, and may be kept and passed to other
 * threads. Its text is decoded when asked for, so that passing a message on costs no decoding; sent on many connections,
 * it is compressed once for all of those that forget what they have sent (RFC 7692, section 7.1.1).
 */
public final class Message {

    private final boolean text;
    private final byte[] payload;
    /** For all connections on which this is sent; null until then. Two threads may each make one, which is as good. */
    private @Nullable Outgoing outgoing;

    /** @param payload must not change afterwards; valid UTF-8 where this is text */
    private Message(boolean text, byte[] payload) {
        this.text = text;
        this.payload = payload;
    }

    /** A text message of this text; unpaired surrogates become {@code ?}. */
    public static Message text(String text) {
        return new Message(true, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A binary message of these bytes, which are copied. */
    public static Message binary(byte[] data) {
        return new Message(false, data.clone());
    }

    /** A binary message of what remains in {@code data}, which is copied; its position stays where it is. */
    public static Message binary(ByteBuffer data) {
        byte[] copy = new byte[data.remaining()];
        data.duplicate().get(copy);
        return new Message(false, copy);
    }

    /**
     * A message over the array itself: for transports.
     *
     * @param text whether {@code payload} is valid UTF-8 and meant as text
     * @param payload must not change afterwards
     */
    public static Message wrap(boolean text, byte[] payload) {
        return new Message(text, payload);
    }

    /** Whether this is text; otherwise it is binary. */
    public boolean isText() {
        return text;
    }

    /**
     * The text of this message.
     *
     * @throws IllegalStateException if this is a binary message
     */
    public String text() {
        if (!text) {
            throw new IllegalStateException("Expected a text message but was binary, of " + payload.length + " bytes");
        }
        return new String(payload, StandardCharsets.UTF_8);
    }

    /** The payload, read-only: the bytes of a binary message, or the UTF-8 of a text message. */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(payload).asReadOnlyBuffer();
    }

    /** A copy of the payload. */
    public byte[] toByteArray() {
        return payload.clone();
    }

    /** The payload itself: for transports, which must not change it. */
    public byte[] unwrap() {
        return payload;
    }

    /** The message as connections send it, always the same: for transports. What extensions make of it is kept there. */
    public Outgoing outgoing() {
        Outgoing known = outgoing;
        if (known == null) {
            known = new Outgoing(text, payload, true);
            outgoing = known;
        }
        return known;
    }

    /** The length of the payload in bytes. */
    public int length() {
        return payload.length;
    }

    /** Type and length; never the payload, so that it cannot slip into a log. */
    @Override
    public String toString() {
        return (text ? "text" : "binary") + " message of " + payload.length + " bytes";
    }
}
