package dev.hawser.websocket.protocol;

/**
 * What a peer may make us hold. All are checked from a frame's header, before its payload is taken.
 *
 * @param maxLength the longest message, in bytes, over all its fragments; 1 to 2^31 - 9
 * @param maxFrameLength the longest frame, in bytes; 1 to {@code maxLength}
 * @param maxFragments the most fragments of one message; 1 or more
 */
public record Limits(int maxLength, int maxFrameLength, int maxFragments) {

    /** The longest array that every JVM can allocate. */
    public static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    /** 64 MiB less one byte a message, the same a frame, 131,072 fragments. */
    public static final Limits DEFAULT = new Limits((1 << 26) - 1, (1 << 26) - 1, 131_072);

    public Limits {
        if (maxLength < 1 || maxLength > MAX_ARRAY) {
            throw new IllegalArgumentException("max-length must be 1 to " + MAX_ARRAY + " bytes, but is " + maxLength);
        }
        if (maxFrameLength < 1 || maxFrameLength > maxLength) {
            throw new IllegalArgumentException(
                    "max-frame-length must be 1 to max-length (" + maxLength + ") bytes, but is " + maxFrameLength);
        }
        if (maxFragments < 1) {
            throw new IllegalArgumentException("max-fragments must be 1 or more, but is " + maxFragments);
        }
    }
}
