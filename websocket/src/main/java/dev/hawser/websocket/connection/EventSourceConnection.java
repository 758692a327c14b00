package dev.hawser.websocket.connection;

import dev.hawser.eventsource.EncodedEvent;
import dev.hawser.eventsource.EventEncoder;
import dev.hawser.eventsource.EventSource;
import dev.hawser.eventsource.EventSourceObserver;
import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.ConnectionStatistics;
import dev.hawser.websocket.ConnectionTracing;
import dev.hawser.websocket.memory.MemoryBudget;
import dev.hawser.websocket.protocol.ByteQueue;
import java.io.IOException;
import java.security.Principal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An {@link EventSource} over a sink, with the same rules for queueing as a WebSocket. The mailbox's lock
 * guards all fields that are not final, and is never held while a listener runs.
 */
public final class EventSourceConnection implements EventSource, ConnectionGroup.Member {

    private static final Logger log = LoggerFactory.getLogger("dev.hawser.eventsource.listeners");

    /** How long what was sent before {@link #close} may take to leave. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private static final List<byte[]> PING = List.of(EventEncoder.comment(""));

    private enum State {
        OPEN,
        CLOSING,
        CLOSED
    }

    private final ConnectionGroup group;
    private final EventSourceOptions options;
    private final EventSourceObserver observer;
    private final Client client;
    private final SilentPeers.@Nullable Connection tcp;
    private final String id = ConnectionIds.next();
    private final long openedAt = System.nanoTime();

    private final ByteQueue queue = new ByteQueue();
    private final Outbox outbox;
    private final Mailbox mailbox;
    private final Tally sent = new Tally();
    private State state = State.OPEN;
    /** Why it ends, once it does. */
    private @Nullable CloseCause cause;

    private @Nullable Sink sink;
    /** What this holds of the process's memory. */
    private final MemoryBudget.Share memory;

    private @Nullable Future<?> timer;
    /** When something was sent last, as {@link System#nanoTime}. */
    private long lastSent = openedAt;
    /** Set once it is closed. */
    private long endedAt;

    private @Nullable Runnable closeListener;
    private @Nullable Runnable drainListener;

    /**
     * What is known of the client from its request.
     *
     * @param remotePort of its TCP connection; 0 if it is not known
     * @param localPort of its TCP connection
     */
    public record Client(
            String url,
            String endpoint,
            String lastEventId,
            @Nullable Principal principal,
            String remoteAddress,
            int remotePort,
            int localPort) {}

    /** A stream whose first bytes are the time to reconnect. What is sent is queued until {@link #open}. */
    public EventSourceConnection(
            Client client, EventSourceOptions options, EventSourceObserver observer, ConnectionGroup group) {
        this(client, options, observer, ConnectionTracing.NONE, group);
    }

    /** As above, and traced. */
    public EventSourceConnection(
            Client client,
            EventSourceOptions options,
            EventSourceObserver observer,
            ConnectionTracing tracing,
            ConnectionGroup group) {
        this.client = client;
        this.tcp = SilentPeers.Connection.of(client.remoteAddress(), client.remotePort(), client.localPort());
        this.options = options;
        this.observer = observer;
        this.group = group;
        this.mailbox = new Mailbox(group, this::listenerFailed, () -> {}, tracing);
        this.outbox = new Outbox(queue, () -> 0, () -> 0, options.maxBuffered());
        this.memory = group.memory().open(this::giveUpMemory);
        queue.add(EventEncoder.retry(options.retry()));
    }

    /** The response is on its way; {@code sink} writes its body. */
    public void open(Sink opened) {
        group.add(this);
        mailbox.lock();
        try {
            if (state == State.CLOSED) {
                opened.close();
                group.remove(this);
                return;
            }
            sink = opened;
            outbox.open(opened);
            observer.opened(this);
            if (state == State.OPEN) {
                lastSent = System.nanoTime();
                schedulePing(options.ping());
            }
            flush();
        } finally {
            mailbox.unlock();
        }
    }

    /** The sink takes bytes again. */
    public void onWritable() {
        mailbox.lock();
        try {
            outbox.writable();
            flush();
        } finally {
            mailbox.unlock();
        }
    }

    /** The client is gone. */
    public void onDisconnected() {
        cut(CloseCause.PEER);
    }

    @Override
    public boolean send(String data, Consumer<Event> event) {
        return send(List.of(EncodedEvent.of(data, event)));
    }

    @Override
    public boolean send(List<EncodedEvent> events) {
        mailbox.lock();
        try {
            for (EncodedEvent event : events) {
                if (enqueue(event.bytes())) {
                    sent.add(event.length());
                    observer.sent(event.length());
                }
            }
            return sent();
        } finally {
            mailbox.unlock();
        }
    }

    @Override
    public boolean comment(String text) {
        byte[] comment = EventEncoder.comment(text);
        mailbox.lock();
        try {
            enqueue(List.of(comment));
            return sent();
        } finally {
            mailbox.unlock();
        }
    }

    /** Whether it is taken; what is written follows with {@link #sent}, or when so much waits. */
    private boolean enqueue(List<byte[]> pieces) {
        if (state == State.OPEN && outbox.isFull(true)) {
            observer.overflowed();
            end(CloseCause.SLOW_CONSUMER);
        }
        if (state != State.OPEN) {
            return false;
        }
        pieces.forEach(queue::add);
        lastSent = System.nanoTime();
        if (outbox.isBatchFull()) {
            flush();
        }
        return true;
    }

    /** Writes what was queued; whether a sender may go on. */
    private boolean sent() {
        flush();
        return state == State.OPEN && outbox.admit(true);
    }

    @Override
    public void close(CloseCause why) {
        mailbox.lock();
        try {
            if (state == State.OPEN) {
                state = State.CLOSING;
                cause = why;
                setTimer(() -> cut(why), CLOSE_TIMEOUT);
                flush();
            }
        } finally {
            mailbox.unlock();
        }
    }

    /** Clients come back at different times: this server, or the next, may be up by then. */
    @Override
    public void goAway() {
        mailbox.locked(() -> {
            if (state == State.OPEN) {
                queue.add(EventEncoder.retry(options.retry()
                        .plusMillis(ThreadLocalRandom.current()
                                .nextLong(options.retry().toMillis() + 1))));
            }
        });
        close(CloseCause.SHUTDOWN);
    }

    @Override
    public void cut(CloseCause why) {
        mailbox.locked(() -> end(why));
    }

    @Override
    public boolean isOnThisThread() {
        return mailbox.isRunner();
    }

    private void flush() {
        if (state == State.CLOSED || sink == null) {
            account();
            return;
        }
        try {
            outbox.flush();
        } catch (IOException gone) {
            end(CloseCause.PEER);
            return;
        }
        account();
        if (state != State.CLOSED && outbox.takeDrained() && drainListener != null) {
            mailbox.post(drainListener);
        }
        if (state == State.CLOSING && outbox.isDone()) {
            end(CloseCause.APPLICATION);
        }
    }

    /** Tells of what waits. */
    private void account() {
        if (!outbox.account(memory, 0)) {
            endForMemory(); // now: who asks for more does not wait for the thread that would end it
        }
    }

    private void end(CloseCause why) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        endedAt = System.nanoTime();
        CloseCause first = cause == null ? why : cause;
        cause = first;
        if (sink != null && EndLog.hearsEventSources()) {
            ConnectionStatistics last = statistics();
            mailbox.post(() -> EndLog.ended(this, first, last));
        }
        setTimer(null, Duration.ZERO);
        queue.clear();
        memory.close();
        if (sink != null) {
            sink.close();
            observer.closed(this, first, Duration.ofNanos(endedAt - openedAt));
        }
        group.remove(this);
        if (closeListener != null) {
            mailbox.post(closeListener);
        }
    }

    /** All connections together hold too much, and this one holds most. On any thread, under any lock: another ends it. */
    private void giveUpMemory() {
        group.schedule(() -> mailbox.locked(this::endForMemory), Duration.ZERO);
    }

    private void endForMemory() {
        if (state != State.CLOSED) {
            observer.exhausted();
            end(CloseCause.LIMIT);
        }
    }

    private void schedulePing(Duration delay) {
        if (!options.ping().isZero()) {
            setTimer(this::pingIfIdle, delay);
        }
    }

    private void pingIfIdle() {
        mailbox.lock();
        try {
            if (state == State.OPEN) {
                Duration left = options.ping().minusNanos(System.nanoTime() - lastSent);
                if (left.isNegative() || left.isZero()) {
                    enqueue(PING);
                    flush();
                    left = options.ping();
                }
                if (state == State.OPEN) {
                    schedulePing(left);
                    if (tcp != null) {
                        group.execute(this::endIfSilent);
                    }
                }
            }
        } finally {
            mailbox.unlock();
        }
    }

    /** The operating system takes pings for a network that delivers nothing, until its buffers are full. */
    private void endIfSilent() {
        if (tcp != null && group.silentPeers().contains(tcp, options.ping().dividedBy(2))) {
            cut(CloseCause.HEARTBEAT);
        }
    }

    private void setTimer(@Nullable Runnable task, Duration delay) {
        if (timer != null) {
            timer.cancel(false);
        }
        timer = task == null ? null : group.schedule(task, delay);
    }

    private void listenerFailed(Throwable thrown) {
        observer.listenerFailed();
        log.warn("A listener threw, and its event stream is ended", thrown);
        close(CloseCause.FAILURE);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public ConnectionStatistics statistics() {
        mailbox.lock();
        try {
            long now = state == State.CLOSED ? endedAt : System.nanoTime();
            return new ConnectionStatistics(
                    Duration.ofNanos(now - openedAt),
                    Duration.ofNanos(now - lastSent),
                    0,
                    0,
                    sent.messages(),
                    sent.bytes(),
                    outbox.size(),
                    outbox.isAwaited(),
                    null);
        } finally {
            mailbox.unlock();
        }
    }

    @Override
    public String url() {
        return client.url();
    }

    @Override
    public String endpoint() {
        return client.endpoint();
    }

    @Override
    public String lastEventId() {
        return client.lastEventId();
    }

    @Override
    public @Nullable Principal principal() {
        return client.principal();
    }

    @Override
    public String remoteAddress() {
        return client.remoteAddress();
    }

    @Override
    public boolean isOpen() {
        mailbox.lock();
        try {
            return state == State.OPEN;
        } finally {
            mailbox.unlock();
        }
    }

    @Override
    public long bufferedAmount() {
        mailbox.lock();
        try {
            return outbox.size();
        } finally {
            mailbox.unlock();
        }
    }

    @Override
    public EventSource onClose(Runnable listener) {
        mailbox.locked(() -> {
            closeListener = both(closeListener, listener);
            if (state == State.CLOSED) {
                mailbox.post(listener);
            }
        });
        return this;
    }

    @Override
    public EventSource onDrain(Runnable listener) {
        mailbox.locked(() -> drainListener = both(drainListener, listener));
        return this;
    }

    private static Runnable both(@Nullable Runnable first, Runnable second) {
        return first == null
                ? second
                : () -> {
                    try {
                        first.run();
                    } finally {
                        second.run();
                    }
                };
    }
}
