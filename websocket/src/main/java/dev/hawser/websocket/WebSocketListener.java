package dev.hawser.websocket;

import java.nio.ByteBuffer;

/**
 * All listeners of a connection in one object, added by {@link WebSocket#listen}: for handlers with a state of their own,
 * one for each connection. Its methods are called as the listeners of the same names are.
 */
public interface WebSocketListener {

    /** The connection is open; see {@link WebSocket#onOpen}. */
    default void onOpen(WebSocket socket) {}

    /** A message came; see {@link WebSocket#onMessage}. */
    default void onMessage(WebSocket socket, Message message) {}

    /** A ping came; see {@link WebSocket#onPing}. */
    default void onPing(WebSocket socket, ByteBuffer payload) {}

    /** A pong came; see {@link WebSocket#onPong}. */
    default void onPong(WebSocket socket, ByteBuffer payload) {}

    /** What was queued has been sent; see {@link WebSocket#onDrain}. */
    default void onDrain(WebSocket socket) {}

    /** Something went wrong; see {@link WebSocket#onError}. Without it, what the application throws is logged. */
    default void onError(WebSocket socket, Throwable error) {}

    /** The connection has ended; see {@link WebSocket#onClose}. */
    default void onClose(WebSocket socket, int code, String reason) {}
}
