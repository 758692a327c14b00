package dev.hawser.websocket.connection;

import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.CloseEvent;
import dev.hawser.websocket.CloseException;
import dev.hawser.websocket.ConnectionStatistics;
import dev.hawser.websocket.ConnectionTracing;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketException;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.extension.ExtensionException;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.handshake.HttpText;
import dev.hawser.websocket.handshake.Version;
import dev.hawser.websocket.memory.MemoryBudget;
import dev.hawser.websocket.protocol.CloseCode;
import dev.hawser.websocket.protocol.Driver;
import dev.hawser.websocket.protocol.Event;
import dev.hawser.websocket.protocol.Frame;
import dev.hawser.websocket.protocol.Opcode;
import dev.hawser.websocket.protocol.Outgoing;
import dev.hawser.websocket.protocol.ReadyState;
import dev.hawser.websocket.protocol.Violation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link WebSocket} made of a driver and a transport.
 *
 * <p>The mailbox's lock guards the commands of the driver, the outbox, the keep-alive and all fields that are not final;
 * it is held while bytes are written (which never blocks) and never while a listener runs or an extension works. One thread at a time is the
 * mailbox's runner: it reads, without the lock, and it calls the listeners; that half is {@link Reception}.
 */
public final class WebSocketConnection implements WholeMessages, ConnectionGroup.Member {

    private static final Logger violations = LoggerFactory.getLogger("dev.hawser.websocket.violations");

    /** How long a peer that broke the protocol may go on sending before it is cut off. */
    private static final Duration LINGER = Duration.ofSeconds(2);

    /** How long listeners may be added, after a connection was opened late, before something is read. */
    static final Duration LISTENERS_AWAITED = Duration.ofSeconds(1);

    private final ConnectionGroup group;
    private final WebSocketOptions options;
    private final WebSocketObserver observer;
    private final ConnectionTracing tracing;
    private final Peer peer;
    private final Listeners listeners;
    private final Lifecycle lifecycle;

    private final Driver driver;
    private final Outbox outbox;
    private final Mailbox mailbox;
    private final KeepAlive keepAlive;
    private final Reception reception;
    private @Nullable Transport transport;
    private @Nullable Future<?> timer;
    /** Whether the handshake is through. */
    private volatile boolean opened;

    private final String id;
    private final Tally tally = new Tally();
    private long openedAt;
    /** Set once the driver is closed. */
    private long endedAt;
    /** Whether the transport has something to read for which the runner had no time. */
    private boolean readAwaited;
    /** On whose return the container waits before it opens this; null once it has. */
    private volatile @Nullable Thread opener;
    /** Whether nothing is to be received before somebody listens. Written under the lock. */
    private volatile boolean listenerAwaited;
    /** Whether the peer has closed its side of the socket. */
    private boolean inputEnded;
    /** Whether the peer's close frame has come. */
    private boolean closeReceived;
    /** Written under the lock. */
    private volatile boolean failed;
    /** Whether the application wants to hear nothing for now. Written under the lock. */
    private volatile boolean paused;

    /** What the runner had done when the keep-alive looked last; -1 if there was none. */
    private long lastProgress = -1;

    private long lastLook;

    /** How many threads are sending several messages, after the last of which they are written. */
    private int collecting;

    /** The message that the application sends in parts. */
    private final Fragments sent = new Fragments();
    /** Null unless somebody wants to know. */
    private final @Nullable Unsent unsent;

    private int closeCode = CloseCode.ABNORMAL;
    private String closeReason = "";
    /** What this holds of the process's memory; null when it has ended. Written under the lock. */
    private volatile MemoryBudget.@Nullable Share memory;
    /** The first reason to end; null while there is none. */
    private @Nullable CloseCause cause;

    private @Nullable Violation violation;

    /**
     * What is known of the peer from its handshake.
     *
     * @param protocol the subprotocol; empty for none
     * @param extensions those agreed on
     * @param pathVariables those of the endpoint's pattern
     */
    public record Peer(
            String url,
            String endpoint,
            String protocol,
            List<ExtensionHeader> extensions,
            @Nullable Principal principal,
            String remoteAddress,
            Map<String, String> pathVariables) {

        /** Without path variables. */
        public Peer(
                String url,
                String endpoint,
                String protocol,
                List<ExtensionHeader> extensions,
                @Nullable Principal principal,
                String remoteAddress) {
            this(url, endpoint, protocol, extensions, principal, remoteAddress, Map.of());
        }
    }

    /** A connection that is not open yet: what is sent is queued until {@link #open}. */
    public WebSocketConnection(
            Driver driver, Peer peer, WebSocketOptions options, WebSocketObserver observer, ConnectionGroup group) {
        this(driver, peer, options, observer, ConnectionTracing.NONE, group);
    }

    /** As above, and traced. */
    public WebSocketConnection(
            Driver driver,
            Peer peer,
            WebSocketOptions options,
            WebSocketObserver observer,
            ConnectionTracing tracing,
            ConnectionGroup group) {
        this(ConnectionIds.next(), driver, peer, options, observer, tracing, group, new Listeners(), null, false);
    }

    /**
     * As above.
     *
     * @param id that of the client's socket, whose connections follow each other
     * @param lifecycle hears of the beginning and the end instead of the listeners; null for them
     * @param keepsUnsent whether {@link #unsent} is wanted
     */
    WebSocketConnection(
            String id,
            Driver driver,
            Peer peer,
            WebSocketOptions options,
            WebSocketObserver observer,
            ConnectionTracing tracing,
            ConnectionGroup group,
            Listeners listeners,
            @Nullable Lifecycle lifecycle,
            boolean keepsUnsent) {
        this.id = id;
        this.driver = driver;
        this.listeners = listeners;
        this.lifecycle = lifecycle == null ? listeners : lifecycle;
        this.peer = peer;
        this.options = options;
        this.observer = observer;
        this.tracing = tracing;
        this.group = group;
        this.mailbox = new Mailbox(group, this::listenerFailed, this::resumeReading, tracing);
        this.unsent = keepsUnsent ? new Unsent(driver.output(), this::unwritten) : null;
        this.outbox = new Outbox(driver.output(), driver::held, this::kept, options.maxBuffered());
        this.keepAlive = new KeepAlive(options.ping(), options.pingTimeout(), observer);
        boolean framed = !options.framing().assemble() && !driver.version().isHixie();
        boolean pieces = options.framing().streaming();
        this.reception = new Reception(this, driver, mailbox, listeners, observer, tracing, framed, pieces);
        driver.onProgress(this::onProgress);
        driver.onGrowth(this::holdIncoming);
        memory = group.memory().open(this::giveUpMemory);
    }

    // ---- The transport's side: called by the container.

    /**
     * The response of the handshake is on its way. Sends what was queued, and calls the open listeners on this thread,
     * unless the handshake has a second half.
     */
    public void open(Transport opening) {
        group.add(this);
        mailbox.lock();
        try {
            start(opening);
        } finally {
            mailbox.unlockAndRun();
        }
    }

    /**
     * As {@link #open}, while the application may be adding listeners: open listeners are called on the executor, and
     * nothing is read before there is a listener for messages, or a second has passed.
     */
    public void openLater(Transport opening) {
        group.add(this);
        mailbox.lock();
        try {
            listenerAwaited = !reception.isHeard();
            start(opening);
        } finally {
            mailbox.unlock();
        }
        group.schedule(this::stopAwaitingListener, LISTENERS_AWAITED);
    }

    /** A listener for frames is none where they are put together, and another may be about to follow it. */
    private void stopAwaitingIfHeard() {
        if (reception.isHeard()) {
            stopAwaitingListener();
        }
    }

    private void stopAwaitingListener() {
        mailbox.locked(() -> {
            if (listenerAwaited) {
                listenerAwaited = false;
                mailbox.post(this::resumeDelivery);
            }
        });
    }

    /** The container will open this, unless it has ended already, so that its group waits for it when it shuts down. */
    public void expected() {
        group.add(this);
        mailbox.locked(() -> {
            if (driver.state() == ReadyState.CLOSED) {
                group.remove(this);
            }
        });
    }

    /** Called where the container opens this only when the current thread has returned. */
    public void awaitsThisThread() {
        opener = Thread.currentThread();
    }

    private void start(Transport opening) {
        transport = opening;
        opener = null;
        if (driver.state() == ReadyState.CLOSED) {
            opening.close();
            group.remove(this);
            return;
        }
        outbox.open(opening);
        driver.open();
        if (driver.state() == ReadyState.CONNECTING) {
            setTimer(this::cut, options.pingTimeout());
        } else {
            opened();
        }
        flush();
    }

    private void opened() {
        opened = true;
        openedAt = System.nanoTime();
        keepAlive.alive(openedAt);
        observer.opened(this);
        mailbox.post(lifecycle::opened);
        if (driver.state() == ReadyState.OPEN) {
            scheduleKeepAlive(openedAt);
        } else {
            awaitClose();
        }
    }

    /**
     * There is something to read, or the peer has closed its side. Reads, and calls listeners, on this thread.
     *
     * @return false if nothing more is wanted for now: {@link Transport#resumeReading} will be called
     */
    public boolean onReadable() {
        Transport from;
        mailbox.lock();
        try {
            from = transport;
            if (!mailbox.enter()) {
                readAwaited = true;
                return false;
            }
        } finally {
            mailbox.unlock();
        }
        boolean more = from != null && reception.read(from);
        if (reception.isWaiting() || reception.isInterrupted()) {
            mailbox.locked(() -> readAwaited = true);
        }
        mailbox.leave();
        return more;
    }

    /** The transport takes bytes again. */
    public void onWritable() {
        mailbox.lock();
        try {
            outbox.writable();
            if (flush() > 0) {
                keepAlive.alive(System.nanoTime());
            }
        } finally {
            mailbox.unlockAndRun();
        }
    }

    /** The connection is gone, for {@code cause} if one is known. Calls listeners on this thread. */
    public void onDisconnected(@Nullable IOException cause) {
        mailbox.lock();
        try {
            disconnect(cause);
        } finally {
            mailbox.unlockAndRun();
        }
    }

    /** Whether it was we who asked for the connection. */
    boolean isClient() {
        return driver.isClient();
    }

    private int unwritten() {
        return transport == null ? 0 : transport.unwritten();
    }

    // ---- Memory.

    /** What comes takes so many bytes, or is about to; false if that is too much. By the runner. */
    private boolean holdIncoming(long bytes) {
        MemoryBudget.Share share = memory;
        return share == null || share.incoming(bytes);
    }

    /** Tells of what has come in part, and of what was read and is not wanted yet; of what an extension is at work on, it tells. By the runner. */
    void accountIncoming() {
        if (!driver.isReceiving()) {
            holdIncoming(driver.incomingMemory() + reception.memory());
        }
    }

    /** Tells of what waits to be sent. Under the lock. */
    private void accountOutgoing() {
        MemoryBudget.Share share = memory;
        long besides =
                Math.max(driver.held() + unwritten(), kept() - driver.output().size()) + driver.outgoingMemory();
        if (share != null && !outbox.account(share, besides) && !failed) {
            dropForMemory(); // now: who asks for more does not wait for the thread that would end it
        }
    }

    /** All connections together hold too much, and this one holds most. On any thread, under any lock: another ends it. */
    private void giveUpMemory() {
        group.schedule(() -> mailbox.locked(this::dropForMemory), Duration.ZERO);
    }

    private void dropForMemory() {
        if (driver.state() == ReadyState.CLOSED) {
            return;
        }
        if (!failed) {
            String reason = "No memory to spare for this connection";
            violated(Violation.MEMORY_LIMIT, reason);
            because(Violation.MEMORY_LIMIT);
            mailbox.post(() -> listeners.error(new WebSocketException(Violation.MEMORY_LIMIT, reason, null)));
            driver.drop(CloseCode.TRY_AGAIN_LATER, reason);
            fail(CloseCode.TRY_AGAIN_LATER, reason);
        }
        flush();
        if (!outbox.isDone()) {
            end(); // the peer does not read: a close frame would come after all that waits for it
        }
        if (mailbox.isRunning()) {
            postRelease();
        } else {
            release(); // nobody reads, nor can anybody begin to
        }
    }

    private long kept() {
        return unsent == null ? 0 : unsent.length();
    }

    // ---- Extensions that take their time.

    /** One has finished something, on whatever thread. */
    private void onProgress() {
        mailbox.lock();
        Runnable work = driver.work();
        mailbox.unlock();
        if (work != null) {
            workOff(work);
        }
        mailbox.locked(() -> mailbox.post(this::resumeDelivery));
    }

    /**
     * Has the extensions work, without the lock, on a message and on those that wait behind it.
     *
     * @return whether a sender may go on
     */
    private boolean workOff(Runnable first) {
        boolean more = true;
        for (Runnable work = first; work != null; ) {
            work.run();
            mailbox.lock();
            try {
                driver.proceed();
                work = driver.work();
                more = queued(false);
            } catch (ExtensionException broken) {
                extensionFailed(broken);
                return false;
            } finally {
                if (driver.state() == ReadyState.CLOSED) {
                    postRelease();
                }
                mailbox.unlock();
            }
        }
        return more;
    }

    private void resumeDelivery() {
        if (reception.isWaiting() && transport != null) {
            boolean more = reception.resume(transport);
            mailbox.locked(() -> readAwaited = more || reception.isWaiting() || reception.isInterrupted());
        }
        release();
    }

    /** An extension is broken, and the driver has closed the connection for it. Under the lock. */
    private void extensionFailed(ExtensionException broken) {
        if (driver.state() == ReadyState.CLOSED) {
            return; // nobody waits for its result any more
        }
        violated(Violation.EXTENSION_FAILED, String.valueOf(broken.getMessage()));
        because(CloseCause.FAILURE);
        fail(CloseCode.INTERNAL_ERROR, "Internal error");
        WebSocketException error = new WebSocketException(
                Violation.EXTENSION_FAILED, broken.reason(), broken.getCause() == null ? broken : broken.getCause());
        mailbox.post(() -> listeners.error(error));
        flush();
    }

    // ---- What the reading half asks for.

    /** Whether we gave up the connection, so that what the peer says no longer matters. */
    boolean hasFailed() {
        return failed;
    }

    /** Whether nothing is to be received for now. A handshake is none of the application's, and what is dropped is read. */
    boolean holdsBack() {
        return (paused || listenerAwaited) && opened && !failed;
    }

    /** Something has come. */
    void alive() {
        keepAlive.alive(System.nanoTime());
    }

    void flushLocked() {
        mailbox.locked(this::flush);
    }

    void failedRead(IOException cause) {
        mailbox.locked(() -> disconnect(cause));
    }

    /** Answers a control frame or a fault, and does what it changes here; whether listeners are to hear of it. */
    boolean answer(Event event) {
        mailbox.lock();
        try {
            boolean heard = !failed;
            if (options.autoPong() || !(event instanceof Event.Ping)) {
                driver.answer(event);
            }
            answered(event);
            return heard;
        } finally {
            mailbox.unlock();
        }
    }

    /** What a control frame or a fault changes here, besides the answer that the driver has written. */
    private void answered(Event event) {
        if (event instanceof Event.Ping && outbox.isFull(true)) {
            overflow();
        } else if (event instanceof Event.Open) {
            if (!opened && driver.state() != ReadyState.CLOSED) {
                opened();
            }
        } else if (event instanceof Event.Close close) {
            closeReceived = true;
            because(CloseCause.PEER);
            if (!failed) {
                closeCode = close.code();
                closeReason = close.reason();
                awaitClose();
            }
        } else if (event instanceof Event.Failure failure) {
            if (!failed) { // otherwise it is told already, as one that has given up its memory is
                violated(failure.violation(), failure.reason());
            }
            because(failure.violation());
            fail(failure.violation().closeCode(), failure.reason());
        }
    }

    private void violated(Violation violation, String reason) {
        observer.violated(violation);
        violations.debug(
                "{} ({}) by {} at {} [{}]: {}",
                violation.id(),
                violation.closeCode(),
                HttpText.logged(peer.remoteAddress()),
                HttpText.logged(peer.endpoint()),
                id,
                HttpText.logged(reason));
    }

    List<Runnable> answeredPings(Event.Pong pong) {
        mailbox.lock();
        try {
            return keepAlive.answered(pong.data());
        } finally {
            mailbox.unlock();
        }
    }

    /** The peer sends no more. What it still may read is written, then the connection ends. */
    void endOfInput() {
        mailbox.lock();
        try {
            inputEnded = true;
            closedByEndOfInput();
            flush();
            if (driver.state() == ReadyState.OPEN) {
                awaitClose();
            }
        } finally {
            mailbox.unlock();
        }
    }

    // ---- The order of events.

    /** No thread runs our events any more: the container may read again if it wanted to meanwhile. */
    private void resumeReading() {
        if (readAwaited && !reception.isWaiting() && transport != null) {
            readAwaited = false;
            transport.resumeReading();
        }
    }

    /** Whatever a listener throws costs this connection and no other. */
    void listenerFailed(Throwable thrown) {
        observer.listenerFailed(thrown);
        CloseException wanted = Listeners.closing(thrown);
        mailbox.lock();
        try {
            if (driver.close(wanted.code(), wanted.reason())) {
                because(wanted == thrown ? CloseCause.APPLICATION : CloseCause.FAILURE);
                fail(wanted.code(), wanted.reason());
                flush();
            }
        } finally {
            mailbox.unlock();
        }
        listeners.failed(thrown);
    }

    // ---- Writing and ending, all under the lock.

    private long flush() {
        if (driver.state() == ReadyState.CLOSED) {
            return 0;
        }
        if (transport == null) {
            accountOutgoing();
            return 0;
        }
        long written = 0;
        try {
            written = outbox.flush();
        } catch (IOException reset) {
            disconnect(reset);
            return 0;
        }
        accountOutgoing();
        if (inputEnded && !transport.isOpen()) {
            end();
        }
        if (driver.state() == ReadyState.CLOSED) {
            return written;
        }
        if (unsent != null) {
            unsent.remaining();
        }
        if (outbox.takeDrained()) {
            mailbox.post(listeners::drained);
        }
        if (outbox.isDone() && !driver.isSending()) {
            allWritten();
        }
        return written;
    }

    private void allWritten() {
        if (driver.isFinished()) {
            closedByEndOfInput();
        }
        if (transport != null && !transport.isWritten()) {
            return;
        }
        // "the server MUST close the underlying TCP connection immediately", "a client SHOULD wait" for that (7.1.1)
        if (inputEnded || (closeReceived && !driver.isClient())) {
            end();
        } else if (driver.isFinished() && !driver.isClient() && (transport == null || !transport.shutdownOutput())) {
            end();
        }
        // Otherwise a peer that was refused in the middle of sending gets a moment to read why.
    }

    /** In one version the end of the socket is the way to close. */
    private void closedByEndOfInput() {
        if (driver.version() == Version.HIXIE_75 && !failed) {
            closeCode = CloseCode.NO_STATUS;
            because(CloseCause.PEER);
        }
    }

    /** We give up: {@code code} is what the application hears, whatever the peer answers. */
    private void fail(int code, String reason) {
        if (!failed && driver.state() != ReadyState.CLOSED) {
            failed = true;
            driver.discardMessages();
            closeCode = code;
            closeReason = reason;
            if (transport != null) {
                awaitClose();
            }
            if (paused || listenerAwaited) {
                mailbox.post(this::resumeDelivery); // what comes is dropped from now on
            }
        }
    }

    private void overflow() {
        String reason = outbox.isFull(true) ? "Reads too slowly" : "Too much waits for the end of a message";
        if (driver.close(CloseCode.TRY_AGAIN_LATER, reason)) {
            observer.overflowed();
            because(CloseCause.SLOW_CONSUMER);
            fail(CloseCode.TRY_AGAIN_LATER, reason);
            flush();
        }
    }

    /** From now on the connection is cut when it has not ended in time. */
    private void awaitClose() {
        Duration patience = options.closeTimeout();
        if (failed && LINGER.compareTo(patience) < 0) {
            patience = LINGER;
        }
        setTimer(this::cut, patience);
    }

    private void disconnect(@Nullable IOException cause) {
        if (driver.state() != ReadyState.CLOSED) {
            if (cause != null && driver.state() == ReadyState.OPEN) {
                mailbox.post(() -> listeners.error(cause));
            }
            end();
        }
    }

    private void end() {
        if (driver.state() == ReadyState.CLOSED) {
            return;
        }
        ConnectionStatistics last = opened && EndLog.hearsWebSockets() ? statistics() : null;
        driver.disconnected();
        endedAt = System.nanoTime();
        setTimer(null, Duration.ZERO);
        keepAlive.clear();
        if (transport != null) {
            transport.close();
        }
        accountOutgoing();
        because(CloseCause.NETWORK);
        if (opened) {
            CloseEvent event = new CloseEvent(closeCode, closeReason, Objects.requireNonNull(cause), violation);
            observer.closed(this, event, Duration.ofNanos(endedAt - openedAt));
            if (last != null) {
                mailbox.post(() -> EndLog.ended(this, event, last));
            }
        }
        group.remove(this);
        int code = closeCode;
        String reason = closeReason;
        postRelease();
        mailbox.post(() -> lifecycle.closed(code, reason));
    }

    /** What begins the end is its cause; what follows from that is not. Under the lock. */
    private void because(CloseCause why) {
        if (cause == null) {
            cause = why;
            violation = why == CloseCause.LIMIT ? Violation.MEMORY_LIMIT : null; // others look at no other limit
        }
    }

    /** A rule or a limit is why. Under the lock. */
    private void because(Violation broken) {
        if (cause == null) {
            violation = broken;
            cause = broken.isLimit() ? CloseCause.LIMIT : CloseCause.VIOLATION;
        }
    }

    /** By the runner: nobody reads any more, since it would. */
    private void postRelease() {
        mailbox.post(this::release);
    }

    private void release() {
        mailbox.lock();
        try {
            driver.release();
        } finally {
            MemoryBudget.Share share = memory;
            if (share != null && driver.state() == ReadyState.CLOSED) {
                memory = null;
                share.close();
            } else {
                accountIncoming();
            }
            mailbox.unlock();
        }
    }

    // ---- Time.

    private void setTimer(@Nullable Runnable task, Duration delay) {
        if (timer != null) {
            timer.cancel(false);
        }
        timer = task == null ? null : group.schedule(task, delay);
    }

    private void scheduleKeepAlive(long now) {
        if (driver.version().isHixie()) {
            setTimer(null, Duration.ZERO); // there is nothing to ping with
            return;
        }
        keepAlive.start(now).ifPresent(delay -> setTimer(this::keepAlive, delay));
    }

    private void keepAlive() {
        mailbox.lock();
        try {
            if (driver.state() != ReadyState.OPEN) {
                return;
            }
            long now = System.nanoTime();
            warnOfBlocking(now);
            if (mailbox.isRunning() || reception.isWaiting() || paused) {
                keepAlive.alive(now); // a pause, a slow listener or extension of ours keeps us from hearing the peer
            }
            byte[] ping = keepAlive.tick(now);
            if (keepAlive.isDead()) {
                because(CloseCause.HEARTBEAT);
                end();
                return;
            }
            if (ping != null) {
                driver.ping(ping);
                flush();
            }
            if (driver.state() == ReadyState.OPEN) {
                setTimer(this::keepAlive, keepAlive.next(now));
            }
        } finally {
            mailbox.unlock();
        }
    }

    /** The runner has read nothing and begun no message since the last look: a listener keeps it. Under the lock. */
    private void warnOfBlocking(long now) {
        long progress = mailbox.runs() + reception.progress();
        if (mailbox.isRunning() && progress == lastProgress) {
            group.warnOnce(
                    "blocking-listener",
                    "A listener of [{}] at {} has been running for {} or longer: nothing is heard of the peer meanwhile. Hand"
                            + " slow work to a thread of your own",
                    id,
                    HttpText.logged(peer.endpoint()),
                    Duration.ofNanos(now - lastLook));
        }
        lastProgress = mailbox.isRunning() ? progress : -1;
        lastLook = now;
    }

    // ---- The application's side: called from any thread.

    @Override
    public boolean send(Outgoing message) {
        return offer(message) == Admission.GO_ON;
    }

    @Override
    public boolean send(List<Message> messages) {
        if (messages.size() == 1) {
            return send(messages.get(0));
        }
        mailbox.lock();
        try {
            if (messages.isEmpty()) {
                return driver.state() != ReadyState.CLOSED && outbox.admit(false);
            }
            collecting++;
        } finally {
            mailbox.unlock();
        }
        try {
            return WholeMessages.super.send(messages);
        } finally {
            mailbox.locked(() -> {
                collecting--;
                flushUnlessBatching();
            });
        }
    }

    /** What has become of a message. */
    enum Admission {
        /** It is sent. */
        GO_ON,
        /** It is queued behind so much that its sender should wait. */
        WAIT,
        /** It is not sent, since the connection is closing. */
        REFUSED
    }

    /** Sends a message. */
    Admission offer(Outgoing message) {
        ConnectionTracing.Scope scope = tracing.sending(message.isText(), message.length());
        try {
            Admission admission = admit(message);
            if (admission == Admission.REFUSED) {
                scope.refused();
            }
            return admission;
        } catch (RuntimeException | Error thrown) {
            scope.failed(thrown);
            throw thrown;
        } finally {
            scope.close();
        }
    }

    private Admission admit(Outgoing message) {
        Runnable work;
        mailbox.lock();
        try {
            refuseWhenFull(false);
            if (!driver.send(message)) {
                return Admission.REFUSED;
            }
            if (unsent != null) {
                unsent.add(message);
            }
            tally.add(message.length());
            observer.sent(message.isText(), message.length());
            work = driver.work();
            if (work == null) {
                return queued(false) ? Admission.GO_ON : Admission.WAIT;
            }
        } finally {
            mailbox.unlock();
        }
        return workOff(work) ? Admission.GO_ON : Admission.WAIT;
    }

    /** The messages that had not left whole when the connection ended, oldest first; none if this was not wanted. */
    Queue<Outgoing> unsent() {
        mailbox.lock();
        try {
            return unsent == null ? new ArrayDeque<>(0) : unsent.remaining();
        } finally {
            mailbox.unlock();
        }
    }

    /** Sends what was queued, now or with what follows it in a batch; whether a sender may go on. */
    private boolean queued(boolean direct) {
        flushUnlessBatching();
        return driver.state() != ReadyState.CLOSED && outbox.admit(direct);
    }

    @Override
    public boolean sendFragment(String part, boolean last) {
        mailbox.lock();
        try {
            String text = sent.withHalf(part);
            int end = last ? text.length() : Fragments.end(text);
            boolean go = sendFragment(Opcode.TEXT, text.substring(0, end).getBytes(StandardCharsets.UTF_8), last);
            sent.keepHalf(text.substring(end));
            return go;
        } finally {
            mailbox.unlock();
        }
    }

    @Override
    public boolean sendFragment(byte[] part, boolean last) {
        mailbox.lock();
        try {
            return sendFragment(Opcode.BINARY, part.clone(), last);
        } finally {
            mailbox.unlock();
        }
    }

    private boolean sendFragment(Opcode type, byte[] part, boolean last) {
        refuseWhenFull(isDirect());
        if (!driver.fragment(type, part, last)) {
            return false;
        }
        countSent(type, part.length, last);
        return queued(isDirect());
    }

    /** Whether a part of a message goes out as soon as it is sent: not while an extension is at work on one before it. */
    private boolean isDirect() {
        return !driver.isSending();
    }

    private void countSent(Opcode opcode, int length, boolean last) {
        if (sent.add(opcode, length, last)) {
            tally.add(sent.length());
            observer.sent(sent.isText(), sent.length());
        }
    }

    @Override
    public boolean send(Frame frame) {
        mailbox.lock();
        try {
            boolean direct = frame.opcode().isControl() || isDirect();
            refuseWhenFull(direct);
            if (!driver.frame(frame)) {
                return false;
            }
            if (!frame.opcode().isControl()) {
                countSent(frame.opcode(), frame.length(), frame.fin());
            } else if (frame.opcode() == Opcode.CLOSE) {
                because(CloseCause.APPLICATION);
                if (transport != null) {
                    awaitClose();
                }
            }
            return queued(direct);
        } finally {
            mailbox.unlock();
        }
    }

    /** @param direct whether this does not wait for the end of a message in parts */
    private void refuseWhenFull(boolean direct) {
        if (outbox.isFull(direct) && driver.state().canSend()) {
            overflow();
        }
    }

    private void flushUnlessBatching() {
        boolean batching = collecting > 0 || (mailbox.isRunner() && reception.isBatching());
        if (!batching || outbox.isBatchFull()) {
            flush();
        }
    }

    @Override
    public boolean ping(String message, Runnable onPong) {
        byte[] payload = pingPayload(message);
        mailbox.lock();
        try {
            refuseWhenFull(true);
            if (!driver.ping(payload)) {
                return false;
            }
            keepAlive.await(payload, onPong);
            flushUnlessBatching();
            return driver.state() != ReadyState.CLOSED;
        } finally {
            mailbox.unlock();
        }
    }

    static byte[] pingPayload(String message) {
        byte[] payload = message.getBytes(StandardCharsets.UTF_8);
        if (payload.length > 125) {
            throw new IllegalArgumentException(
                    "Ping message must be at most 125 bytes of UTF-8, but is " + payload.length);
        }
        return payload;
    }

    @Override
    public boolean pong(ByteBuffer payload) {
        byte[] copy = copy(payload);
        mailbox.lock();
        try {
            refuseWhenFull(true);
            if (!driver.pong(copy)) {
                return false;
            }
            flushUnlessBatching();
            return driver.state() != ReadyState.CLOSED;
        } finally {
            mailbox.unlock();
        }
    }

    static byte[] copy(ByteBuffer data) {
        byte[] copy = new byte[data.remaining()];
        data.duplicate().get(copy);
        return copy;
    }

    @Override
    public void close(int code, String reason) {
        requireForApplications(code);
        begin(code, reason, CloseCause.APPLICATION);
    }

    @Override
    public void close(int code, String reason, CloseCause why) {
        CloseCode.requireValid(code);
        begin(code, reason, why);
    }

    static void requireForApplications(int code) {
        if (!CloseCode.isForApplications(code)) {
            throw new IllegalArgumentException("Close code must be 1000, or 3000 to 4999, but is " + code);
        }
    }

    @Override
    public void goAway() {
        begin(CloseCode.GOING_AWAY, "Going away", CloseCause.SHUTDOWN);
    }

    private void begin(int code, String reason, CloseCause why) {
        mailbox.lock();
        try {
            if (driver.close(code, reason)) {
                because(why);
                if (transport != null) {
                    awaitClose();
                    flush();
                }
            }
        } finally {
            mailbox.unlock();
        }
    }

    @Override
    public void drop(int code, String reason, CloseCause why) {
        CloseCode.requireValid(code);
        Frame.close(code, reason); // refuses a reason that is too long, whatever the state
        mailbox.lock();
        try {
            if (driver.state() != ReadyState.CLOSED) {
                driver.drop(code, reason);
                because(why);
                fail(code, reason);
                flush();
            }
        } finally {
            mailbox.unlock();
        }
    }

    @Override
    public void terminate() {
        cut(CloseCause.APPLICATION);
    }

    @Override
    public void cut(CloseCause why) {
        mailbox.locked(() -> {
            if (driver.state() != ReadyState.CLOSED) {
                because(why);
                end();
            }
        });
    }

    /** When there is no more patience. */
    private void cut() {
        cut(CloseCause.NETWORK);
    }

    @Override
    public void pause() {
        mailbox.locked(() -> paused = true);
    }

    @Override
    public void resume() {
        mailbox.locked(() -> {
            if (paused) {
                paused = false;
                keepAlive.alive(System.nanoTime()); // what the peer has said meanwhile is yet to be read
                mailbox.post(this::resumeDelivery);
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
        return mailbox.isRunner() || opener == Thread.currentThread();
    }

    @Override
    public ReadyState state() {
        mailbox.lock();
        try {
            return driver.state();
        } finally {
            mailbox.unlock();
        }
    }

    @Override
    public long bufferedAmount() {
        mailbox.lock();
        try {
            return outbox.size() + unwritten();
        } finally {
            mailbox.unlock();
        }
    }

    @Override
    public ConnectionStatistics statistics() {
        mailbox.lock();
        try {
            long now = driver.state() == ReadyState.CLOSED ? endedAt : System.nanoTime();
            return new ConnectionStatistics(
                    opened ? Duration.ofNanos(now - openedAt) : Duration.ZERO,
                    opened ? Duration.ofNanos(Math.max(0, now - keepAlive.lastSign())) : Duration.ZERO,
                    reception.tally().messages(),
                    reception.tally().bytes(),
                    tally.messages(),
                    tally.bytes(),
                    outbox.size() + unwritten(),
                    outbox.isAwaited(),
                    keepAlive.roundTrip());
        } finally {
            mailbox.unlock();
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String url() {
        return peer.url();
    }

    @Override
    public String endpoint() {
        return peer.endpoint();
    }

    @Override
    public Map<String, String> pathVariables() {
        return peer.pathVariables();
    }

    @Override
    public String protocol() {
        return peer.protocol();
    }

    @Override
    public List<ExtensionHeader> extensions() {
        return peer.extensions();
    }

    @Override
    public String version() {
        return driver.version().toString();
    }

    @Override
    public @Nullable Principal principal() {
        return peer.principal();
    }

    @Override
    public String remoteAddress() {
        return peer.remoteAddress();
    }

    @Override
    public WebSocket onOpen(Runnable listener) {
        mailbox.locked(() -> {
            if (!opened) {
                listeners.addOpen(listener);
            } else if (driver.state() == ReadyState.OPEN) {
                mailbox.post(listener);
            }
        });
        return this;
    }

    @Override
    public WebSocket onMessage(Consumer<Message> listener) {
        mailbox.locked(() -> {
            if (reception.tally().messages() > 0 && !listeners.hearMessages() && !listeners.hearFrames()) {
                group.warnOnce(
                        "late-listener",
                        "onMessage was called for [{}] at {} when {} messages had come already, which nobody heard:"
                                + " call it before the controller returns, or right after connect",
                        id,
                        HttpText.logged(peer.endpoint()),
                        reception.tally().messages());
            }
            listeners.addMessage(listener);
            stopAwaitingIfHeard();
        });
        return this;
    }

    @Override
    public WebSocket onFrame(Consumer<Frame> listener) {
        mailbox.locked(() -> {
            listeners.addFrame(listener);
            stopAwaitingIfHeard();
        });
        return this;
    }

    @Override
    public WebSocket onPing(Consumer<ByteBuffer> listener) {
        mailbox.locked(() -> listeners.addPing(listener));
        return this;
    }

    @Override
    public WebSocket onPong(Consumer<ByteBuffer> listener) {
        mailbox.locked(() -> listeners.addPong(listener));
        return this;
    }

    @Override
    public WebSocket onError(Consumer<Throwable> listener) {
        mailbox.locked(() -> listeners.addError(listener));
        return this;
    }

    @Override
    public WebSocket onClose(CloseListener listener) {
        mailbox.locked(() -> {
            if (driver.state() == ReadyState.CLOSED) {
                mailbox.post(() -> listener.closed(closeCode, closeReason));
            } else {
                listeners.addClose(listener);
            }
        });
        return this;
    }

    @Override
    public WebSocket onDrain(Runnable listener) {
        mailbox.locked(() -> listeners.addDrain(listener));
        return this;
    }
}
