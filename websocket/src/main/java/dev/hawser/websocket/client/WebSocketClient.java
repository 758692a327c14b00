package dev.hawser.websocket.client;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.Connection;
import dev.hawser.websocket.connection.ClientConnection;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.connection.WebSocketConnection.Peer;
import dev.hawser.websocket.memory.MemoryBudget;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Opens WebSockets to servers. Thread-safe; make one and share it, since it has threads of its own, all of them daemons.
 *
 * <pre>{@code
 * WebSocketClient client = WebSocketClient.create();
 * ClientWebSocket socket = client.connect("wss://example.com/feed", options -> options.protocols("irc"));
 * socket.onMessage(message -> ...);
 * }</pre>
 */
public final class WebSocketClient implements AutoCloseable {

    private final ClientOptions defaults;
    private final ConnectionGroup group;
    private final ClientObserver observer;
    private final EventLoops loops = new EventLoops();
    private final SecureRandom random = new SecureRandom();
    private final Masks masks = new Masks(random);

    private WebSocketClient(ClientOptions defaults, ConnectionGroup group, ClientObserver observer) {
        this.defaults = defaults;
        this.group = group;
        this.observer = observer;
    }

    /** A client with the defaults. */
    public static WebSocketClient create() {
        return create(ClientOptions.DEFAULT);
    }

    /** A client with an executor of its own: at most 64 threads, none while it is idle. */
    public static WebSocketClient create(ClientOptions defaults) {
        return create(defaults, ClientObserver.NONE);
    }

    /** As {@link #create(ClientOptions)}, and observed. */
    public static WebSocketClient create(ClientOptions defaults, ClientObserver observer) {
        return create(defaults, null, observer, null);
    }

    /**
     * A client that calls listeners on an executor.
     *
     * @param executor is not shut down by the client
     */
    public static WebSocketClient create(ClientOptions defaults, Executor executor, ClientObserver observer) {
        return create(defaults, executor, observer, null);
    }

    /**
     * As above.
     *
     * @param executor null for one of the client's own
     * @param memory what all connections may hold in memory, those of others that are given it, too; null for a quarter of the heap, for
     *     all that were given none
     */
    public static WebSocketClient create(
            ClientOptions defaults,
            @Nullable Executor executor,
            ClientObserver observer,
            @Nullable MemoryBudget memory) {
        MemoryBudget budget = memory == null ? MemoryBudget.DEFAULT : memory;
        ConnectionGroup group =
                executor == null ? ConnectionGroup.create(budget) : new ConnectionGroup(executor, budget);
        return new WebSocketClient(defaults, group, observer);
    }

    /** Connects, as {@link #connect(String, Consumer)}. */
    public ClientWebSocket connect(String url) {
        return connect(url, defaults);
    }

    /**
     * Begins to connect, and does not wait. A user and a password in the URL become Basic authorization.
     *
     * @param url begins with {@code ws://}, {@code wss://}, or {@code ws+unix:} as in {@code ws+unix:/run/app.sock:/chat?room=1}
     * @param changes what is to be other than in the options of this client
     * @return the socket; add listeners to it right away
     * @throws IllegalArgumentException if the URL or an option is wrong
     * @throws IllegalStateException if the client is closed or closing
     */
    public ClientWebSocket connect(String url, Consumer<ClientOptions.Builder> changes) {
        return connect(url, defaults.with(changes));
    }

    private ClientWebSocket connect(String url, ClientOptions options) {
        ClientUrl to = ClientUrl.parse(url);
        if (group.isShuttingDown()) {
            throw new IllegalStateException("This WebSocketClient is closed");
        }
        Peer asked = new Peer(to.toString(), to.path(), "", List.of(), null, "");
        HandshakeObserver handshakes = observer.connecting(options.name());
        ClientConnection socket = new ClientConnection(
                attempt -> new Dial(this, options, to, attempt, handshakes).start(),
                asked,
                options.version(),
                options.socket(),
                observer.webSocket(options.name()),
                handshakes.tracing(),
                group,
                options.reconnect());
        socket.start();
        return socket;
    }

    /** What the sockets may hold in memory, together with all others that share it. */
    public MemoryBudget memory() {
        return group.memory();
    }

    /** How many sockets there are that are not closed. */
    public int size() {
        return group.size();
    }

    /** The sockets that are not closed, from outside. A view that changes with them. */
    public Collection<Connection> connections() {
        return group.connections();
    }

    ConnectionGroup group() {
        return group;
    }

    ClientObserver observer() {
        return observer;
    }

    EventLoops loops() {
        return loops;
    }

    SecureRandom random() {
        return random;
    }

    Masks masks() {
        return masks;
    }

    /**
     * Opens no further connections and begins to close those that are open, with 1001 (RFC 6455, section 7.4.1).
     *
     * @param whenEmpty called once there is none, which {@code close-timeout} bounds; returns quickly
     */
    public void goAway(Runnable whenEmpty) {
        group.goAway(whenEmpty);
    }

    /** Cuts all connections. */
    public void terminate() {
        group.terminate();
    }

    /** Opens connections again, after {@link #goAway}. */
    public void comeBack() {
        group.comeBack();
    }

    /**
     * Closes all connections with 1001, waits up to {@code close-timeout} for that, and ends the threads. Called by a listener, it does not
     * wait.
     */
    @Override
    public void close() {
        CountDownLatch empty = new CountDownLatch(1);
        group.goAway(empty::countDown);
        if (group.isOnThisThread()) {
            Thread closing = new Thread(() -> close(empty), "hawser-close");
            closing.setDaemon(true);
            closing.start();
        } else {
            close(empty);
        }
    }

    private void close(CountDownLatch empty) {
        try {
            empty.await(defaults.socket().closeTimeout().toMillis() + 1000, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            group.close();
            loops.close();
        }
    }
}
