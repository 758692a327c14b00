/**
 * What turns a protocol driver and a transport into a connection: the queue of what is to be written, the order of
 * events, and time. The locks of connections are here, and nowhere else.
 *
 * <pre>
 *   container ── onReadable ──► WebSocketConnection ──► listeners        (Mailbox: in order, never two at once)
 *   container ── onWritable ──►        │  ▲
 *   timer     ── time-outs ───►        │  └── send, ping, close ◄── any thread
 *                                      ▼
 *                          Driver.output() ──► Transport                 (under the connection's lock)
 * </pre>
 *
 * <p>Start with {@link dev.hawser.websocket.connection.WebSocketConnection}. A {@link
 * dev.hawser.websocket.connection.ConnectionGroup} gives connections their executor and their one shared timer, and
 * closes them together; they share a {@link dev.hawser.websocket.memory.MemoryBudget}.
 */
@NullMarked
package dev.hawser.websocket.connection;

import org.jspecify.annotations.NullMarked;
