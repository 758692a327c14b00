package dev.hawser.websocket;

import dev.hawser.websocket.handshake.ExtensionHeader;
import java.security.Principal;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client that asks for a WebSocket: accept it or reject it, once, before the controller returns. The request has been
 * checked already: it is a valid handshake (RFC 6455, section 4.2.1), and its origin is allowed. Belongs to the thread
 * that handles the request.
 */
public interface WebSocketRequest {

    /** The URL asked for, such as {@code ws://example.com/chat?room=1}. */
    String url();

    /** The path asked for, without the query. */
    String path();

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

    /** Who asks; null if nobody is logged in. */
    @Nullable
    Principal principal();

    /** The address of the client, as the container gives it. */
    String remoteAddress();

    /**
     * Accepts. The subprotocol is the first of {@link WebSocketOptions#protocols()} that the client asks for, if any.
     *
     * @return the connection; open once the response has been written, and what is sent before is queued
     * @throws IllegalStateException if the request was accepted or rejected before
     */
    WebSocket accept();

    /**
     * Accepts with a subprotocol.
     *
     * @param protocol one of {@link #protocols()}; null for none
     * @throws IllegalArgumentException if the client did not ask for {@code protocol}
     * @throws IllegalStateException if the request was accepted or rejected before
     */
    WebSocket accept(@Nullable String protocol);

    /**
     * Accepts with options of its own, such as {@code request.accept(null, options -> options.extensions(deflate))}.
     *
     * @param protocol as for {@link #accept(String)}
     * @param changes what is to be other than in the options of the endpoint. Who may ask has been checked before, by those
     * @throws IllegalArgumentException if the client did not ask for {@code protocol}, or an option is wrong
     * @throws IllegalStateException if the request was accepted or rejected before
     */
    WebSocket accept(@Nullable String protocol, Consumer<WebSocketOptions.Builder> changes);

    /**
     * Refuses with an HTTP status and a reason in plain text.
     *
     * @param status 300 to 599
     * @param reason one line; control characters in it become spaces
     * @throws IllegalArgumentException if the status is not one of a refusal
     * @throws IllegalStateException if the request was accepted or rejected before
     */
    void reject(int status, String reason);
}
