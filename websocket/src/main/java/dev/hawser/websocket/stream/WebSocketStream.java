package dev.hawser.websocket.stream;

import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A socket as a stream, with backpressure both ways: while nobody reads, the socket is paused and TCP makes the peer wait; while
 * the peer does not read, whoever writes waits. Make one for each socket, and say how it is to be read, before the controller
 * returns or right after {@code connect}: what comes before that is lost, as with listeners.
 *
 * <p>A socket is read in one way: by {@link #inputStream}, {@link #reader}, {@link #readable}, {@link #nextMessage} or {@link
 * #publisher}. How the peer divides bytes and characters into messages does not matter to the first three. Pausing and
 * resuming are theirs then. It is written in any way, also by the {@code send} methods of the socket.
 *
 * <p>Streams, readers, writers, channels and {@link #nextMessage} wait on the caller's thread, which must not be one that the
 * socket needs: a listener of it, or the thread that accepted it, before that has returned. They throw an {@link
 * IllegalStateException} then. They are not thread-safe, except that one thread may read while another writes; waiting ends
 * when the thread is interrupted, with an {@link java.io.InterruptedIOException}. They end with the connection: a client's
 * socket that connects again takes a new {@code WebSocketStream}.
 *
 * <p>The end: reading ends after a close with 1000, or without a code; any other end is an {@link IOException}, mostly a {@link
 * WebSocketClosedException} with code and reason. Closing what reads drops what comes from then on. Closing what writes
 * closes the socket with 1000, after all that was written; then the peer's messages can still be read until its answer, which
 * must come within {@code close-timeout}: read on meanwhile.
 */
public final class WebSocketStream {

    private final WebSocket socket;
    private final Callers callers;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private @Nullable Gate gate;
    private @Nullable String readBy;
    private @Nullable Inbox inbox;
    private @Nullable PartInputStream input;
    private @Nullable Reader reader;
    private @Nullable MessagePublisher publisher;

    /** The message that was given last. Belongs to the reading thread. */
    private @Nullable MessageStream message;

    private WebSocketStream(WebSocket socket) {
        this.socket = socket;
        this.callers = new Callers(socket);
    }

    /** Streams of this socket; its listeners can be used beside them. */
    public static WebSocketStream of(WebSocket socket) {
        return new WebSocketStream(socket);
    }

    /**
     * Passes on all messages, both ways, text as text and binary as binary, and how each socket is closed: code and reason. A
     * socket that is lost without a close frame closes the other with 1014 if it was a client's end, otherwise with 1001.
     * While one does not take what comes, the other is paused. Waits for nothing. Where fragments are not put together, each
     * is passed on as it comes. Call this before the controller returns, or right after {@code connect}.
     */
    public static void pipe(WebSocket one, WebSocket other) {
        new Pipe(one, other);
        new Pipe(other, one);
    }

    // ---- Reading.

    /**
     * The payload of all messages, as if it were one: bytes, and text in UTF-8.
     *
     * @throws IllegalStateException if the socket is read in another way
     */
    public InputStream inputStream() {
        return input("inputStream()");
    }

    /**
     * As {@link #inputStream}, as characters: what is not UTF-8, in a binary message, becomes U+FFFD.
     *
     * @throws IllegalStateException if the socket is read in another way
     */
    public Reader reader() {
        lock.lock();
        try {
            Reader known = reader;
            if (known == null) {
                known = new InputStreamReader(input("reader()"), StandardCharsets.UTF_8);
                reader = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /**
     * As {@link #inputStream}, as a channel.
     *
     * @throws IllegalStateException if the socket is read in another way
     */
    public ReadableByteChannel readable() {
        return new PartChannels.Reading(input("readable()"));
    }

    private PartInputStream input(String way) {
        lock.lock();
        try {
            Inbox from = inbox(way);
            PartInputStream known = input;
            if (known == null) {
                known = new PartInputStream(from);
                input = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Has messages wait for {@link #nextMessage} from now on. Called before the controller returns, or right after {@code
     * connect}, if the first {@code nextMessage} may come later.
     *
     * @return this
     * @throws IllegalStateException if the socket is read in another way
     */
    public WebSocketStream messages() {
        messageInbox();
        return this;
    }

    /**
     * The next message as soon as it begins; null at the end. Waits for it. With {@link
     * dev.hawser.websocket.WebSocketOptions.Builder#streaming streaming}, it may be longer than memory: what of it has come
     * can be read. Otherwise it has come whole; where fragments are not put together, frame by frame. What was not read of
     * the message before is skipped.
     *
     * @throws IOException if the connection has ended otherwise than by a close with 1000
     * @throws IllegalStateException if the socket is read in another way
     */
    public @Nullable MessageStream nextMessage() throws IOException {
        Inbox from = messageInbox();
        MessageStream last = message;
        if (last != null) {
            last.skipRest();
        }
        Part first = from.take();
        message = first == null ? null : new MessageStream(from, first);
        return message;
    }

    private Inbox messageInbox() {
        lock.lock();
        try {
            return inbox("nextMessage()");
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock. */
    private Inbox inbox(String way) {
        readOnly(way);
        Inbox known = inbox;
        if (known == null) {
            known = new Inbox(socket, callers);
            inbox = known;
        }
        return known;
    }

    /** Under the lock. */
    private void readOnly(String way) {
        if (readBy != null && !readBy.equals(way)) {
            throw new IllegalStateException("A socket is read in one way: expected " + readBy + " but was " + way);
        }
        readBy = way;
    }

    /**
     * The messages, for one subscriber; any further one gets an {@link IllegalStateException}. No more is read than it asks
     * for, and one message. It completes where reading {@linkplain WebSocketStream would end}, or gets the exception. To
     * cancel drops what comes from then on, and leaves the socket open. Signals come on the threads of listeners, or on that
     * which asks for more; a subscriber that throws is cancelled. It goes on when a client's socket connects again.
     *
     * <p>For sockets that put fragments together; of others it gives an {@link IllegalStateException} to the subscriber.
     *
     * @throws IllegalStateException if the socket is read in another way
     */
    public Flow.Publisher<Message> publisher() {
        lock.lock();
        try {
            readOnly("publisher()");
            MessagePublisher known = publisher;
            if (known == null) {
                known = new MessagePublisher(socket);
                publisher = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    // ---- Writing.

    private Gate gate() {
        lock.lock();
        try {
            Gate known = gate;
            if (known == null) {
                known = new Gate(socket, callers);
                gate = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /** Bytes, in binary messages of up to 16 KiB. Sent when there are so many, on {@code flush} and on {@code close}. */
    public OutputStream outputStream() {
        return new PartOutputStream(
                gate(), (part, last) -> socket.send(Message.wrap(false, part)), false, socket::close);
    }

    /** Characters, in text messages of up to 16,384 characters, as {@link #outputStream}. */
    public Writer writer() {
        return new PartWriter(gate(), (part, last) -> socket.send(part), false, socket::close);
    }

    /** Bytes, in binary messages of up to 64 KiB. Sent at once, all of them; closing it closes the socket. */
    public WritableByteChannel writable() {
        return new PartChannels.Writing(socket, gate());
    }

    /**
     * Begins a binary message, which is sent in fragments while it is written and ends when the stream is closed; the socket stays
     * open. Fragments have up to 16 KiB, fewer where the stream is flushed. Messages that others send meanwhile wait for its
     * end, and count towards {@code max-buffered}. At a client's end this waits until the socket is open.
     *
     * @throws IOException if the socket is closed
     * @throws IllegalStateException if the last message that was begun so has not been ended
     */
    public OutputStream binaryMessage() throws IOException {
        Gate to = gate();
        to.beginMessage();
        return new PartOutputStream(to, socket::sendFragment, true, to::endMessage);
    }

    /** Begins a text message, as {@link #binaryMessage}. */
    public Writer textMessage() throws IOException {
        Gate to = gate();
        to.beginMessage();
        return new PartWriter(to, socket::sendFragment, true, to::endMessage);
    }

    /**
     * Sends the messages of a publisher, and asks for one at a time, when the socket takes it. When they are complete, the socket
     * is closed with 1000; after an error it is dropped with 1011. When the socket ends, the subscription is cancelled. For
     * one subscription.
     */
    public Flow.Subscriber<Message> subscriber() {
        return new MessageSubscriber(socket);
    }
}
