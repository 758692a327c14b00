package dev.hawser.websocket.servlet;

import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.connection.WebSocketConnection;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.Nio2Channel;
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
    private volatile @Nullable TomcatSocket transport;
    /** Whether the connection is over once what was written has left. */
    private volatile boolean refused;

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
        TomcatSocket opened = wrapper.getSocket() instanceof Nio2Channel channel
                ? new TomcatNio2Transport(wrapper, channel, this::onReadable, this::onWritable)
                : new TomcatTransport(wrapper, this::onLost);
        if (opening != null) {
            opening.open(opened);
            transport = opened;
            if (hasAsyncIO()) {
                opened.resumeReading();
            }
            return;
        }
        transport = opened;
        if (decision != null && !decision.ready(this)) {
            opened.close();
        }
    }

    private void onReadable() {
        WebSocketConnection open = connection;
        TomcatSocket over = transport;
        if (open != null && over != null && open.onReadable()) {
            over.resumeReading();
        }
    }

    private void onWritable() {
        WebSocketConnection open = connection;
        if (open != null) {
            open.onWritable();
        } else if (refused) {
            close();
        }
    }

    private void onLost() {
        WebSocketConnection open = connection;
        if (open != null) {
            open.cut(CloseCause.NETWORK);
        } else {
            close();
        }
    }

    /** Writes the head of a response: a socket on which nothing was written takes it at once. */
    boolean accept(ByteBuffer head) {
        TomcatSocket to = transport;
        try {
            if (to == null) {
                return false;
            }
            to.write(new ByteBuffer[] {head});
            to.flush();
            return !head.hasRemaining();
        } catch (IOException gone) {
            return false;
        }
    }

    /** Writes a response, and closes. */
    void refuse(ByteBuffer... response) {
        TomcatSocket to = transport;
        try {
            refused = true;
            if (to != null) {
                to.write(response);
                if (!to.flush()) {
                    return; // onWritable comes
                }
            }
        } catch (IOException gone) {
            // Nothing is to be said to it.
        }
        close();
    }

    void close() {
        TomcatSocket closing = transport;
        if (closing != null) {
            closing.close();
        }
    }

    /** The decision has come, on whatever thread. */
    void open(WebSocketConnection accepted) {
        TomcatSocket over = transport;
        if (over != null) {
            connection = accepted;
            accepted.openLater(over);
            over.readAgain(); // upgradeDispatch may have come before
        }
    }

    @Override
    public SocketState upgradeDispatch(SocketEvent event) {
        TomcatSocket over = transport;
        WebSocketConnection open = connection;
        if (over == null) {
            return SocketState.CLOSED;
        }
        if (open == null) { // nothing is decided yet, or it was refused
            if (event == SocketEvent.OPEN_WRITE) {
                onWritable();
            }
            return (event == SocketEvent.OPEN_READ || event == SocketEvent.OPEN_WRITE) && !over.isClosed()
                    ? SocketState.SUSPENDED
                    : SocketState.CLOSED;
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

    /** Whether all input and output is started by us; with the NIO connector it is by Tomcat's poller. */
    @Override
    public boolean hasAsyncIO() {
        return transport instanceof TomcatNio2Transport;
    }

    /** A time before all others says that Tomcat stops. Other times are not ours: the connection has its own timers. */
    @Override
    public void timeoutAsync(long now) {
        WebSocketConnection ending = connection;
        if (now < 0 && ending != null && transport != null) { // one that is just being opened is told by its group
            ending.cut(CloseCause.SHUTDOWN);
        }
    }

    @Override
    public void setSslSupport(SSLSupport sslSupport) {
        // The transport sees by the socket whether it is secure.
    }

    /** Tomcat stops, and it will not tell us when it closes the socket: where nobody else says goodbye, we do, and have a time-out. */
    @Override
    public void pause() {
        WebSocketConnection open = connection;
        if (open != null) {
            open.goAway();
        }
    }

    /**
     * The last that Tomcat says. The connection knows already, unless Tomcat closed the socket while one of its threads was
     * here, or the client has gone before its answer, so that no socket was handed over.
     */
    @Override
    public void destroy() {
        WebSocketConnection open = connection;
        TomcatSocket over = transport;
        if (open != null && over != null) {
            open.onDisconnected(over.error());
        } else if (open != null) {
            open.cut(CloseCause.NETWORK);
        } else if (deferred != null) {
            deferred.abandon();
        }
    }
}
