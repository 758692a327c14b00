package dev.hawser.websocket.connection;

import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.Connection;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSockets;
import dev.hawser.websocket.memory.MemoryBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections that share an executor and a timer, and that are closed together. Thread-safe.
 *
 * <p>The timer is one daemon thread for all connections, none while there are none; it runs no listener.
 */
public final class ConnectionGroup implements AutoCloseable {

    private static final int MAX_OWN_THREADS = 64;

    /** How long a thread waits for work before it ends. */
    private static final Duration IDLE = Duration.ofSeconds(5);

    /** Between two batches of connections that are told to go away, and how many each has at least. */
    private static final Duration TICK = Duration.ofMillis(50);

    private static final int LEAST_BATCH = 100;

    private static final Logger misuse = LoggerFactory.getLogger("dev.hawser.websocket.misuse");

    /** What has been said already. */
    private final Set<String> warned = ConcurrentHashMap.newKeySet();

    private final Set<Member> members = ConcurrentHashMap.newKeySet();
    /** How to refuse the requests that were deferred and are not answered yet. */
    private final Set<Runnable> undecided = ConcurrentHashMap.newKeySet();

    private final ScheduledThreadPoolExecutor timer;
    private final Executor executor;
    private final MemoryBudget memory;
    private final SilentPeers silentPeers = new SilentPeers();
    /** Has no thread while it is idle. */
    private final ThreadPoolExecutor own;

    private final Queue<Runnable> awaitingEmpty = new ConcurrentLinkedQueue<>();
    private volatile boolean shuttingDown;
    private final OpenWebSockets webSockets = new OpenWebSockets(this::goAway);

    /** A connection, as its group sees it. */
    interface Member extends Connection {

        /** Closes because this end goes away. */
        void goAway();

        /** Cuts the connection. */
        void cut(CloseCause cause);

        /** Whether a listener of it runs on this thread. */
        boolean isOnThisThread();
    }

    /**
     * A group with an executor of its own: at most 64 daemon threads, none while it is idle. It shares a budget of a quarter of the
     * heap with all others that were given none.
     */
    public static ConnectionGroup create() {
        return create(MemoryBudget.DEFAULT);
    }

    /** As above, with this budget. */
    public static ConnectionGroup create(MemoryBudget memory) {
        ThreadPoolExecutor own = ownExecutor();
        return new ConnectionGroup(own, own, memory);
    }

    private static ThreadPoolExecutor ownExecutor() {
        ThreadPoolExecutor own = new ThreadPoolExecutor(
                MAX_OWN_THREADS,
                MAX_OWN_THREADS,
                IDLE.toNanos(),
                TimeUnit.NANOSECONDS,
                new LinkedBlockingQueue<>(),
                daemons("hawser-events-"));
        own.allowCoreThreadTimeOut(true);
        return own;
    }

    /**
     * A group that calls listeners on {@code executor} when no thread of the container is at hand: after a time-out, for
     * instance. What that refuses runs on threads of the group's own, at most 64.
     *
     * @param executor is not shut down by this group
     */
    public ConnectionGroup(Executor executor) {
        this(executor, MemoryBudget.DEFAULT);
    }

    /** As above, with this budget. */
    public ConnectionGroup(Executor executor, MemoryBudget memory) {
        this(executor, ownExecutor(), memory);
    }

    private ConnectionGroup(Executor executor, ThreadPoolExecutor own, MemoryBudget memory) {
        this.executor = executor;
        this.memory = memory;
        this.own = own;
        this.timer = new ScheduledThreadPoolExecutor(1, ConnectionGroup::timerThread);
        timer.setRemoveOnCancelPolicy(true);
        // A group that nobody closes, such as a static one, keeps no thread while it is idle.
        timer.setKeepAliveTime(IDLE.toNanos(), TimeUnit.NANOSECONDS);
        timer.allowCoreThreadTimeOut(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** It may outlive who happens to start it, of whom it keeps nothing: neither class loader nor thread locals. */
    private static Thread timerThread(Runnable task) {
        Thread thread = new Thread(null, task, "hawser-timer", 0, false);
        thread.setContextClassLoader(ConnectionGroup.class.getClassLoader());
        thread.setDaemon(true);
        return thread;
    }

    private static ThreadFactory daemons(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** The WebSockets among the connections. */
    public WebSockets webSockets() {
        return webSockets;
    }

    /** Tells of a connection that was accepted and is not open yet. */
    public void accepted(WebSocket socket) {
        webSockets.accepted(socket);
    }

    /** All connections, those of a client that are being made included. A view that changes with them. */
    public Collection<Connection> connections() {
        return Collections.unmodifiableSet(members);
    }

    /** How many connections are open. */
    public int size() {
        return members.size();
    }

    /** What the connections may hold in memory. */
    public MemoryBudget memory() {
        return memory;
    }

    /** Whether new connections are to be refused. */
    public boolean isShuttingDown() {
        return shuttingDown;
    }

    /**
     * Refuses new connections and requests that are not decided yet, and begins to close all open connections: WebSockets with
     * 1001 (RFC 6455, section 7.4.1).
     */
    public void goAway() {
        goAway(() -> {});
    }

    /**
     * As {@link #goAway()}.
     *
     * @param whenEmpty called once no connection and no undecided request is left, which every connection's {@code
     *     close-timeout} bounds; returns quickly
     */
    public void goAway(Runnable whenEmpty) {
        goAway(Duration.ZERO, whenEmpty);
    }

    /**
     * As {@link #goAway()}, not all at once: their clients would come back at once, too.
     *
     * @param spread within which the last is told; at least 2,000 a second are, so that a few do not take long
     * @param whenEmpty as above
     */
    public void goAway(Duration spread, Runnable whenEmpty) {
        shuttingDown = true;
        awaitingEmpty.add(whenEmpty);
        undecided.forEach(this::execute);
        List<Member> leaving = new ArrayList<>(members);
        long ticks = Math.max(1, spread.dividedBy(TICK));
        int batch = (int) Math.max(LEAST_BATCH, -Math.floorDiv(-leaving.size(), ticks));
        for (int first = 0; first < leaving.size(); first += batch) {
            List<Member> next = leaving.subList(first, Math.min(first + batch, leaving.size()));
            Runnable tell = () -> next.forEach(Member::goAway);
            if (first == 0 || spread.isZero()) {
                tell.run();
            } else {
                schedule(tell, TICK.multipliedBy(first / batch));
            }
        }
        tellIfEmpty();
    }

    private void tellIfEmpty() {
        while (members.isEmpty() && undecided.isEmpty()) {
            Runnable waiting = awaitingEmpty.poll();
            if (waiting == null) {
                return;
            }
            waiting.run();
        }
    }

    /** Whether a listener of one of the connections runs on this thread. */
    public boolean isOnThisThread() {
        return members.stream().anyMatch(Member::isOnThisThread);
    }

    /**
     * Tells of a request that waits for a decision, until {@link #answered}.
     *
     * @param refuse refuses it, unless it is decided; called on the executor when connections are told to go away
     */
    public void undecided(Runnable refuse) {
        undecided.add(refuse);
        if (shuttingDown) {
            execute(refuse);
        }
    }

    /** A request was answered, or never will be; {@code refuse} is the one that was given to {@link #undecided}. */
    public void answered(Runnable refuse) {
        if (undecided.remove(refuse) && shuttingDown) {
            tellIfEmpty();
        }
    }

    /** Accepts new connections again, after {@link #goAway}. */
    public void comeBack() {
        shuttingDown = false;
    }

    /** Cuts all connections. */
    public void terminate() {
        members.forEach(member -> member.cut(CloseCause.SHUTDOWN));
    }

    /** Refuses new connections, cuts all open ones, and ends the threads. The group cannot be used afterwards. */
    @Override
    public void close() {
        shuttingDown = true;
        undecided.forEach(this::execute);
        terminate();
        timer.shutdown();
        own.shutdown();
    }

    void add(Member member) {
        members.add(member);
        if (member instanceof WebSocketConnection socket && !socket.isClient()) {
            webSockets.add(socket);
        }
        if (shuttingDown) {
            member.goAway();
        }
    }

    void remove(Member member) {
        members.remove(member);
        if (member instanceof WebSocketConnection socket && !socket.isClient()) {
            webSockets.remove(socket);
        }
        if (shuttingDown) {
            tellIfEmpty();
        }
    }

    /**
     * Logs a misuse of this library by the application at WARN, once for each kind: who reads it knows what to change, and
     * peers cannot fill the log by causing it again.
     *
     * @param kind a fixed name, or one of a bounded number
     * @param message with {@code {}} for each argument; arguments that a peer has a say in are escaped by the caller
     */
    public void warnOnce(String kind, String message, Object... arguments) {
        if (warned.add(kind)) {
            misuse.warn(message, arguments);
        }
    }

    /** Peers that acknowledge nothing. */
    SilentPeers silentPeers() {
        return silentPeers;
    }

    /** Runs a short task that never blocks after {@code delay}, on the timer's thread. */
    public Future<?> schedule(Runnable task, Duration delay) {
        try {
            return timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            return CompletableFuture.completedFuture(null);
        }
    }

    /** Runs listeners, or what blocks, on the executor; here, once the group is closed and its executor takes nothing any more. */
    public void execute(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException fullOrEnding) {
            executeOnOwn(task);
        }
    }

    private void executeOnOwn(Runnable task) {
        try {
            own.execute(task);
        } catch (RejectedExecutionException closed) {
            task.run();
        }
    }
}
