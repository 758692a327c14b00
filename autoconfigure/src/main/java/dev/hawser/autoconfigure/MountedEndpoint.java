package dev.hawser.autoconfigure;

import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.WebSocketRequest;
import java.lang.reflect.Method;

/** An endpoint as a controller, which is what Spring MVC takes it for: with interceptors, error handling and all. */
record MountedEndpoint(WebSocketEndpoint endpoint, WebSocketOptions options) {

    static final Method HANDLE = handle();

    private static Method handle() {
        try {
            return MountedEndpoint.class.getDeclaredMethod("handle", WebSocketRequest.class);
        } catch (NoSuchMethodException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    void handle(WebSocketRequest request) {
        endpoint.decide(request);
    }

    /** What errors and logs call it: they would show all options otherwise, but not the pattern. */
    @Override
    public String toString() {
        return "WebSocketEndpoint at " + endpoint.pattern();
    }
}
