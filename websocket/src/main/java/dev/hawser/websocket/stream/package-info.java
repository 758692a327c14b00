/**
 * A socket as a stream: of bytes, of characters, of messages, or of messages whose parts are read while they arrive and
 * written while they are made. Start with {@link dev.hawser.websocket.stream.WebSocketStream}.
 *
 * <pre>
 *   socket ── onMessage, onFrame ──► Inbox ──► InputStream, Reader, channel, MessageStream     (waits: your thread)
 *          ◄── pause, resume ───────── │
 *          ── onMessage ──► MessagePublisher ──► Flow.Subscriber                               (waits: nobody)
 *
 *   socket ◄── send, sendFragment ── Gate ◄── OutputStream, Writer, channel                    (waits: your thread)
 *          ── onDrain ──────────────►  │
 *          ◄── send ── MessageSubscriber ◄── Flow.Publisher                                    (waits: nobody)
 * </pre>
 *
 * <p>Backpressure goes through: a reader that stops pauses the socket, and TCP makes the peer wait; a writer waits, and a
 * publisher is asked for nothing, while the peer does not read. At most 64 KiB and a message are held for a reader, or 64 KiB
 * and a part where messages are handed on while they come.
 *
 * <p>Those who wait do so on threads of their own, so this package has locks too, like {@code connection}: one in each half
 * of a stream. The lock of a connection may be taken under them, never the other way round: listeners run under none.
 */
@NullMarked
package dev.hawser.websocket.stream;

import org.jspecify.annotations.NullMarked;
