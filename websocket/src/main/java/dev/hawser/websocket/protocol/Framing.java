package dev.hawser.websocket.protocol;

/**
 * How messages are divided into frames (RFC 6455, section 5.4).
 *
 * @param assemble whether the fragments of a message are put together; if not, each frame is an {@link Event.Fragment}
 * @param threshold the most payload of one frame, in bytes; longer messages are sent in fragments
 * @param streaming whether data frames are handed on in pieces while they come, each an {@link Event.Fragment}, as if an
 *     intermediary had cut them there: then nothing of a message is held, however long its frames are
 * @param maxStreamLength the longest message, in bytes, that is handed on so; 1 or more. The other limits of length do not
 *     count then, and {@code max-fragments} counts empty frames in a row
 */
public record Framing(boolean assemble, int threshold, boolean streaming, long maxStreamLength) {

    /** Whole messages, in one frame each. */
    public static final Framing DEFAULT = new Framing(true, Integer.MAX_VALUE);

    public Framing {
        if (threshold < 1) {
            throw new IllegalArgumentException("fragment-threshold must be 1 byte or more, but is " + threshold);
        }
        if (assemble && streaming) {
            throw new IllegalArgumentException("streaming must be off where fragments are put together");
        }
        if (maxStreamLength < 1) {
            throw new IllegalArgumentException("max-stream-length must be 1 byte or more, but is " + maxStreamLength);
        }
    }

    /** Without streaming. */
    public Framing(boolean assemble, int threshold) {
        this(assemble, threshold, false, Long.MAX_VALUE);
    }
}
