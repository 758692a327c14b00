package dev.hawser.websocket.servlet;

import dev.hawser.websocket.connection.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/** A socket of Tomcat. */
final class TomcatTransport implements Transport {

    /** So much at most is handed over while Tomcat takes it: it copies what the socket does not take. */
    private static final int SLICE = 64 * 1024;

    private final SocketWrapperBase<?> socket;
    private final boolean secure;

    TomcatTransport(SocketWrapperBase<?> socket, boolean secure) {
        this.socket = socket;
        this.secure = secure;
    }

    @Override
    public int read(byte[] buffer) throws IOException {
        return isClosed() ? -1 : socket.read(false, buffer, 0, buffer.length);
    }

    /** The poller tells of what the socket has; but TLS may have decrypted more than it gave. */
    @Override
    public boolean mayHaveMore(int count, byte[] buffer) {
        return secure ? count > 0 : count == buffer.length;
    }

    @Override
    public void resumeReading() {
        socket.registerReadInterest();
    }

    @Override
    public boolean write(ByteBuffer data) throws IOException {
        int end = data.limit();
        while (data.hasRemaining()) {
            if (!socket.canWrite()) {
                return false;
            }
            data.limit(Math.min(end, data.position() + SLICE));
            try {
                socket.write(false, data);
            } finally {
                data.limit(end);
            }
        }
        return true;
    }

    @Override
    public boolean flush() throws IOException {
        if (socket.flush(false)) {
            socket.registerWriteInterest();
            return false;
        }
        return true;
    }

    @Override
    public boolean shutdownOutput() {
        if (socket.getSocket() instanceof NioChannel channel && !(channel instanceof SecureNioChannel)) {
            try {
                channel.getIOChannel().shutdownOutput();
                return true;
            } catch (IOException gone) {
                return false;
            }
        }
        return false;
    }

    @Override
    public void close() {
        socket.close();
    }

    boolean isClosed() {
        return socket.isClosed();
    }

    @Nullable
    IOException error() {
        return socket.getError();
    }
}
