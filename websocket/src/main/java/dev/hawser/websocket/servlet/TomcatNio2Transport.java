package dev.hawser.websocket.servlet;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.tomcat.util.net.Nio2Channel;
import org.apache.tomcat.util.net.SecureNio2Channel;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * A socket of Tomcat's NIO2 connector, with or without TLS. Its channel is used without what Tomcat puts around it, which
 * ends the connection as soon as the peer has closed its side.
 *
 * <p>The monitor guards all fields that change. It is held while input or output is started, so that none is once Tomcat has
 * given the channel to another connection, and never while the connection is called.
 */
final class TomcatNio2Transport implements TomcatSocket {

    /** So much at most is taken at once. */
    private static final int LARGEST_WRITE = 64 * 1024;

    private final SocketWrapperBase<?> socket;
    private final Nio2Channel channel;
    private final Runnable readable;
    private final Runnable writable;

    private final Reading reading = new Reading();
    private final Writing writing = new Writing();

    private boolean isReading;
    private boolean inputEnded;
    /** What was taken; while it is written, Tomcat has it. */
    private @Nullable ByteBuffer taken;

    private boolean isWriting;
    /** Whether the connection waits for what is being written. */
    private boolean writtenAwaited;
    /** The thread that starts input or output just now: what is done at once is done on it. */
    private @Nullable Thread starting;
    /** Whether the output that was started last was. */
    private boolean doneAtOnce;

    private @Nullable IOException error;
    private boolean closed;

    /**
     * A transport that reads nothing before {@link #resumeReading}.
     *
     * @param readable has the connection read, on the calling thread
     * @param writable has the connection write, on the calling thread
     */
    TomcatNio2Transport(SocketWrapperBase<?> socket, Nio2Channel channel, Runnable readable, Runnable writable) {
        this.socket = socket;
        this.channel = channel;
        this.readable = readable;
        this.writable = writable;
    }

    // ---- Reading: into Tomcat's buffer, where what came with the handshake is, too.

    @Override
    public synchronized int read(byte[] buffer) throws IOException {
        if (closed) {
            return -1;
        }
        int count = isReading ? 0 : Math.min(input().remaining(), buffer.length);
        if (count > 0) {
            input().get(buffer, 0, count);
        } else if (error != null) {
            throw error;
        }
        return count == 0 && inputEnded ? -1 : count;
    }

    private ByteBuffer input() {
        SocketBufferHandler buffers = channel.getBufHandler();
        buffers.configureReadBufferForRead();
        return buffers.getReadBuffer();
    }

    @Override
    public boolean mayHaveMore(int count, byte[] buffer) {
        return count == buffer.length;
    }

    @Override
    public synchronized void resumeReading() {
        if (closed || isReading) {
            return;
        }
        if (input().hasRemaining() || inputEnded || error != null) {
            execute(readable);
            return;
        }
        isReading = true;
        channel.getBufHandler().configureReadBufferForWrite();
        starting = Thread.currentThread();
        channel.read(channel.getBufHandler().getReadBuffer(), 0, TimeUnit.MILLISECONDS, null, reading);
        starting = null;
    }

    @Override
    public void readAgain() {
        resumeReading();
    }

    private void execute(Runnable task) {
        try {
            socket.execute(task);
        } catch (RejectedExecutionException stopping) {
            socket.close();
        }
    }

    private final class Reading implements CompletionHandler<Integer, @Nullable Void> {

        @Override
        public void completed(Integer count, @Nullable Void unused) {
            done(count < 0, null);
        }

        @Override
        public void failed(Throwable cause, @Nullable Void unused) {
            done(cause instanceof EOFException, cause);
        }

        private void done(boolean ended, @Nullable Throwable cause) {
            synchronized (TomcatNio2Transport.this) {
                isReading = false;
                inputEnded |= ended;
                if (cause != null && !ended) {
                    fail(cause);
                }
                if (closed) {
                    return;
                }
                if (starting == Thread.currentThread()) {
                    execute(readable);
                    return;
                }
            }
            readable.run();
        }
    }

    private void fail(Throwable cause) {
        error = cause instanceof IOException network ? network : new IOException("The connection has failed", cause);
    }

    // ---- Writing.

    @Override
    public synchronized boolean write(ByteBuffer[] data) throws IOException {
        checkOpen();
        if (isWriting) {
            return false;
        }
        if (taken == null) {
            long length = 0;
            for (ByteBuffer piece : data) {
                length += piece.remaining();
            }
            taken = ByteBuffer.allocate((int) Math.min(length, LARGEST_WRITE));
        }
        for (ByteBuffer piece : data) {
            int end = piece.limit();
            piece.limit(piece.position() + Math.min(piece.remaining(), taken.remaining()));
            taken.put(piece);
            piece.limit(end);
        }
        return taken.hasRemaining();
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        if (error != null) {
            throw error;
        }
    }

    @Override
    public synchronized boolean flush() throws IOException {
        checkOpen();
        if (taken != null && !isWriting) {
            taken.flip();
            writeTaken();
            checkOpen();
        }
        writtenAwaited = isWriting;
        return !isWriting;
    }

    /** Goes on writing until that takes its time, or all has left, or there is no way. Under the monitor. */
    private void writeTaken() {
        do {
            isWriting = taken != null && taken.hasRemaining() && error == null && !closed;
            if (!isWriting || taken == null) {
                taken = null;
                return;
            }
            doneAtOnce = false;
            starting = Thread.currentThread();
            channel.write(taken, 0, TimeUnit.MILLISECONDS, null, writing);
            starting = null;
        } while (doneAtOnce);
    }

    private final class Writing implements CompletionHandler<Integer, @Nullable Void> {

        @Override
        public void completed(Integer count, @Nullable Void unused) {
            done(null);
        }

        @Override
        public void failed(Throwable cause, @Nullable Void unused) {
            done(cause);
        }

        private void done(@Nullable Throwable cause) {
            synchronized (TomcatNio2Transport.this) {
                if (cause != null) {
                    fail(cause);
                }
                if (starting == Thread.currentThread()) {
                    doneAtOnce = true; // and whoever has started it, with the monitor, goes on
                    return;
                }
                writeTaken();
                if (isWriting || !writtenAwaited || closed) {
                    return;
                }
                writtenAwaited = false;
            }
            writable.run();
        }
    }

    @Override
    public synchronized int unwritten() {
        return taken == null || closed ? 0 : isWriting ? taken.remaining() : taken.position();
    }

    @Override
    public synchronized boolean shutdownOutput() {
        if (closed || channel instanceof SecureNio2Channel) {
            return false;
        }
        try {
            channel.getIOChannel().shutdownOutput();
            return true;
        } catch (IOException gone) {
            return false;
        }
    }

    /** With TLS elsewhere: Tomcat waits until the peer's side has taken what TLS says at the end. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (channel instanceof SecureNio2Channel) {
            execute(socket::close);
        } else {
            socket.close();
        }
    }

    @Override
    public synchronized boolean isClosed() {
        return closed || socket.isClosed();
    }

    @Override
    public synchronized @Nullable IOException error() {
        return error == null ? socket.getError() : error;
    }
}
