package dev.hawser.autoconfigure;

import dev.hawser.eventsource.EventSource;
import dev.hawser.spring.TypedEventSource;
import dev.hawser.spring.TypedWebSocket;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import org.jspecify.annotations.Nullable;

/** What a controller method asks for with its parameters. */
enum ConnectionKind {
    WEB_SOCKET,
    EVENT_SOURCE;

    /** The kind of connection that a parameter of this type asks for; null if none. */
    static @Nullable ConnectionKind of(Class<?> type) {
        if (type == WebSocket.class || type == WebSocketRequest.class || type == TypedWebSocket.class) {
            return WEB_SOCKET;
        }
        return type == EventSource.class || type == TypedEventSource.class ? EVENT_SOURCE : null;
    }
}
