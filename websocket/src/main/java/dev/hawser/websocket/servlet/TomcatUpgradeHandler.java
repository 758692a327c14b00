package dev.hawser.websocket.servlet;

import dev.hawser.websocket.connection.WebSocketConnection;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Where Tomcat hands over the socket of an accepted request. Made and called by Tomcat only; public because Tomcat makes
 * it by reflection. Tomcat calls from one thread at a time.
 */
public final class TomcatUpgradeHandler implements InternalHttpUpgradeHandler {

    private volatile @Nullable WebSocketConnection connection;
    private @Nullable SocketWrapperBase<?> socket;
    private volatile @Nullable TomcatTransport transport;
    /** Null unless the decision comes later. */
    private @Nullable TomcatDeferred deferred;

    /** Called once, before Tomcat calls anything; or {@link #await} is. */
    void connect(WebSocketConnection accepted) {
        connection = accepted;
    }

    /** The connection comes later, with {@link #open}, or it does not. */
    void await(TomcatDeferred decision) {
        deferred = decision;
    }

    @Override
    public void setSocketWrapper(SocketWrapperBase<?> wrapper) {
        socket = wrapper;
    }

    @Override
    public void init(WebConnection unused) {
        WebSocketConnection opening = connection;
        TomcatDeferred decision = deferred;
        SocketWrapperBase<?> wrapper = socket;
        if ((opening == null && decision == null) || wrapper == null) {
            throw new IllegalStateException("Tomcat must set the socket before init");
        }
        TomcatTransport opened = new TomcatTransport(wrapper);
        transport = opened;
        if (opening != null) {
            opening.open(opened);
        } else if (decision != null && !decision.ready(this)) {
            opened.close();
        }
    }

    /** Writes the head of a response, and perhaps its body: a socket on which nothing was written takes them at once. */
    boolean write(ByteBuffer... response) {
        TomcatTransport to = transport;
        try {
            return to != null && to.write(response) & to.flush();
        } catch (IOException gone) {
            return false;
        }
    }

    void close() {
        TomcatTransport closing = transport;
        if (closing != null) {
            closing.close();
        }
    }

    /** The decision has come, on whatever thread. */
    void open(WebSocketConnection accepted) {
        TomcatTransport over = transport;
        if (over != null) {
            connection = accepted;
            accepted.openLater(over);
            over.readAgain(); // upgradeDispatch may have come before
        }
    }

    @Override
    public SocketState upgradeDispatch(SocketEvent event) {
        TomcatTransport over = transport;
        WebSocketConnection open = connection;
        if (over == null) {
            return SocketState.CLOSED;
        }
        if (open == null) { // nothing is decided yet
            return event == SocketEvent.OPEN_READ ? SocketState.SUSPENDED : SocketState.CLOSED;
        }
        boolean reading = true;
        switch (event) {
            case OPEN_READ -> reading = open.onReadable();
            case OPEN_WRITE -> open.onWritable();
            default -> open.onDisconnected(over.error());
        }
        if (over.isClosed()) {
            return SocketState.CLOSED;
        }
        // SUSPENDED: Tomcat does not ask the socket for more until TomcatTransport.resumeReading.
        return reading ? SocketState.UPGRADED : SocketState.SUSPENDED;
    }

    /** All input and output is started by Tomcat's poller, not by us. */
    @Override
    public boolean hasAsyncIO() {
        return false;
    }

    @Override
    public void timeoutAsync(long now) {
        // The connection has timers of its own.
    }

    @Override
    public void setSslSupport(SSLSupport sslSupport) {
        // The transport sees by the socket whether it is secure.
    }

    @Override
    public void pause() {
        // Tomcat takes no new connections; this one goes on.
    }

    @Override
    public void destroy() {
        // The connection knows already.
    }
}
