package dev.hawser.websocket.servlet;

import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.connection.Transport;
import dev.hawser.websocket.connection.WebSocketConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** A socket of Jetty, with or without TLS. */
final class JettyTransport implements Transport {

    /** So much at most is written at once: the JDK copies it to direct memory first, which it keeps for the thread. */
    private static final int LARGEST_WRITE = 128 * 1024;
    /** So much at most is left to Jetty when the socket takes no more, since Jetty wants something to wait with. */
    private static final int LARGEST_PENDING = 8 * 1024;

    private final EndPoint socket;
    private final Executor executor;
    private final WebSocketConnection connection;
    private final boolean secure;

    private final Runnable read;
    private final Callback readable = new Readable();

    /** What came with the handshake and was not read yet; null once it was. */
    private volatile @Nullable ByteBuffer leftovers;

    /** What the socket does not take for now. Written under the connection's lock, or by Jetty when it has gone. */
    private volatile @Nullable ByteBuffer pending;
    /** Whether the socket does not take more for now. As above. */
    private volatile boolean full;

    private volatile boolean closed;

    /** @param read has the connection read, on the calling thread */
    JettyTransport(EndPoint socket, Executor executor, WebSocketConnection connection, Runnable read) {
        this.socket = socket;
        this.executor = executor;
        this.connection = connection;
        this.secure = socket.getSslSessionData() != null;
        this.read = read;
    }

    /** Called once at most, before anything is read. */
    void leave(ByteBuffer cameWithHandshake) {
        leftovers = cameWithHandshake;
    }

    @Override
    public int read(byte[] buffer) throws IOException {
        ByteBuffer first = leftovers;
        if (first == null) {
            return closed ? -1 : socket.fill(ByteBuffer.wrap(buffer, 0, 0)); // Jetty appends
        }
        int count = Math.min(first.remaining(), buffer.length);
        first.get(buffer, 0, count);
        if (!first.hasRemaining()) {
            leftovers = null;
        }
        return count;
    }

    /** Jetty tells of what is left behind, but with a detour over another thread. */
    @Override
    public boolean mayHaveMore(int count, byte[] buffer) {
        return leftovers != null || (secure ? count > 0 : count == buffer.length);
    }

    @Override
    public void resumeReading() {
        if (leftovers == null) {
            socket.tryFillInterested(readable); // false if somebody was first
            return;
        }
        try {
            executor.execute(read);
        } catch (RejectedExecutionException stopping) {
            socket.close();
        }
    }

    /** Jetty calls it on a thread that may block, since listeners may. */
    private final class Readable implements Callback {

        @Override
        public void succeeded() {
            read.run();
        }

        @Override
        public void failed(Throwable cause) {
            lost(cause);
        }
    }

    /** Not on this thread, which may hold the connection's lock: Jetty ends a socket that cannot be written right away. */
    private void lost(Throwable cause) {
        if (closed) {
            return;
        }
        try {
            executor.execute(() -> connection.onDisconnected(error(cause)));
        } catch (RejectedExecutionException stopping) {
            connection.cut(CloseCause.SHUTDOWN);
        }
    }

    private static IOException error(Throwable cause) {
        return cause instanceof IOException network ? network : new IOException("The connection has failed", cause);
    }

    @Override
    public boolean write(ByteBuffer[] data) throws IOException {
        for (int first = 0; first < data.length && !full; ) {
            first = write(data, first);
        }
        return !full;
    }

    /** One write, from {@code data[first]} on; the first that has bytes remaining afterwards. */
    private int write(ByteBuffer[] data, int first) throws IOException {
        int next = first;
        long wanted = 0;
        while (next < data.length && wanted < LARGEST_WRITE) {
            wanted += data[next++].remaining();
        }
        ByteBuffer last = data[next - 1];
        int limit = last.limit();
        last.limit((int) (limit - Math.max(0, wanted - LARGEST_WRITE)));
        try {
            full = !socket.flush(first == 0 && next == data.length ? data : Arrays.copyOfRange(data, first, next));
        } finally {
            last.limit(limit);
        }
        if (full) {
            int rest = first;
            while (rest < next - 1 && !data[rest].hasRemaining()) {
                rest++;
            }
            pending = take(data[rest]);
        }
        return last.hasRemaining() ? next - 1 : next;
    }

    /** With TLS it may be nothing: then Jetty holds back what it has encrypted. */
    private static ByteBuffer take(ByteBuffer from) {
        byte[] taken = new byte[Math.min(LARGEST_PENDING, from.remaining())];
        from.get(taken);
        return ByteBuffer.wrap(taken);
    }

    @Override
    public boolean flush() throws IOException {
        if (!full) {
            return true;
        }
        ByteBuffer rest = pending;
        Writing writing = new Writing();
        socket.write(writing, rest == null ? ByteBuffer.allocate(0) : rest);
        return writing.isDone();
    }

    /** Something that Jetty writes when the socket takes it, which may be at once. */
    private final class Writing implements Callback {

        /** Whether somebody waits for this, or it is done: whichever was first. */
        private final AtomicBoolean waitedForOrDone = new AtomicBoolean();

        private volatile @Nullable Throwable failure;

        /** Whether it was done at once; if not, {@code onWritable} will be called. */
        boolean isDone() throws IOException {
            if (waitedForOrDone.compareAndSet(false, true)) {
                return false;
            }
            Throwable cause = failure;
            if (cause != null) {
                throw error(cause);
            }
            return true;
        }

        @Override
        public void succeeded() {
            pending = null;
            full = false;
            if (!waitedForOrDone.compareAndSet(false, true)) {
                connection.onWritable();
            }
        }

        @Override
        public void failed(Throwable cause) {
            failure = cause;
            if (!waitedForOrDone.compareAndSet(false, true)) {
                lost(cause);
            }
        }
    }

    @Override
    public int unwritten() {
        ByteBuffer rest = pending;
        return rest == null || closed ? 0 : rest.remaining();
    }

    @Override
    public boolean shutdownOutput() {
        if (secure) {
            return false;
        }
        socket.shutdownOutput();
        return socket.isOpen();
    }

    @Override
    public void close() {
        closed = true;
        socket.close();
    }
}
