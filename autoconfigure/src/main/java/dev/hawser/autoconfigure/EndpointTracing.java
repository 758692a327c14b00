package dev.hawser.autoconfigure;

import dev.hawser.websocket.ConnectionTracing;
import dev.hawser.websocket.client.HandshakeObserver;

/** Traces connections, besides what {@link EndpointObservers} count. Thread-safe. */
interface EndpointTracing {

    /** Traces nothing. */
    EndpointTracing NONE = new EndpointTracing() {};

    /** What surrounds the listeners of a connection at this path pattern, whose handshake is on this thread. */
    default ConnectionTracing connection(String uri) {
        return ConnectionTracing.NONE;
    }

    /** Hears of the handshakes of a socket of the client, which this thread asks for. */
    default HandshakeObserver connecting(String name) {
        return HandshakeObserver.NONE;
    }
}
