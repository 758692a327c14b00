package dev.hawser.websocket.extension.deflate;

/** Compresses messages (RFC 7692, section 7.2.1). Not thread-safe. */
interface Compressor {

    /** A message of no bytes: the header of an empty block, without its length (section 7.2.3.6). */
    byte[] EMPTY = {0};

    /** What ends a flush, and is left out: the length of an empty block (section 7.2.1). */
    int TAIL_LENGTH = 4;

    /**
     * Compresses one message.
     *
     * @param data not empty
     * @param forget whether the next message must not refer to this one and those before
     */
    byte[] compress(byte[] data, boolean forget);

    /** How much it holds, on the heap or not, in bytes, about. */
    long memory();

    /** Frees the memory. */
    void end();

    /** Whether the JDK's compressor can be set to this. It has one window, of 2^15 bytes, and one memory level, 8. */
    static boolean isFixed(DeflateOptions options, int windowBits) {
        return windowBits == 15 && options.memLevel() == 8;
    }

    /** A compressor for these settings. */
    static Compressor of(DeflateOptions options, int windowBits) {
        return isFixed(options, windowBits) ? new JdkCompressor(options) : new JzlibCompressor(options, windowBits);
    }
}
