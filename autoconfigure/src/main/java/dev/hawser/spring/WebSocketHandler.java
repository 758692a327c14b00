package dev.hawser.spring;

import dev.hawser.websocket.WebSocketListener;
import dev.hawser.websocket.WebSocketRequest;
import org.springframework.aot.hint.annotation.Reflective;

/**
 * Handles one connection, with its state in its fields: an instance of its own for each request, from {@link
 * WebSocketMapping} or {@link WebSocketEndpoint#handledBy}. Its methods are called in order and never two at once.
 */
@Reflective // whether it hears of errors is seen by reflection
public interface WebSocketHandler extends WebSocketListener {

    /**
     * The request, before anything else: accepts it. Override this to look at it, and to reject or {@linkplain
     * WebSocketRequest#defer defer} it.
     */
    default void onRequest(WebSocketRequest request) {
        request.accept();
    }
}
