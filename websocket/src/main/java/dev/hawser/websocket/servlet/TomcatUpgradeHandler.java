package dev.hawser.websocket.servlet;

import dev.hawser.websocket.connection.WebSocketConnection;
import jakarta.servlet.http.WebConnection;
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

    private @Nullable WebSocketConnection connection;
    private @Nullable SocketWrapperBase<?> socket;
    private @Nullable TomcatTransport transport;

    /** Called once, before Tomcat calls anything. */
    void connect(WebSocketConnection accepted) {
        connection = accepted;
    }

    @Override
    public void setSocketWrapper(SocketWrapperBase<?> wrapper) {
        socket = wrapper;
    }

    @Override
    public void init(WebConnection unused) {
        WebSocketConnection opening = connection;
        SocketWrapperBase<?> wrapper = socket;
        if (opening == null || wrapper == null) {
            throw new IllegalStateException("Tomcat must set the socket before init");
        }
        TomcatTransport opened = new TomcatTransport(wrapper);
        transport = opened;
        opening.open(opened);
    }

    @Override
    public SocketState upgradeDispatch(SocketEvent event) {
        WebSocketConnection open = connection;
        TomcatTransport over = transport;
        if (open == null || over == null) {
            return SocketState.CLOSED;
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
