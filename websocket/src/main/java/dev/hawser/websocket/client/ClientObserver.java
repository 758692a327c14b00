package dev.hawser.websocket.client;

import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.handshake.ConnectFailure;

/** Gives the connections of each {@linkplain ClientOptions#name() name} their observer, for metrics. Thread-safe; returns quickly. */
public interface ClientObserver {

    /** Hears nothing. */
    ClientObserver NONE = new ClientObserver() {};

    /** The observer of the connections of this name. */
    default WebSocketObserver webSocket(String name) {
        return WebSocketObserver.NONE;
    }

    /** A socket of this name is about to connect: called by {@code connect}, on the caller's thread. */
    default HandshakeObserver connecting(String name) {
        return HandshakeObserver.NONE;
    }

    /** A connection of this name could not be opened. */
    default void failed(String name, ConnectFailure failure) {}
}
