/**
 * The opening handshake (RFC 6455, section 4) as values: a request is checked and answered with a status and headers,
 * which a container or a raw socket then writes. Start with {@link dev.hawser.websocket.handshake.ServerHandshake}; {@link
 * dev.hawser.websocket.handshake.ClientHandshake} is the other side, what is asked for and whether the answer will do.
 */
@NullMarked
package dev.hawser.websocket.handshake;

import org.jspecify.annotations.NullMarked;
