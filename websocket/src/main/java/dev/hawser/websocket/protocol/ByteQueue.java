package dev.hawser.websocket.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on their way out, in order. Small pieces share a chunk, which grows as needed, so that a hundred small frames
 * leave in one write; large ones are queued as they are. An empty queue holds no buffer.
 */
public final class ByteQueue {

    /** From here on a piece is queued by reference instead of being copied. */
    static final int LARGE = 4096;

    private static final int FIRST_CHUNK = 1024;
    private static final int LARGEST_CHUNK = 16 * 1024;
    private static final int MOST_PIECES = 16;
    private static final ByteBuffer[] NONE = {};

    /** Whole pieces before the chunk; null while none are. */
    private @Nullable ArrayDeque<ByteBuffer> pieces;

    /** What the last {@link #peek} gave, and how much that was. */
    private ByteBuffer[] offered = NONE;

    private long offeredBytes;
    private byte @Nullable [] chunk;
    private int chunkSize;
    private long size;

    private long removed;
    /** How many pieces have been removed. */
    private long removedPieces;
    /** Where messages end of which nobody has heard yet that they have left, counted from the first byte of all; null unless they are counted. */
    private @Nullable ArrayDeque<Long> ends;

    /** How many bytes wait. */
    public long size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** How many bytes wait that no piece has yet: more will join them. */
    public int unclosed() {
        return chunkSize;
    }

    /** How many pieces have been removed: the number of the first that waits, counted from the first of all. */
    public long firstPiece() {
        return removedPieces;
    }

    /** The arrays of the pieces that wait, from one on, as {@link #firstPiece} counts them; others may hold the same. Not to be changed. */
    public List<byte[]> arraysFrom(long piece) {
        int count = pieces == null ? 0 : (int) (removedPieces + pieces.size() - piece);
        if (count <= 0) {
            return List.of();
        }
        byte[][] arrays = new byte[count][];
        Iterator<ByteBuffer> newest = pieces().descendingIterator();
        while (count > 0) {
            arrays[--count] = newest.next().array();
        }
        return List.of(arrays);
    }

    /** From now on remembers where messages end; see {@link #takeEnds}. */
    public void countMessages() {
        ends = new ArrayDeque<>();
    }

    /** How many bytes have been removed. */
    public long removed() {
        return removed;
    }

    /**
     * How many messages end at or before a position, if they are counted; each is told once.
     *
     * @param position counted from the first byte of all
     */
    public int takeEnds(long position) {
        int count = 0;
        for (; ends != null && !ends.isEmpty() && ends.element() <= position; count++) {
            ends.remove();
        }
        return count;
    }

    /** What was added last is the end of a message. */
    void endMessage() {
        if (ends != null) {
            ends.add(removed + size);
        }
    }

    /** A queue for what is to be added here later. */
    ByteQueue sibling() {
        ByteQueue queue = new ByteQueue();
        queue.ends = ends == null ? null : new ArrayDeque<>();
        return queue;
    }

    /** Adds {@code data}, which the caller must not change afterwards. */
    public void add(byte[] data) {
        add(data, 0, data.length);
    }

    /** Adds a part of {@code data}, which the caller must not change afterwards. */
    void add(byte[] data, int offset, int length) {
        if (length < LARGE) {
            byte[] room = room(length);
            System.arraycopy(data, offset, room, chunkSize, length);
            added(length);
        } else {
            closeChunk();
            pieces().addLast(ByteBuffer.wrap(data, offset, length));
            size += length;
        }
    }

    /** Adds all that waits in {@code other}, which is empty afterwards. */
    void addAll(ByteQueue other) {
        other.closeChunk();
        long start = removed + size;
        if (ends != null && other.ends != null) {
            for (long end : other.ends) {
                ends.add(start + end - other.removed);
            }
        }
        if (other.pieces != null) {
            closeChunk();
            pieces().addAll(other.pieces);
            size += other.size;
        }
        other.clear();
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

    /**
     * The bytes to write next, in up to sixteen buffers; none when the queue is empty. Write from them, in order, then call
     * {@link #removeWritten}.
     */
    public ByteBuffer[] peek() {
        closeChunk();
        if (pieces == null || pieces.isEmpty()) {
            return NONE;
        }
        ByteBuffer[] next = new ByteBuffer[Math.min(pieces.size(), MOST_PIECES)];
        Iterator<ByteBuffer> all = pieces.iterator();
        for (int i = 0; i < next.length; i++) {
            next[i] = all.next();
        }
        offered = next;
        offeredBytes = remaining(next);
        return next;
    }

    /** Removes what was written from the buffers of the last {@link #peek}: what their positions have moved past. */
    public void removeWritten() {
        long written = offeredBytes - remaining(offered);
        size -= written;
        removed += written;
        for (ByteBuffer piece : offered) {
            if (!piece.hasRemaining() && pieces != null) {
                pieces.remove();
                removedPieces++;
            }
        }
        offered = NONE;
        offeredBytes = 0;
        if (size == 0) {
            clear();
        }
    }

    private static long remaining(ByteBuffer[] buffers) {
        long sum = 0;
        for (ByteBuffer buffer : buffers) {
            sum += buffer.remaining();
        }
        return sum;
    }

    /** Forgets all bytes, and holds nothing afterwards. */
    public void clear() {
        removedPieces += pieces == null ? 0 : pieces.size();
        pieces = null;
        offered = NONE;
        offeredBytes = 0;
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
