package dev.hawser.websocket.connection;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.CloseException;
import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.ConnectFailedException.Response;
import dev.hawser.websocket.ConnectionStatistics;
import dev.hawser.websocket.ConnectionTracing;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.Reconnect;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.connection.WebSocketConnection.Admission;
import dev.hawser.websocket.connection.WebSocketConnection.Peer;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.handshake.Version;
import dev.hawser.websocket.memory.MemoryBudget;
import dev.hawser.websocket.protocol.CloseCode;
import dev.hawser.websocket.protocol.Driver;
import dev.hawser.websocket.protocol.Frame;
import dev.hawser.websocket.protocol.Opcode;
import dev.hawser.websocket.protocol.Outgoing;
import dev.hawser.websocket.protocol.ReadyState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.Principal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ClientWebSocket}: attempts to connect, the {@link WebSocketConnection} that comes of one, and what waits meanwhile.
 *
 * <p>The mailbox's lock guards all fields that are not final; it is never held while a connection is called that may have
 * extensions work, nor while a listener runs. The mailbox runs listeners only while there is no connection: one that is there has its own.
 */
public final class ClientConnection implements ClientWebSocket, WholeMessages, ConnectionGroup.Member {

    /** So many bytes at least a message that waits takes. */
    private static final int OVERHEAD = 16;

    private static final ConnectionStatistics NOTHING =
            new ConnectionStatistics(Duration.ZERO, Duration.ZERO, 0, 0, 0, 0, 0, false, null);

    private final String id = ConnectionIds.next();
    private final Dialer dialer;
    private final Peer asked;
    private final Version version;
    private final WebSocketOptions options;
    private final WebSocketObserver observer;
    private final ConnectionTracing tracing;
    private final ConnectionGroup group;
    private final @Nullable Reconnect reconnect;
    private final Listeners listeners = new Listeners();
    private final Mailbox mailbox;

    /** What is under way; null between attempts, and at the end. */
    private @Nullable Attempt attempt;
    /** The wait for the next attempt. */
    private @Nullable Future<?> retry;
    /** Where messages go; null while there is no open connection. */
    private volatile @Nullable WebSocketConnection current;
    /** The last connection, which knows what was agreed on. */
    private volatile @Nullable WebSocketConnection last;

    private Response response = Response.NONE;
    /** Attempts in a row, without a connection that lasted. */
    private int attempts;
    /** Whether there was an open connection. */
    private boolean opened;
    /** Whether the application, or the end of it, wants no further connection. */
    private boolean leaving;
    /** Whether the application wants to hear nothing for now, from whatever connection. Written under the lock. */
    private volatile boolean paused;
    /** How to close, once what waits has been sent; null if the application has not closed before it was open. */
    private volatile @Nullable Consumer<WebSocketConnection> whenOpen;
    /** Whether the end has come. */
    private boolean ended;

    /** Why the last attempt failed, if that was the end. */
    private @Nullable ConnectFailedException finalFailure;

    private int closeCode = CloseCode.ABNORMAL;
    private String closeReason = "";

    private final Deque<Outgoing> waiting = new ArrayDeque<>(0);
    private long waitingLength;
    /** What that takes of the process's memory. */
    private final MemoryBudget.Share memory;
    /** Whether a sender was asked to wait until nothing waits. */
    private boolean drainAwaited;
    /** The message that is sent in parts; null between messages. */
    private @Nullable Parts parts;

    /** @param connection the one on which the message was begun; null if there was none */
    private record Parts(@Nullable WebSocketConnection connection) {}

    /** Makes connections. */
    public interface Dialer {

        /**
         * Begins to make one, and tells the attempt how that went, on any thread, but not before this returns.
         *
         * @return gives up; called at most once, from any thread
         */
        Runnable dial(Attempt attempt);
    }

    /** A socket that is not connected, and does nothing before {@link #start}. */
    public ClientConnection(
            Dialer dialer,
            Peer asked,
            Version version,
            WebSocketOptions options,
            WebSocketObserver observer,
            ConnectionGroup group,
            @Nullable Reconnect reconnect) {
        this(dialer, asked, version, options, observer, ConnectionTracing.NONE, group, reconnect);
    }

    /** As above, and traced. */
    public ClientConnection(
            Dialer dialer,
            Peer asked,
            Version version,
            WebSocketOptions options,
            WebSocketObserver observer,
            ConnectionTracing tracing,
            ConnectionGroup group,
            @Nullable Reconnect reconnect) {
        this.dialer = dialer;
        this.asked = asked;
        this.version = version;
        this.options = options;
        this.observer = observer;
        this.tracing = tracing;
        this.group = group;
        this.reconnect = reconnect;
        this.mailbox = new Mailbox(group, listeners::failed, () -> {}, tracing);
        this.memory =
                group.memory().open(() -> group.schedule(() -> mailbox.locked(this::giveUpMemory), Duration.ZERO));
    }

    /** Makes the first attempt. */
    public void start() {
        group.add(this);
        mailbox.locked(this::dial);
    }

    private void dial() {
        retry = null;
        if (!ended) {
            Attempt next = new Attempt();
            attempt = next;
            next.cancel = dialer.dial(next);
        }
    }

    /** One attempt, and the connection that comes of it. */
    public final class Attempt implements Lifecycle {

        private Runnable cancel = () -> {};
        private @Nullable WebSocketConnection connection;
        private @Nullable Transport transport;
        private boolean reading;
        private long openedAt;

        private Attempt() {}

        /**
         * The handshake is through.
         *
         * @return the connection, for the caller to open on a thread for listeners; null if it is not wanted any more
         */
        public @Nullable WebSocketConnection connected(
                Driver driver, Peer peer, Response answer, Transport readyTransport) {
            mailbox.lock();
            try {
                if (attempt != this) {
                    return null;
                }
                response = answer;
                transport = readyTransport;
                connection = new WebSocketConnection(
                        id, driver, peer, options, observer, tracing, group, listeners, this, reconnect != null);
                last = connection;
                if (paused) {
                    connection.pause();
                }
                return connection;
            } finally {
                mailbox.unlock();
            }
        }

        /** There will be no connection. */
        public void failed(ConnectFailedException failure) {
            mailbox.lock();
            try {
                if (attempt != this) {
                    return;
                }
                attempt = null;
                if (failure.statusCode() != 0) {
                    response = new Response(failure.statusCode(), failure.headers(), new byte[0]);
                }
                if (mayReconnect() && reconnect != null && reconnect.follows(failure)) {
                    Duration delay = delay(reconnect, failure);
                    int count = attempts;
                    mailbox.post(() -> reconnectAfter(count, delay, failure));
                } else {
                    finalFailure = failure;
                    mailbox.post(() -> listeners.error(failure));
                    end(CloseCode.ABNORMAL, "");
                }
            } finally {
                mailbox.unlock();
            }
        }

        /** First sends what waits, then lets others send. */
        @Override
        public void opened() {
            WebSocketConnection open = connection;
            if (open == null) {
                return;
            }
            Admission admission = Admission.GO_ON;
            for (Outgoing next = next(open); next != null; next = next(open)) {
                admission = open.offer(next);
                if (admission == Admission.REFUSED) {
                    putBack(next);
                    return;
                }
            }
            boolean again;
            boolean drained;
            mailbox.lock();
            try {
                if (attempt != this || (leaving && whenOpen == null)) {
                    return; // closed meanwhile
                }
                openedAt = System.nanoTime();
                again = opened;
                opened = true;
                drained = drainAwaited && admission == Admission.GO_ON;
                drainAwaited = false;
            } finally {
                mailbox.unlock();
            }
            boolean told = false;
            try {
                if (again) {
                    listeners.reconnected();
                } else {
                    listeners.opened();
                }
                if (drained) {
                    listeners.drained();
                }
                told = true;
            } finally {
                if (listeners.hearMessages() || !told) {
                    startReading();
                } else {
                    group.schedule(this::startReading, WebSocketConnection.LISTENERS_AWAITED);
                }
            }
            Consumer<WebSocketConnection> then = whenOpen;
            if (then != null) {
                startReading();
                then.accept(open);
            }
        }

        /** The oldest message that waits; if there is none, others send directly from now on. */
        private @Nullable Outgoing next(WebSocketConnection open) {
            mailbox.lock();
            try {
                Outgoing next = waiting.poll();
                if (next == null) {
                    current = open;
                    group.remove(ClientConnection.this); // the connection is in it
                } else {
                    waitsMore(-next.length());
                }
                return next;
            } finally {
                mailbox.unlock();
            }
        }

        private void putBack(Outgoing message) {
            mailbox.lock();
            try {
                waiting.addFirst(message);
                waitsMore(message.length());
            } finally {
                mailbox.unlock();
            }
        }

        private void startReading() {
            mailbox.locked(() -> {
                if (!reading && transport != null) {
                    reading = true;
                    transport.resumeReading();
                }
            });
        }

        @Override
        public void closed(int code, String reason) {
            WebSocketConnection closed = connection;
            if (closed == null) {
                return;
            }
            mailbox.lock();
            try {
                current = null;
                attempt = null;
                if (reconnect != null
                        && openedAt != 0
                        && System.nanoTime() - openedAt > reconnect.maxDelay().toNanos()) {
                    attempts = 0;
                }
                if (reconnect == null || !mayReconnect() || closed.hasFailed() || !reconnect.follows(code)) {
                    if (closeCode == CloseCode.ABNORMAL) { // otherwise it was we who gave up
                        closeCode = code;
                        closeReason = reason;
                    }
                    end(closeCode, closeReason);
                    return;
                }
                group.add(ClientConnection.this);
                keep(closed.unsent());
                Duration delay = delay(reconnect, null);
                int count = attempts;
                String why = "The connection has ended with " + code;
                IOException cause = new IOException(reason.isEmpty() ? why : why + ": " + reason);
                mailbox.post(() -> reconnectAfter(count, delay, cause));
            } finally {
                mailbox.unlock();
            }
        }
    }

    // ---- Attempts and ends, all under the lock.

    private boolean mayReconnect() {
        return reconnect != null && !leaving && !ended && !group.isShuttingDown() && attempts < reconnect.maxAttempts();
    }

    /** Counts an attempt, and tells when it is to be made. */
    private Duration delay(Reconnect policy, @Nullable ConnectFailedException failure) {
        Duration delay = policy.delay(++attempts, ThreadLocalRandom.current().nextDouble());
        Duration asked = failure == null ? Duration.ZERO : retryAfter(failure);
        Duration longest = asked.compareTo(policy.maxDelay()) > 0 ? policy.maxDelay() : asked;
        return longest.compareTo(delay) > 0 ? longest : delay;
    }

    /** RFC 9110, section 10.2.3, without its dates: clocks differ. */
    private static Duration retryAfter(ConnectFailedException failure) {
        String value = String.join(",", failure.headers().getOrDefault("Retry-After", List.of()));
        return value.matches("[0-9]{1,9}") ? Duration.ofSeconds(Long.parseLong(value)) : Duration.ZERO;
    }

    /** Without the lock. */
    private void reconnectAfter(int count, Duration delay, Throwable cause) {
        try {
            listeners.reconnecting(count, delay, cause);
        } catch (Throwable thrown) {
            listeners.failed(thrown);
            CloseException wanted = Listeners.closing(thrown);
            mailbox.locked(() -> giveUp(wanted.code(), wanted.reason(), CloseCause.FAILURE));
        }
        mailbox.locked(() -> {
            if (!ended) {
                retry = group.schedule(() -> mailbox.locked(this::dial), delay);
            }
        });
    }

    /** Messages that a connection has not sent come before those that were sent since. */
    private void keep(Iterable<Outgoing> unsent) {
        Deque<Outgoing> reversed = new ArrayDeque<>();
        unsent.forEach(reversed::addFirst);
        for (Outgoing message : reversed) {
            waiting.addFirst(message);
            waitsMore(message.length());
        }
        drainAwaited |= !reversed.isEmpty();
    }

    /** Ends for good: now, or when the connection has ended that there is. */
    private void giveUp(int code, String reason, CloseCause cause) {
        if (ended) {
            return;
        }
        leaving = true;
        closeCode = code;
        closeReason = reason;
        Attempt underWay = attempt;
        if (underWay != null && underWay.connection != null) {
            underWay.connection.cut(cause);
            return;
        }
        if (underWay != null) {
            attempt = null;
            underWay.cancel.run();
        }
        if (retry != null) {
            retry.cancel(false);
        }
        end(code, reason);
    }

    private void end(int code, String reason) {
        if (!ended) {
            ended = true;
            closeCode = code;
            closeReason = reason;
            waiting.clear();
            waitingLength = 0;
            memory.close();
            group.remove(this);
            mailbox.post(() -> listeners.closed(code, reason));
        }
    }

    // ---- Sending.

    @Override
    public boolean send(Outgoing message) {
        while (true) {
            WebSocketConnection to = current;
            if (to != null) {
                Admission admission = to.offer(message);
                if (admission != Admission.REFUSED || reconnect == null) {
                    return admission == Admission.GO_ON;
                }
            }
            mailbox.lock();
            try {
                if (current == to) { // else another connection has come
                    return await(message);
                }
            } finally {
                mailbox.unlock();
            }
        }
    }

    /** Queues a message for the next connection; whether a sender may go on. Under the lock. */
    private boolean await(Outgoing message) {
        if (ended || leaving) {
            return false;
        }
        if (weight() > options.maxBuffered()) {
            observer.overflowed();
            giveUp(CloseCode.TRY_AGAIN_LATER, "Too much waits for a connection", CloseCause.SLOW_CONSUMER);
            return false;
        }
        waiting.add(message);
        if (!waitsMore(message.length())) {
            giveUpMemory();
            return false;
        }
        boolean goOn = weight() <= options.maxBuffered() / 16;
        drainAwaited |= !goOn;
        return goOn;
    }

    /** So many bytes more, or less; whether that is not too much for the process. Under the lock. */
    private boolean waitsMore(int bytes) {
        waitingLength += bytes;
        return memory.outgoing(weight());
    }

    private void giveUpMemory() {
        giveUp(CloseCode.TRY_AGAIN_LATER, "No memory to spare for what waits", CloseCause.LIMIT);
    }

    /** How much memory what waits takes: messages may be empty. */
    private long weight() {
        return Math.max(waitingLength, (long) OVERHEAD * waiting.size());
    }

    @Override
    public boolean sendFragment(String part, boolean last) {
        return sendPart(last, connection -> connection.sendFragment(part, last));
    }

    @Override
    public boolean sendFragment(byte[] part, boolean last) {
        return sendPart(last, connection -> connection.sendFragment(part, last));
    }

    @Override
    public boolean send(Frame frame) {
        if (!frame.opcode().isControl()) {
            return sendPart(frame.fin(), connection -> connection.send(frame));
        }
        WebSocketConnection open = current;
        if (open == null) {
            return false;
        }
        boolean sent = open.send(frame);
        if (frame.opcode() == Opcode.CLOSE) {
            mailbox.locked(() -> leaving = true);
        }
        return sent;
    }

    /** All parts of a message go to one connection, or get lost. */
    private boolean sendPart(boolean isLast, Predicate<WebSocketConnection> send) {
        WebSocketConnection on;
        boolean open;
        mailbox.lock();
        try {
            Parts message = parts == null ? new Parts(current) : parts;
            parts = isLast ? null : message;
            on = message.connection();
            open = on == current;
        } finally {
            mailbox.unlock();
        }
        return on != null && open && send.test(on);
    }

    @Override
    public boolean ping(String message, Runnable onPong) {
        WebSocketConnection open = current;
        WebSocketConnection.pingPayload(message);
        return open != null && open.ping(message, onPong);
    }

    @Override
    public boolean pong(ByteBuffer payload) {
        WebSocketConnection open = current;
        return open != null && open.pong(payload);
    }

    // ---- Closing.

    @Override
    public void close(int code, String reason) {
        WebSocketConnection.requireForApplications(code);
        Frame.close(code, reason);
        leave(connection -> connection.close(code, reason), CloseCause.APPLICATION, true);
    }

    @Override
    public void close(int code, String reason, CloseCause cause) {
        CloseCode.requireValid(code);
        Frame.close(code, reason);
        leave(connection -> connection.close(code, reason, cause), cause, true);
    }

    @Override
    public void drop(int code, String reason, CloseCause cause) {
        CloseCode.requireValid(code);
        Frame.close(code, reason);
        leave(connection -> connection.drop(code, reason, cause), cause, false);
    }

    @Override
    public void terminate() {
        cut(CloseCause.APPLICATION);
    }

    @Override
    public void cut(CloseCause cause) {
        leave(connection -> connection.cut(cause), cause, false);
    }

    @Override
    public void goAway() {
        leave(WebSocketConnection::goAway, CloseCause.SHUTDOWN, false);
    }

    /** @param patient whether what waits for the connection under way is sent first */
    private void leave(Consumer<WebSocketConnection> how, CloseCause cause, boolean patient) {
        WebSocketConnection open;
        mailbox.lock();
        try {
            leaving = true;
            open = current;
            if (open != null) {
                if (attempt != null) {
                    attempt.startReading(); // for the answer
                }
            } else if (patient && attempt != null && (attempt.connection != null || !waiting.isEmpty())) {
                whenOpen = how;
            } else {
                whenOpen = null;
                giveUp(CloseCode.ABNORMAL, "", cause);
            }
        } finally {
            mailbox.unlock();
        }
        if (open != null) {
            how.accept(open);
        }
    }

    @Override
    public void pause() {
        setPaused(true, WebSocketConnection::pause);
    }

    @Override
    public void resume() {
        setPaused(false, WebSocketConnection::resume);
    }

    private void setPaused(boolean value, Consumer<WebSocketConnection> how) {
        mailbox.locked(() -> {
            paused = value;
            if (attempt != null && attempt.connection != null) {
                how.accept(attempt.connection);
            }
        });
    }

    @Override
    public boolean isPaused() {
        return paused;
    }

    @Override
    public boolean isOnThisThread() {
        return mailbox.isRunner();
    }

    @Override
    public boolean isOnListenerThread() {
        WebSocketConnection known = last;
        return mailbox.isRunner() || (known != null && known.isOnListenerThread());
    }

    // ---- What is known.

    @Override
    public ReadyState state() {
        mailbox.lock();
        try {
            if (ended) {
                return ReadyState.CLOSED;
            }
            WebSocketConnection open = current;
            ReadyState state = open == null ? ReadyState.CONNECTING : open.state();
            return state == ReadyState.CLOSED && mayReconnect() ? ReadyState.CONNECTING : state;
        } finally {
            mailbox.unlock();
        }
    }

    @Override
    public long bufferedAmount() {
        WebSocketConnection open = current;
        long there = open == null ? 0 : open.bufferedAmount();
        mailbox.lock();
        try {
            return waitingLength + there;
        } finally {
            mailbox.unlock();
        }
    }

    @Override
    public int statusCode() {
        mailbox.lock();
        try {
            return response.status();
        } finally {
            mailbox.unlock();
        }
    }

    @Override
    public Map<String, List<String>> headers() {
        mailbox.lock();
        try {
            return response.headers();
        } finally {
            mailbox.unlock();
        }
    }

    @Override
    public String id() {
        return id;
    }

    /** Of the connection that is open, or was last. */
    @Override
    public ConnectionStatistics statistics() {
        WebSocketConnection known = last;
        return known == null ? NOTHING : known.statistics();
    }

    @Override
    public String url() {
        WebSocketConnection known = last;
        return known == null ? asked.url() : known.url();
    }

    @Override
    public String endpoint() {
        return asked.endpoint();
    }

    @Override
    public Map<String, String> pathVariables() {
        return Map.of();
    }

    @Override
    public String protocol() {
        WebSocketConnection known = last;
        return known == null ? asked.protocol() : known.protocol();
    }

    @Override
    public List<ExtensionHeader> extensions() {
        WebSocketConnection known = last;
        return known == null ? asked.extensions() : known.extensions();
    }

    @Override
    public String version() {
        return version.toString();
    }

    @Override
    public @Nullable Principal principal() {
        return asked.principal();
    }

    @Override
    public String remoteAddress() {
        WebSocketConnection known = last;
        return known == null ? asked.remoteAddress() : known.remoteAddress();
    }

    // ---- Listeners.

    @Override
    public ClientWebSocket onOpen(Runnable listener) {
        mailbox.locked(() -> {
            WebSocketConnection open = current;
            if (!opened) {
                listeners.addOpen(listener);
            } else if (open != null) {
                open.onOpen(listener);
            }
        });
        return this;
    }

    @Override
    public ClientWebSocket onMessage(Consumer<Message> listener) {
        return hearing(() -> listeners.addMessage(listener));
    }

    @Override
    public ClientWebSocket onFrame(Consumer<Frame> listener) {
        return hearing(() -> listeners.addFrame(listener));
    }

    private ClientWebSocket hearing(Runnable add) {
        mailbox.locked(() -> {
            add.run();
            if (opened && attempt != null && attempt.openedAt != 0) {
                attempt.startReading();
            }
        });
        return this;
    }

    @Override
    public ClientWebSocket onPing(Consumer<ByteBuffer> listener) {
        mailbox.locked(() -> listeners.addPing(listener));
        return this;
    }

    @Override
    public ClientWebSocket onPong(Consumer<ByteBuffer> listener) {
        mailbox.locked(() -> listeners.addPong(listener));
        return this;
    }

    @Override
    public ClientWebSocket onError(Consumer<Throwable> listener) {
        mailbox.locked(() -> {
            ConnectFailedException missed = finalFailure;
            if (ended && missed != null) {
                mailbox.post(() -> listener.accept(missed));
            } else {
                listeners.addError(listener);
            }
        });
        return this;
    }

    @Override
    public ClientWebSocket onClose(CloseListener listener) {
        mailbox.locked(() -> {
            if (ended) {
                mailbox.post(() -> listener.closed(closeCode, closeReason));
            } else {
                listeners.addClose(listener);
            }
        });
        return this;
    }

    @Override
    public ClientWebSocket onDrain(Runnable listener) {
        mailbox.locked(() -> listeners.addDrain(listener));
        return this;
    }

    @Override
    public ClientWebSocket onReconnecting(ReconnectListener listener) {
        mailbox.locked(() -> listeners.addReconnecting(listener));
        return this;
    }

    @Override
    public ClientWebSocket onReconnect(Runnable listener) {
        mailbox.locked(() -> listeners.addReconnect(listener));
        return this;
    }
}
