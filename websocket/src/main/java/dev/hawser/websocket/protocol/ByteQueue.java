package dev.hawser.websocket.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on their way out, in order. Small pieces share a chunk, which grows as needed, so that a hundred small frames
 * leave in one write; large ones are queued as they are. An empty queue holds no buffer.
 */
public final class ByteQueue {

    /** From here on a piece is queued by reference instead of being copied. */
    private static final int LARGE = 4096;

    private static final int FIRST_CHUNK = 256;
    private static final int LARGEST_CHUNK = 16 * 1024;

    /** Whole pieces before the chunk; null while none are. */
    private @Nullable ArrayDeque<ByteBuffer> pieces;

    private byte @Nullable [] chunk;
    private int chunkSize;
    private long size;

    /** How many bytes wait. */
    public long size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** Adds {@code data}, which the caller must not change afterwards. */
    public void add(byte[] data) {
        if (data.length < LARGE) {
            byte[] room = room(data.length);
            System.arraycopy(data, 0, room, chunkSize, data.length);
            added(data.length);
        } else {
            closeChunk();
            pieces().addLast(ByteBuffer.wrap(data));
            size += data.length;
        }
    }

    /** An array in which {@code count} bytes can be written from {@link #end()} on; {@link #added} then counts them. */
    byte[] room(int count) {
        byte[] current = chunk;
        if (current != null && current.length - chunkSize >= count) {
            return current;
        }
        if (current != null && chunkSize + count <= LARGEST_CHUNK) {
            current = Arrays.copyOf(current, Math.min(LARGEST_CHUNK, Math.max(2 * current.length, chunkSize + count)));
        } else {
            closeChunk();
            current = new byte[Math.max(FIRST_CHUNK, count)];
        }
        chunk = current;
        return current;
    }

    int end() {
        return chunkSize;
    }

    void added(int count) {
        chunkSize += count;
        size += count;
    }

    /** The bytes to write next; null when there are none. They stay until {@link #written} says how many went. */
    public @Nullable ByteBuffer peek() {
        if (pieces == null || pieces.isEmpty()) {
            if (chunk == null) {
                return null;
            }
            closeChunk();
        }
        return pieces().peekFirst();
    }

    /** Says that {@code count} bytes of the last {@link #peek} were written; the buffer's position has moved with them. */
    public void written(int count) {
        ArrayDeque<ByteBuffer> queue = pieces();
        size -= count;
        ByteBuffer first = queue.peekFirst();
        if (first != null && !first.hasRemaining()) {
            queue.removeFirst();
        }
        if (size == 0) {
            clear();
        }
    }

    /** Forgets all, and holds nothing afterwards. */
    public void clear() {
        pieces = null;
        chunk = null;
        chunkSize = 0;
        size = 0;
    }

    private void closeChunk() {
        if (chunk != null && chunkSize > 0) {
            pieces().addLast(ByteBuffer.wrap(chunk, 0, chunkSize));
        }
        chunk = null;
        chunkSize = 0;
    }

    private ArrayDeque<ByteBuffer> pieces() {
        ArrayDeque<ByteBuffer> queue = pieces;
        if (queue == null) {
            queue = new ArrayDeque<>(4);
            pieces = queue;
        }
        return queue;
    }
}
