package dev.hawser.spring;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.WebSocketRequest;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * An endpoint without a controller. As a bean it is mounted when the application starts; {@link WebSocketEndpoints} mounts
 * others later. Immutable.
 *
 * <pre>{@code
 * @Bean
 * WebSocketEndpoint echo() {
 *     return WebSocketEndpoint.at("/echo", socket -> socket.onMessage(socket::send));
 * }
 * }</pre>
 */
public final class WebSocketEndpoint {

    private final String pattern;
    private final Consumer<WebSocketRequest> decision;
    private final Consumer<WebSocketOptions.Builder> changes;

    private WebSocketEndpoint(
            String pattern, Consumer<WebSocketRequest> decision, Consumer<WebSocketOptions.Builder> changes) {
        this.pattern = pattern;
        this.decision = decision;
        this.changes = changes;
    }

    /**
     * Accepts every request.
     *
     * @param pattern a path pattern, as in {@link org.springframework.web.bind.annotation.GetMapping}
     * @param handler adds listeners; if it throws, the request is answered by the usual error handling
     */
    public static WebSocketEndpoint at(String pattern, Consumer<WebSocket> handler) {
        return onRequest(pattern, request -> handler.accept(request.accept()));
    }

    /**
     * Decides on every request.
     *
     * @param decision accepts, rejects or defers
     */
    public static WebSocketEndpoint onRequest(String pattern, Consumer<WebSocketRequest> decision) {
        return new WebSocketEndpoint(pattern, decision, options -> {});
    }

    /** Has an instance of its own handle each request. */
    public static WebSocketEndpoint handledBy(String pattern, Supplier<? extends WebSocketHandler> handlers) {
        return onRequest(pattern, request -> {
            WebSocketHandler handler = handlers.get();
            request.onAccepted(socket -> socket.listen(handler));
            handler.onRequest(request);
        });
    }

    /**
     * The same with other options than those of the properties, such as {@code endpoint.with(options ->
     * options.maxBuffered(4096).origins("https://*.example.com"))}.
     */
    public WebSocketEndpoint with(Consumer<WebSocketOptions.Builder> more) {
        return new WebSocketEndpoint(pattern, decision, changes.andThen(more));
    }

    /** The path pattern, such as {@code /chat/{room}}. */
    public String pattern() {
        return pattern;
    }

    /** The options of this endpoint, where {@code defaults} are those of the properties. */
    public WebSocketOptions options(WebSocketOptions defaults) {
        return defaults.with(changes);
    }

    /** Has it decide on a request. */
    public void decide(WebSocketRequest request) {
        decision.accept(request);
    }
}
