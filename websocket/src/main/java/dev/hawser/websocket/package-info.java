/**
 * What users of Hawser import: {@link dev.hawser.websocket.WebSocket}, how one is asked for
 * ({@link dev.hawser.websocket.WebSocketRequest}), and how one is set up
 * ({@link dev.hawser.websocket.WebSocketOptions}). No I/O happens here.
 */
@NullMarked
package dev.hawser.websocket;

import org.jspecify.annotations.NullMarked;
