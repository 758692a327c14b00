package dev.hawser.websocket;

import java.util.function.Consumer;

/** All connections of a server. */
public interface WebSockets extends WebSocketSet {

    /**
     * Adds a listener that is called with each connection, when it was accepted and before it opens: the place to add
     * listeners of one's own. On the thread that accepts; what it throws, {@code accept} throws.
     */
    WebSockets onAccept(Consumer<WebSocket> listener);

    /** Closes all with 1001, and refuses new ones with 503, until the application is started again. Does not wait for that. */
    void shutDown();
}
