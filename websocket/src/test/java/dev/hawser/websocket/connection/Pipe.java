package dev.hawser.websocket.connection;

import dev.hawser.websocket.protocol.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A socket in memory. What the peer wrote waits to be read; what is written to the peer is kept, as long as there is room
 * for it. Fails when it is written to by two threads at once.
 */
final class Pipe implements Transport {

    private final ByteArrayOutputStream input = new ByteArrayOutputStream();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final AtomicBoolean inUse = new AtomicBoolean();
    private long room = Long.MAX_VALUE;
    private boolean full;
    private boolean writeAwaited;
    private boolean inputEnded;
    private boolean endRead;
    private boolean outputShut;
    private boolean closed;
    private int flushes;
    private @Nullable IOException reset;
    private Runnable whenReadingResumes = () -> {};
    private Runnable whenFlushed = () -> {};

    // ---- The peer's end.

    synchronized void peerWrites(byte[] bytes) {
        input.writeBytes(bytes);
    }

    synchronized void peerShutsOutput() {
        inputEnded = true;
    }

    synchronized void peerResets() {
        reset = new IOException("Connection reset");
    }

    /** From now on so many bytes fit, until there is {@link #makeRoom more room}. */
    synchronized void limitRoom(long bytes) {
        room = bytes;
    }

    /** The peer reads; whether somebody waits to hear of it. */
    synchronized boolean makeRoom(long bytes) {
        room += bytes;
        boolean awaited = writeAwaited;
        writeAwaited = false;
        return awaited;
    }

    /** What has reached the peer so far, frame by frame, such as {@code text Hello} or {@code close 1000 bye}. */
    synchronized List<String> received() {
        return frames(output.toByteArray());
    }

    synchronized byte[] receivedBytes() {
        return output.toByteArray();
    }

    synchronized void forgetReceived() {
        output.reset();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    synchronized boolean isOutputShut() {
        return outputShut;
    }

    synchronized int flushes() {
        return flushes;
    }

    synchronized boolean hasInput() {
        return !closed && (input.size() > 0 || inputEnded || reset != null);
    }

    void onResumeReading(Runnable listener) {
        whenReadingResumes = listener;
    }

    void onFlush(Runnable listener) {
        whenFlushed = listener;
    }

    private static List<String> frames(byte[] bytes) {
        List<String> frames = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        while (in.remaining() >= 2) {
            int first = in.get() & 0xFF;
            long length = in.get();
            if (length < 0) {
                throw new AssertionError("A server's frame must not be masked");
            }
            if (length == 126) {
                length = in.getShort() & 0xFFFF;
            } else if (length == 127) {
                length = in.getLong();
            }
            if (length > in.remaining()) {
                frames.add("half a frame");
                break;
            }
            byte[] payload = new byte[(int) length];
            in.get(payload);
            frames.add(describe(first, payload));
        }
        return frames;
    }

    private static String describe(int first, byte[] payload) {
        return switch (first) {
            case 0x01 -> "text part " + Bytes.string(payload);
            case 0x02 -> "binary part " + Bytes.string(payload);
            case 0x00 -> "part " + Bytes.string(payload);
            case 0x80 -> "last part " + Bytes.string(payload);
            case 0x81 -> "text " + Bytes.string(payload);
            case 0x82 -> "binary " + Bytes.string(payload);
            case 0x88 ->
                payload.length == 0
                        ? "close"
                        : "close " + (ByteBuffer.wrap(payload).getShort() & 0xFFFF) + " "
                                + Bytes.string(Arrays.copyOfRange(payload, 2, payload.length));
            case 0x89 -> "ping " + Bytes.string(payload);
            case 0x8A -> "pong " + Bytes.string(payload);
            default -> throw new AssertionError("Not a frame of a server: " + Integer.toHexString(first));
        };
    }

    // ---- The connection's end.

    @Override
    public synchronized int read(byte[] buffer) throws IOException {
        if (reset != null) {
            throw reset;
        }
        if (closed) {
            return -1;
        }
        byte[] all = input.toByteArray();
        int count = Math.min(all.length, buffer.length);
        System.arraycopy(all, 0, buffer, 0, count);
        input.reset();
        input.write(all, count, all.length - count);
        endRead = count == 0 && inputEnded;
        return endRead ? -1 : count;
    }

    /** Whether the end of what the peer wrote has been read. */
    synchronized boolean isEndRead() {
        return endRead;
    }

    @Override
    public boolean mayHaveMore(int count, byte[] buffer) {
        return count == buffer.length;
    }

    @Override
    public void resumeReading() {
        whenReadingResumes.run();
    }

    @Override
    public boolean write(ByteBuffer[] data) throws IOException {
        use();
        try {
            return take(data);
        } finally {
            inUse.set(false);
        }
    }

    private synchronized boolean take(ByteBuffer[] data) throws IOException {
        if (reset != null || closed || outputShut) {
            throw new IOException("Broken pipe");
        }
        for (ByteBuffer piece : data) {
            int count = (int) Math.min(room, piece.remaining());
            byte[] bytes = new byte[count];
            piece.get(bytes);
            output.writeBytes(bytes);
            room -= count;
            full = piece.hasRemaining();
            if (full) {
                return false;
            }
        }
        return true;
    }

    private void use() {
        if (!inUse.compareAndSet(false, true)) {
            throw new AssertionError("Two threads write at once");
        }
    }

    @Override
    public boolean flush() throws IOException {
        use();
        try {
            whenFlushed.run();
            synchronized (this) {
                flushes++;
                writeAwaited = full;
                full = false;
                return !writeAwaited;
            }
        } finally {
            inUse.set(false);
        }
    }

    @Override
    public synchronized boolean shutdownOutput() {
        outputShut = true;
        return true;
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
