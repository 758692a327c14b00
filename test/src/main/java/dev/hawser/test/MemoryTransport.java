package dev.hawser.test;

import dev.hawser.websocket.connection.Transport;
import dev.hawser.websocket.connection.WebSocketConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One end of a socket in memory, and the container that calls its connection: from one thread at a time, and about what has
 * happened since. As many bytes as a small socket buffer holds may be on their way in each direction. The lock, which both
 * ends share, guards all fields; nothing is called under it.
 */
final class MemoryTransport implements Transport {

    static final int CAPACITY = 64 * 1024;

    private final Executor executor;
    private final ReentrantLock lock;
    private @Nullable MemoryTransport peer;

    private @Nullable WebSocketConnection connection;
    /** What is to be done before all else. */
    private @Nullable Runnable opening;

    /** What the peer has written. */
    private final Deque<ByteBuffer> input = new ArrayDeque<>();

    private int inputLength;
    private boolean inputEnded;
    private boolean endRead;
    private boolean closed;
    private boolean outputShut;

    /** Whether the connection wants to hear of input. */
    private boolean reading;
    /** Whether the peer had no room for what was written. */
    private boolean full;
    /** Whether the connection is to hear when there is room. */
    private boolean writeAwaited;
    /** Whether it is to hear that there is. */
    private boolean writable;
    /** Whether a thread calls the connection. */
    private boolean running;

    private MemoryTransport(Executor executor, ReentrantLock lock) {
        this.executor = executor;
        this.lock = lock;
    }

    /** Both ends of a socket. */
    record Pair(MemoryTransport client, MemoryTransport server) {}

    static Pair pair(Executor executor) {
        ReentrantLock lock = new ReentrantLock();
        MemoryTransport client = new MemoryTransport(executor, lock);
        MemoryTransport server = new MemoryTransport(executor, lock);
        client.peer = server;
        server.peer = client;
        return new Pair(client, server);
    }

    /**
     * Opens a connection over this end, on a thread of the executor.
     *
     * @param reads whether it is to hear of input before it asks
     */
    void start(WebSocketConnection over, boolean reads, Runnable open) {
        lock.lock();
        try {
            connection = over;
            opening = open;
            reading = reads;
        } finally {
            lock.unlock();
        }
        dispatch();
    }

    private MemoryTransport peer() {
        MemoryTransport other = peer;
        if (other == null) {
            throw new IllegalStateException("Transports come in pairs");
        }
        return other;
    }

    // ---- The container.

    /** Has a thread call the connection, if there is something to tell and none does. */
    private void dispatch() {
        lock.lock();
        try {
            if (running || !hasEvent()) {
                return;
            }
            running = true;
        } finally {
            lock.unlock();
        }
        try {
            executor.execute(this::run);
        } catch (RejectedExecutionException closing) {
            // The test client is closed, and nobody waits for anything.
        }
    }

    private boolean hasEvent() {
        return connection != null && (opening != null || writable || hasReadable());
    }

    private boolean hasReadable() {
        return reading && !closed && !endRead && (inputLength > 0 || inputEnded);
    }

    private void run() {
        for (Runnable event = next(); event != null; event = next()) {
            event.run();
        }
    }

    private @Nullable Runnable next() {
        lock.lock();
        try {
            WebSocketConnection called = connection;
            Runnable first = opening;
            if (called != null && first != null) {
                opening = null;
                return first;
            }
            if (called != null && writable) {
                writable = false;
                return called::onWritable;
            }
            if (called != null && hasReadable()) {
                reading = false; // resumeReading may come while the connection reads
                return () -> {
                    if (called.onReadable()) {
                        resumeReading();
                    }
                };
            }
            running = false;
            return null;
        } finally {
            lock.unlock();
        }
    }

    // ---- The connection's side.

    @Override
    public int read(byte[] buffer) {
        int count = 0;
        lock.lock();
        try {
            if (closed) {
                return -1;
            }
            while (count < buffer.length && !input.isEmpty()) {
                ByteBuffer first = input.peek();
                int piece = Math.min(first.remaining(), buffer.length - count);
                first.get(buffer, count, piece);
                count += piece;
                if (!first.hasRemaining()) {
                    input.poll();
                }
            }
            inputLength -= count;
            if (count == 0) {
                endRead = inputEnded;
                return endRead ? -1 : 0;
            }
            peer().tellWritable();
        } finally {
            lock.unlock();
        }
        peer().dispatch();
        return count;
    }

    /** Under the lock. */
    private void tellWritable() {
        writable |= writeAwaited;
        writeAwaited = false;
    }

    @Override
    public boolean mayHaveMore(int count, byte[] buffer) {
        return count == buffer.length;
    }

    @Override
    public void resumeReading() {
        lock.lock();
        try {
            reading = true;
        } finally {
            lock.unlock();
        }
        dispatch();
    }

    @Override
    public boolean write(ByteBuffer[] data) throws IOException {
        MemoryTransport to = peer();
        boolean more;
        lock.lock();
        try {
            if (closed || outputShut || to.closed) {
                throw new IOException("The other end has closed the connection");
            }
            for (ByteBuffer piece : data) {
                byte[] taken = new byte[Math.max(0, Math.min(CAPACITY - to.inputLength, piece.remaining()))];
                piece.get(taken);
                to.receive(taken);
                full = piece.hasRemaining();
                if (full) {
                    break;
                }
            }
            more = !full;
        } finally {
            lock.unlock();
        }
        to.dispatch();
        return more;
    }

    /** Bytes that come whether there is room for them or not, and whatever they are. */
    void inject(byte[] bytes) {
        MemoryTransport to = peer();
        lock.lock();
        try {
            to.receive(bytes.clone());
        } finally {
            lock.unlock();
        }
        to.dispatch();
    }

    /** Under the lock. */
    private void receive(byte[] bytes) {
        if (bytes.length > 0 && !closed) {
            input.add(ByteBuffer.wrap(bytes));
            inputLength += bytes.length;
        }
    }

    @Override
    public boolean flush() {
        boolean all;
        lock.lock();
        try {
            all = !full;
            full = false;
            writeAwaited = !all;
            if (peer().inputLength < CAPACITY) { // it has read meanwhile
                tellWritable();
            }
        } finally {
            lock.unlock();
        }
        dispatch();
        return all;
    }

    @Override
    public boolean shutdownOutput() {
        lock.lock();
        try {
            outputShut = true;
            peer().inputEnded = true;
        } finally {
            lock.unlock();
        }
        peer().dispatch();
        return true;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            input.clear();
            inputLength = 0;
            peer().inputEnded = true;
            peer().tellWritable(); // to learn that nobody reads any more
        } finally {
            lock.unlock();
        }
        peer().dispatch();
    }
}
