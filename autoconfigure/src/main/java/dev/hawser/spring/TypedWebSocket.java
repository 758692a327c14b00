package dev.hawser.spring;

import dev.hawser.websocket.WebSocket;
import java.util.function.Consumer;

/**
 * A WebSocket whose messages are objects, converted as Spring MVC converts the bodies of requests and responses. A
 * controller method may take one as its parameter, a {@link WebSocketConverter} makes one of any WebSocket. Every method
 * may be called from any thread.
 *
 * @param <T> what the peer sends
 */
public interface TypedWebSocket<T> {

    /**
     * Adds a listener of messages, text or binary, as {@link WebSocket#onMessage} does. A message that is not a {@code T} closes the
     * connection with 1007, or 1003, as {@code hawser.websocket.unconvertible} says, and {@link WebSocket#onError} gets an
     * {@link UnconvertibleException}; so does {@code null} where the format has it. Each listener gets an object of its own.
     */
    TypedWebSocket<T> onMessage(Consumer<? super T> listener);

    /**
     * Sends an object, converted on this thread.
     *
     * @param message of any type that can be converted
     * @return as {@link WebSocket#send(String)}
     * @throws IllegalArgumentException if the object cannot be converted; nothing is sent then
     * @throws UnsupportedOperationException as {@link WebSocket#send(byte[])}, where the media type is not textual
     */
    boolean send(Object message);

    /** The socket itself, for everything else. */
    WebSocket socket();
}
