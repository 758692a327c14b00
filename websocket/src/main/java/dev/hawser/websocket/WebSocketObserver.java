package dev.hawser.websocket;

import dev.hawser.websocket.protocol.Violation;
import java.time.Duration;

/**
 * Hears what the connections of one endpoint do, for metrics. Called on the threads of the connections, sometimes under
 * their locks: return quickly, throw nothing, and do not call the connection. One observer may serve many
 * connections at once.
 */
public interface WebSocketObserver {

    /** Hears nothing. */
    WebSocketObserver NONE = new WebSocketObserver() {};

    /** A connection is open. Of {@code socket} only what does not change may be asked here; the rest later, from any thread. */
    default void opened(WebSocket socket) {}

    /**
     * A connection that was open has ended.
     *
     * @param event how
     * @param open how long it was open
     */
    default void closed(WebSocket socket, CloseEvent event, Duration open) {}

    /**
     * A message came.
     *
     * @param bytes the length of its payload
     */
    default void received(boolean text, int bytes) {}

    /**
     * A message is on its way.
     *
     * @param bytes the length of its payload
     */
    default void sent(boolean text, int bytes) {}

    /**
     * An extension has changed a message: it was compressed, for instance. Called besides {@link #received} or {@link #sent}.
     *
     * @param inbound whether it came from the peer
     * @param length its length for the application, in bytes
     * @param onWire its length for the peer, in bytes, without the headers of its frames
     */
    default void transformed(boolean inbound, int length, int onWire) {}

    /** A pong came for a ping of the keep-alive, so long after it. */
    default void pong(Duration roundTrip) {}

    /** The peer broke a rule. */
    default void violated(Violation violation) {}

    /** A listener of the application threw this: perhaps a {@link CloseException}, on purpose. */
    default void listenerFailed(Throwable thrown) {}

    /** The peer read too slowly, and more than {@code max-buffered} bytes waited for it. */
    default void overflowed() {}
}
