/**
 * The WebSocket protocol without I/O: bytes in, events and bytes out.
 *
 * <pre>
 *            receive(bytes)                       event
 *   socket ────────────────► FrameReader ──────────────────► application
 *                                 │ ping, close, fault
 *                                 ▼
 *   socket ◄──────────────── ByteQueue ◄──────── FrameWriter ◄── send, ping, close
 *             output()
 * </pre>
 *
 * <p>Between the frames and the application, both ways, messages pass the extensions that were agreed on, if any: see {@code
 * dev.hawser.websocket.extension}.
 *
 * <p>Start with {@link dev.hawser.websocket.protocol.Driver}; the README beside this file shows one at work. There are two:
 * {@code HybiDriver} for RFC 6455 and the drafts 7 to 12, with the frames above, and {@code HixieDriver} for the drafts 75
 * and 76, of which there is a server's side only. Nothing here owns a thread, a socket, a lock or a clock, and nothing is thread-safe: whoever drives a driver
 * serialises the calls. {@code ReadyState} is the connection's state, {@code Limits} what a peer may make us hold, {@code
 * Violation} every way in which a peer can break the rules.
 */
@NullMarked
package dev.hawser.websocket.protocol;

import org.jspecify.annotations.NullMarked;
