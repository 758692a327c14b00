package dev.hawser.autoconfigure;

import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.connection.ConnectionGroup;
import java.time.Duration;
import java.util.function.Consumer;
import org.springframework.context.SmartLifecycle;

/**
 * Closes all connections when the application stops, before the web server begins to wait for its requests: an open event
 * stream is a request that never ends. What is still there when the time of this phase is up, another one cuts.
 */
final class ConnectionGroupLifecycle implements SmartLifecycle {

    /** Stops before the web server's graceful shutdown, whose phase is {@code DEFAULT_PHASE - 1024}. */
    private static final int CLOSING = DEFAULT_PHASE - 512;

    private final int phase;
    private final Runnable comeBack;
    private final Consumer<Runnable> goAway;
    private volatile boolean running;

    private ConnectionGroupLifecycle(int phase, Runnable comeBack, Consumer<Runnable> goAway) {
        this.phase = phase;
        this.comeBack = comeBack;
        this.goAway = goAway;
    }

    /** @param spread see {@link ConnectionGroup#goAway(Duration, Runnable)} */
    static ConnectionGroupLifecycle closing(ConnectionGroup group, Duration spread) {
        return new ConnectionGroupLifecycle(CLOSING, group::comeBack, whenEmpty -> group.goAway(spread, whenEmpty));
    }

    static ConnectionGroupLifecycle closing(WebSocketClient client) {
        return new ConnectionGroupLifecycle(CLOSING, client::comeBack, client::goAway);
    }

    /** Cuts the connections that had not ended when {@code spring.lifecycle.timeout-per-shutdown-phase} was over. */
    static ConnectionGroupLifecycle cutting(Runnable terminate) {
        return new ConnectionGroupLifecycle(CLOSING - 1, () -> {}, whenDone -> {
            terminate.run();
            whenDone.run();
        });
    }

    @Override
    public void start() {
        comeBack.run();
        running = true;
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    @Override
    public void stop(Runnable callback) {
        running = false;
        goAway.accept(callback);
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** As the web server: an application that is paused still answers. */
    @Override
    public boolean isPauseable() {
        return false;
    }

    @Override
    public int getPhase() {
        return phase;
    }
}
