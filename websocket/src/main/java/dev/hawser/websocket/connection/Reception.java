package dev.hawser.websocket.connection;

import dev.hawser.websocket.ConnectionTracing;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocketException;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.protocol.CloseCode;
import dev.hawser.websocket.protocol.Driver;
import dev.hawser.websocket.protocol.Event;
import dev.hawser.websocket.protocol.Frame;
import dev.hawser.websocket.protocol.Opcode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The reading half of a connection: takes bytes, and tells listeners what is in them. Belongs to the mailbox's runner, and
 * takes the lock for no message.
 */
final class Reception {

    /** So many reads, half a megabyte, before others get the thread: a peer that never stops sending must not keep it. */
    private static final int TURN = 64;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final WebSocketConnection connection;
    private final Driver driver;
    private final Mailbox mailbox;
    private final Listeners listeners;
    private final WebSocketObserver observer;
    private final ConnectionTracing tracing;
    /** Whether listeners hear of each frame. */
    private final boolean framed;
    /** Whether those may be pieces of frames. */
    private final boolean pieces;

    /** The message that comes in frames which are not put together. */
    private final Fragments received = new Fragments();

    private final Tally tally = new Tally();
    /** Written by the runner. */
    private volatile long reads;
    /** Whether more input waits that was read. */
    private boolean batching;

    private boolean interrupted;
    /**
     * What is left of a read until an extension, or the application, is ready for it; null while both are. Read by others,
     * too.
     */
    private volatile @Nullable ByteBuffer unread;

    Reception(
            WebSocketConnection connection,
            Driver driver,
            Mailbox mailbox,
            Listeners listeners,
            WebSocketObserver observer,
            ConnectionTracing tracing,
            boolean framed,
            boolean pieces) {
        this.connection = connection;
        this.driver = driver;
        this.mailbox = mailbox;
        this.listeners = listeners;
        this.observer = observer;
        this.tracing = tracing;
        this.framed = framed;
        this.pieces = pieces;
    }

    /** What was received. Asked by any thread. */
    Tally tally() {
        return tally;
    }

    /** Something that grows with each read and message. Asked by any thread. */
    long progress() {
        return reads + tally.messages();
    }

    /** Whether what listeners send is to be collected, since more is to come at once. */
    boolean isBatching() {
        return batching;
    }

    /** Whether an extension is at work on a message, or the application has paused, and nothing is to be read. */
    boolean isWaiting() {
        return unread != null;
    }

    /** Whether the last read has ended in the middle, so that others get the thread. By the runner. */
    boolean isInterrupted() {
        return interrupted;
    }

    /** How many bytes of memory are held for what is left of a read. */
    int memory() {
        ByteBuffer rest = unread;
        return rest == null ? 0 : rest.capacity();
    }

    /** Whether there is a listener for what messages come as: whole or in parts. */
    boolean isHeard() {
        return (framed && listeners.hearFrames()) || (!pieces && listeners.hearMessages());
    }

    /** Reads what the transport has, if it is wanted; false if there may be more, but not now. */
    boolean read(Transport from) {
        interrupted = false;
        if (!isWaiting() && connection.holdsBack()) {
            unread = NOTHING;
        }
        if (isWaiting()) {
            return false;
        }
        byte[] buffer = ReadBuffer.take();
        try {
            int count;
            int turn = 0;
            do {
                count = from.read(buffer);
                if (count < 0) {
                    connection.endOfInput();
                    return false;
                }
                deliver(ByteBuffer.wrap(buffer, 0, count), true);
                interrupted = ++turn == TURN;
            } while (!isWaiting() && from.mayHaveMore(count, buffer) && !interrupted);
            return !isWaiting() && !interrupted;
        } catch (IOException reset) {
            connection.failedRead(reset);
            return false;
        } catch (RuntimeException | Error broken) { // no memory, for instance: this connection ends, the thread goes on
            connection.failedRead(new IOException("Cannot read", broken));
            return false;
        } finally {
            ReadBuffer.giveBack(buffer);
        }
    }

    /**
     * Works through the bytes of one read; what listeners send meanwhile leaves in one write at the end. Messages, of
     * which there may be hundreds, are read without the lock.
     *
     * @param lent whether others use the buffer afterwards
     */
    private void deliver(ByteBuffer input, boolean lent) {
        connection.alive();
        mailbox.enterScope();
        reads++;
        mailbox.runPosted();
        for (Event event = next(input); event != null; event = next(input)) {
            batching = input.hasRemaining();
            if (event instanceof Event.Text text) {
                message(true, text.utf8());
            } else if (event instanceof Event.Binary binary) {
                message(false, binary.data());
            } else if (event instanceof Event.Fragment fragment) {
                fragment(fragment.frame());
            } else {
                if (connection.answer(event)) {
                    dispatch(event);
                }
                mailbox.runPosted();
            }
        }
        if (driver.isReceiving() || input.hasRemaining()) {
            unread = lent ? ByteBuffer.allocate(input.remaining()).put(input).flip() : input;
        }
        batching = false;
        connection.accountIncoming();
        connection.flushLocked();
    }

    /** What comes next; null when the input is used up, an extension takes its time, or the application has paused. */
    private @Nullable Event next(ByteBuffer input) {
        return connection.holdsBack() ? null : driver.receive(input);
    }

    /**
     * Goes on with what is left of a read, now that an extension may have done its work, or the application has resumed,
     * and with what the transport has: some of it may be behind TLS, where no poller sees it.
     *
     * @return as {@link #read}
     */
    boolean resume(Transport from) {
        ByteBuffer rest = unread;
        unread = null;
        if (rest != null) {
            deliver(rest, false);
        }
        return read(from);
    }

    private void message(boolean text, byte[] payload) {
        // "MUST NOT continue to attempt to process data ... from the remote endpoint" after a failure (7.1.7)
        if (connection.hasFailed()) {
            return;
        }
        tally.add(payload.length);
        observer.received(text, payload.length);
        deliver(text, payload);
    }

    private void deliver(boolean text, byte[] payload) {
        ConnectionTracing.Scope scope = tracing.receiving(text, payload.length);
        try {
            listeners.message(Message.wrap(text, payload));
        } catch (Throwable thrown) {
            scope.failed(thrown);
            connection.listenerFailed(thrown);
        } finally {
            scope.close();
        }
    }

    private void fragment(Frame frame) {
        if (connection.hasFailed()) {
            return;
        }
        boolean whole = !pieces && frame.fin() && frame.opcode() != Opcode.CONTINUATION;
        if (received.add(frame.opcode(), frame.length(), frame.fin())) {
            tally.add(received.length());
            observer.received(received.isText(), received.length());
        }
        mailbox.run(() -> listeners.frame(frame));
        if (whole && !connection.hasFailed()) {
            deliver(frame.opcode() == Opcode.TEXT, frame.unwrap());
        }
    }

    private void dispatch(Event event) {
        if (framed) {
            controlFrame(event, !driver.isClient()).ifPresent(frame -> mailbox.run(() -> listeners.frame(frame)));
        }
        if (connection.hasFailed() && !(event instanceof Event.Failure)) {
            return; // by the listener of the frame
        }
        if (event instanceof Event.Ping ping) {
            mailbox.run(() -> listeners.ping(ByteBuffer.wrap(ping.data()).asReadOnlyBuffer()));
        } else if (event instanceof Event.Pong pong) {
            connection.answeredPings(pong).forEach(mailbox::run);
            mailbox.run(() -> listeners.pong(ByteBuffer.wrap(pong.data()).asReadOnlyBuffer()));
        } else if (event instanceof Event.Failure failure) {
            mailbox.run(() ->
                    listeners.error(new WebSocketException(failure.violation(), failure.reason(), failure.cause())));
        }
    }

    /** The frame that an event came in, if it was a control frame. */
    private static Optional<Frame> controlFrame(Event event, boolean masked) {
        Frame frame = null;
        if (event instanceof Event.Ping ping) {
            frame = Frame.of(Opcode.PING, ping.data());
        } else if (event instanceof Event.Pong pong) {
            frame = Frame.of(Opcode.PONG, pong.data());
        } else if (event instanceof Event.Close close) {
            frame = close.code() == CloseCode.NO_STATUS
                    ? Frame.of(Opcode.CLOSE, new byte[0])
                    : Frame.close(close.code(), close.reason());
        }
        return Optional.ofNullable(frame).map(received -> received.withMasked(masked));
    }
}
