package dev.hawser.websocket;

import dev.hawser.websocket.handshake.ExtensionHeader;
import java.security.Principal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client that asks for a WebSocket: accept it or reject it, once, before the controller returns; or {@link #defer} the
 * decision and make it later. The request has been checked already: it is a valid handshake (RFC 6455, section 4.2.1), and
 * its origin is allowed. Belongs to the thread that handles the request, until it was accepted or deferred: then every method
 * may be called from any thread.
 */
public interface WebSocketRequest {

    /** The URL asked for, such as {@code ws://example.com/chat?room=1}. */
    String url();

    /** The host asked for, and its port unless that is the scheme's own, such as {@code example.com:8080}. */
    String host();

    /** The path asked for, without the query. */
    String path();

    /** The path asked for, and the query if there is one, as they came (section 3: the resource name). */
    String resource();

    /** What the variables of the endpoint's path pattern stand for here, by name; empty where there is no pattern. */
    Map<String, String> pathVariables();

    /**
     * The page that asks, if it is a page; null otherwise: the {@code Origin} header, or the {@code Sec-WebSocket-Origin} of
     * hybi-8 and hybi-7.
     */
    @Nullable
    String origin();

    /** The subprotocols that the client can speak, most wanted first (section 4.1, item 10). */
    List<String> protocols();

    /**
     * The extensions that the client offers (section 9.1), most wanted first. Which of them are agreed on, {@link
     * WebSocket#extensions} says.
     */
    List<ExtensionHeader> extensions();

    /** The version of the WebSocket protocol that was asked for; see {@link WebSocket#version}. */
    String version();

    /** The first header of this name, in any case; null if there is none. */
    @Nullable
    String header(String name);

    /** All headers of this name, in any case. */
    List<String> headers(String name);

    /** The cookies (RFC 6265, section 5.4) by name; of several with one name, the first, which is the one of the longest path. */
    Map<String, String> cookies();

    /** Who asks; null if nobody is logged in. */
    @Nullable
    Principal principal();

    /**
     * The address of the client, as the container gives it: what a proxy says of it counts only where the container was told
     * to believe the proxy, with {@code server.forward-headers-strategy} for instance.
     */
    String remoteAddress();

    /**
     * The request of the container, such as {@code request.unwrap(HttpServletRequest.class)}.
     *
     * @throws IllegalArgumentException if it is none of this type
     * @throws IllegalStateException if it is over, because its thread has gone on
     */
    <T> T unwrap(Class<T> type);

    /**
     * Accepts. The subprotocol is the first of {@link WebSocketOptions#protocols()} that the client asks for, if any.
     *
     * @return the connection; open once the response has been written, and what is sent before is queued
     * @throws IllegalStateException if the request was accepted or rejected before
     */
    WebSocket accept();

    /**
     * Accepts with a subprotocol. A client that did not ask for it is rejected with 400, and what this returns is closed.
     *
     * @param protocol one of {@link #protocols()}; null for none
     * @throws IllegalStateException if the request was accepted or rejected before
     */
    WebSocket accept(@Nullable String protocol);

    /**
     * Accepts with options of its own, such as {@code request.accept(null, options -> options.extensions(deflate))}.
     *
     * @param protocol as for {@link #accept(String)}
     * @param changes what is to be other than in the options of the endpoint. Who may ask has been checked before, by those
     * @throws IllegalArgumentException if an option is wrong
     * @throws IllegalStateException if the request was accepted or rejected before
     */
    WebSocket accept(@Nullable String protocol, Consumer<WebSocketOptions.Builder> changes);

    /** Refuses; see {@link #reject(int, String, Map)}. */
    default void reject(int status, String reason) {
        reject(status, reason, Map.of());
    }

    /**
     * Refuses with an HTTP status and a reason in plain text, which is the {@code X-WebSocket-Reject-Reason} too.
     *
     * @param status 300 to 599
     * @param reason one line; what is not printable ASCII becomes a space
     * @param headers headers of the response, such as {@code Map.of("WWW-Authenticate", "Bearer")}
     * @throws IllegalArgumentException if the status is not one of a refusal, or a header breaks the grammar of HTTP or is
     *     one that says how long the body is
     * @throws IllegalStateException if the request was accepted or rejected before
     */
    void reject(int status, String reason, Map<String, String> headers);

    /** Defers the decision for at most {@link WebSocketOptions#handshakeTimeout()}; see {@link #defer(Duration)}. */
    void defer();

    /**
     * Lets the controller return without a decision: it comes later, from any thread, and no thread of the container waits for it.
     *
     * <p>A connection that is accepted later reads nothing before it has a listener for messages, or a second has passed.
     *
     * @param timeout if nothing is decided within it, or before the application stops, the request is rejected with 503
     * @throws IllegalArgumentException if {@code timeout} is not longer than zero
     * @throws IllegalStateException if the request was decided or deferred before
     */
    void defer(Duration timeout);

    /** Adds a listener that is called when the request is accepted, by {@code accept} and before it returns. */
    WebSocketRequest onAccepted(Consumer<WebSocket> listener);

    /**
     * Adds a listener that is called when the request is rejected: by the application, because it did not decide in time, or,
     * after the decision was deferred, with 500, because {@code accept} threw or the controller did not go through.
     */
    WebSocketRequest onRejected(RejectListener listener);

    /** Hears that a request was rejected. */
    @FunctionalInterface
    interface RejectListener {

        /**
         * The request was rejected.
         *
         * @param status the HTTP status
         * @param reason as it was sent
         */
        void rejected(int status, String reason);
    }
}
