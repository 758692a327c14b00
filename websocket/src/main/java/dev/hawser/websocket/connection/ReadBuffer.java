package dev.hawser.websocket.connection;

import org.jspecify.annotations.Nullable;

/** The buffer that a thread reads into: one for each thread that reads, none for a connection. */
final class ReadBuffer {

    /** As large as a container's own buffer, so that one read takes all of it. */
    private static final int SIZE = 8 * 1024;

    private static final ThreadLocal<byte @Nullable []> BUFFER = new ThreadLocal<>();

    private ReadBuffer() {}

    /** This thread's buffer; a new one while that is in use. */
    static byte[] take() {
        byte[] buffer = BUFFER.get();
        if (buffer == null) {
            return new byte[SIZE];
        }
        BUFFER.set(null);
        return buffer;
    }

    static void giveBack(byte[] buffer) {
        BUFFER.set(buffer);
    }
}
