package dev.hawser.websocket.servlet;

import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.connection.WebSocketConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/** What Jetty tells of the socket of an accepted request. */
final class JettyConnection extends AbstractConnection implements Connection.UpgradeTo {

    private final WebSocketConnection connection;
    private final JettyTransport transport;
    /** Whether the application may still be adding listeners. */
    private final boolean later;

    JettyConnection(EndPoint socket, Executor executor, WebSocketConnection connection, boolean later) {
        super(socket, executor);
        this.connection = connection;
        this.transport = new JettyTransport(socket, executor, connection, this::onFillable);
        this.later = later;
    }

    /** What came with the handshake. */
    @Override
    public void onUpgradeTo(ByteBuffer leftovers) {
        transport.leave(leftovers);
    }

    /** On a thread of its own: this one has the request's response to finish. */
    @Override
    public void onOpen() {
        super.onOpen();
        getEndPoint().setIdleTimeout(0); // the connection has timers of its own
        try {
            getExecutor().execute(this::open);
        } catch (RejectedExecutionException stopping) {
            connection.cut(CloseCause.SHUTDOWN);
            close();
        }
    }

    private void open() {
        if (later) {
            connection.openLater(transport);
        } else {
            connection.open(transport);
        }
        transport.resumeReading();
    }

    @Override
    public void onFillable() {
        if (connection.onReadable()) {
            transport.resumeReading();
        }
    }

    @Override
    public void onClose(@Nullable Throwable cause) {
        super.onClose(cause);
        connection.onDisconnected(cause instanceof IOException network ? network : null);
    }
}
