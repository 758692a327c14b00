package dev.hawser.websocket.servlet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.RejectedExecutionException;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * A socket of Tomcat's NIO connector. Without TLS it reads and writes the channel itself: Tomcat's own buffers would cost a copy and, for
 * what is long, a system call for every 8 KiB.
 */
final class TomcatTransport implements TomcatSocket {

    /** So much at most is handed over while Tomcat takes it: it copies what the socket does not take. */
    private static final int SLICE = 64 * 1024;
    /** So much at most is written at once: the JDK copies it to direct memory first, which it keeps for the thread. */
    private static final int LARGEST_WRITE = 128 * 1024;

    private final SocketWrapperBase<?> socket;
    /** The channel where it can be used without Tomcat's buffers; null over TLS. */
    private final @Nullable SocketChannel channel;

    private final Runnable lost;

    /** Whether what came with the handshake has been read, and the poller tells of all that comes. */
    private volatile boolean leftoversRead;
    /** Whether the socket takes no more for now. */
    private boolean full;

    /** @param lost called when no thread can be had for it, perhaps under the connection's lock: ends it */
    TomcatTransport(SocketWrapperBase<?> socket, Runnable lost) {
        this.socket = socket;
        this.lost = lost;
        this.channel = socket.getSocket() instanceof NioChannel nio && !(nio instanceof SecureNioChannel)
                ? nio.getIOChannel()
                : null;
    }

    @Override
    public int read(byte[] buffer) throws IOException {
        if (isClosed()) {
            return -1;
        }
        if (!leftoversRead) {
            leftoversRead = channel != null && socket.getSocketBufferHandler().isReadBufferEmpty();
        }
        return channel != null && leftoversRead
                ? channel.read(ByteBuffer.wrap(buffer))
                : socket.read(false, buffer, 0, buffer.length);
    }

    /** The poller tells of what the socket has; but what came with the handshake, or over TLS, may wait elsewhere. */
    @Override
    public boolean mayHaveMore(int count, byte[] buffer) {
        return leftoversRead ? count == buffer.length : count > 0;
    }

    @Override
    public void resumeReading() {
        if (leftoversRead) {
            socket.registerReadInterest();
        } else {
            readAgain(); // of what waits elsewhere, no poller tells
        }
    }

    @Override
    public void readAgain() {
        try {
            socket.execute(() -> socket.processSocket(SocketEvent.OPEN_READ, false));
        } catch (RejectedExecutionException full) { // nobody would come for what waits
            lost.run();
        }
    }

    @Override
    public boolean write(ByteBuffer[] data) throws IOException {
        if (channel != null) {
            for (int first = 0; first < data.length && !full; ) {
                first = write(channel, data, first);
            }
            return !full;
        }
        for (ByteBuffer piece : data) {
            writeThroughTomcat(piece);
        }
        return !data[data.length - 1].hasRemaining();
    }

    /** One write, from {@code data[first]} on; the first that has bytes remaining afterwards. */
    private int write(SocketChannel to, ByteBuffer[] data, int first) throws IOException {
        int next = first;
        long wanted = 0;
        while (next < data.length && wanted < LARGEST_WRITE) {
            wanted += data[next++].remaining();
        }
        ByteBuffer last = data[next - 1];
        int limit = last.limit();
        long excess = Math.max(0, wanted - LARGEST_WRITE);
        last.limit((int) (limit - excess));
        try {
            full = to.write(data, first, next - first) < wanted - excess;
        } finally {
            last.limit(limit);
        }
        return last.hasRemaining() ? next - 1 : next;
    }

    private void writeThroughTomcat(ByteBuffer data) throws IOException {
        int end = data.limit();
        while (data.hasRemaining() && socket.canWrite()) {
            data.limit(Math.min(end, data.position() + SLICE));
            try {
                socket.write(false, data);
            } finally {
                data.limit(end);
            }
        }
    }

    @Override
    public boolean flush() throws IOException {
        if (channel == null) {
            full = socket.flush(false);
        }
        if (full) {
            full = false;
            socket.registerWriteInterest();
            return false;
        }
        return true;
    }

    @Override
    public boolean shutdownOutput() {
        if (channel == null) {
            return false;
        }
        try {
            channel.shutdownOutput();
            return true;
        } catch (IOException gone) {
            return false;
        }
    }

    @Override
    public void close() {
        socket.close();
    }

    @Override
    public boolean isClosed() {
        return socket.isClosed();
    }

    @Override
    public @Nullable IOException error() {
        return socket.getError();
    }
}
