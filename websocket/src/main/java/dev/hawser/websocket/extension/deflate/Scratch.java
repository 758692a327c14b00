package dev.hawser.websocket.extension.deflate;

import java.nio.ByteBuffer;
import java.util.function.Function;

/**
 * Buffers outside the heap, through which zlib gets its input and gives its output. While zlib works on arrays, the garbage
 * collector has to wait: G1 before JDK 22 (JEP 423), others in later JDKs, too. Where many threads have it work at once, none may
 * get memory for so long that the JVM gives up with an {@link OutOfMemoryError}, though much of the heap is garbage.
 */
final class Scratch {

    private static final int INPUT = 16 * 1024;

    /** More, since zlib copies what it will refer to whenever it is full. */
    static final int OUTPUT = 64 * 1024;

    /** So many are kept: threads that wait for a processor may have one each. */
    private static final int MOST = 64;

    private static final Pool<Scratch> POOL = new Pool<>(MOST, Scratch::new, scratch -> {});

    private final ByteBuffer input = ByteBuffer.allocateDirect(INPUT);
    private final ByteBuffer output = ByteBuffer.allocateDirect(OUTPUT);

    private Scratch() {}

    /** Lends one for as long as {@code work} takes. */
    static <R> R with(Function<Scratch, R> work) {
        Scratch scratch = POOL.take();
        try {
            return work.apply(scratch);
        } finally {
            POOL.giveBack(scratch);
        }
    }

    /** As much of the rest of {@code data} as has room. */
    ByteBuffer input(byte[] data, int start) {
        return input.clear()
                .put(data, start, Math.min(data.length - start, INPUT))
                .flip();
    }

    /** With room for so many bytes, or for as many as there is. */
    ByteBuffer output(int room) {
        return output.clear().limit(Math.min(room, OUTPUT));
    }
}
