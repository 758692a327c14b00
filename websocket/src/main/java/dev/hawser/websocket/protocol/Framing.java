package dev.hawser.websocket.protocol;

/**
 * How messages are divided into frames (RFC 6455, section 5.4).
 *
 * @param assemble whether the fragments of a message are put together; if not, each frame is an {@link Event.Fragment}
 * @param threshold the most payload of one frame, in bytes; longer messages are sent in fragments
 */
public record Framing(boolean assemble, int threshold) {

    /** Whole messages, in one frame each. */
    public static final Framing DEFAULT = new Framing(true, Integer.MAX_VALUE);

    public Framing {
        if (threshold < 1) {
            throw new IllegalArgumentException("fragment-threshold must be 1 byte or more, but is " + threshold);
        }
    }
}
