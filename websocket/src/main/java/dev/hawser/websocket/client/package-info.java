/**
 * The client: sockets, TLS and proxies by Netty, handshake and frames by ourselves. Start at {@link
 * dev.hawser.websocket.client.WebSocketClient}.
 *
 * <pre>
 * WebSocketClient.connect(url)
 *   ClientConnection             what the application holds; reconnects
 *     Dial                       one attempt: addresses, TCP, TLS, the proxy, the handshake, redirects
 *       Socks                    the way through a SOCKS proxy
 *       HttpExchange             one request and its response, CONNECT and the handshake alike
 *     WebSocketConnection        once the handshake is through, over a NettyTransport
 * </pre>
 *
 * <p>Everything up to the open connection happens on one event loop, listeners on the executor of the {@link
 * dev.hawser.websocket.connection.ConnectionGroup}: one that blocks holds up no other connection.
 */
@NullMarked
package dev.hawser.websocket.client;

import org.jspecify.annotations.NullMarked;
