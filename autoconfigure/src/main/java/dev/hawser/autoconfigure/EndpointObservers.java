package dev.hawser.autoconfigure;

import dev.hawser.eventsource.EventSourceObserver;
import dev.hawser.topic.TopicObserver;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;

/**
 * Gives each endpoint its observers: one for each path pattern, asked for at each handshake. Replace it with a bean of
 * your own to observe otherwise than with Micrometer. Thread-safe.
 */
public interface EndpointObservers {

    /** Observes nothing. */
    EndpointObservers NONE = new EndpointObservers() {};

    /** The observer of the WebSockets of this path pattern; or of the client's connections of this name, {@code client} if they have no other. */
    default WebSocketObserver webSocket(String uri) {
        return WebSocketObserver.NONE;
    }

    /** The observer of the event streams of this path pattern. */
    default EventSourceObserver eventSource(String uri) {
        return EventSourceObserver.NONE;
    }

    /** The observer of all topics. */
    default TopicObserver topics() {
        return TopicObserver.NONE;
    }

    /** A handshake for this path pattern was refused. */
    default void refused(String uri, Cause cause) {}

    /** The client could not open a connection of this name, which is what its {@code webSocket} is asked for by. */
    default void failed(String name, ConnectFailure failure) {}
}
