package dev.hawser.autoconfigure;

import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.connection.ConnectionGroup;
import java.time.Duration;
import java.util.function.Consumer;
import org.springframework.context.SmartLifecycle;

/**
 * Closes all connections when the application stops, before the web server begins to wait for its requests: an open event
 * stream is a request that never ends. What is still there when the time of this phase is up, {@link Cut} ends.
 */
final class ConnectionGroupLifecycle implements SmartLifecycle {

    private final Runnable comeBack;
    private final Consumer<Runnable> goAway;
    private volatile boolean running;

    /** @param spread see {@link ConnectionGroup#goAway(Duration, Runnable)} */
    ConnectionGroupLifecycle(ConnectionGroup group, Duration spread) {
        this.comeBack = group::comeBack;
        this.goAway = whenEmpty -> group.goAway(spread, whenEmpty);
    }

    ConnectionGroupLifecycle(WebSocketClient client) {
        this.comeBack = client::comeBack;
        this.goAway = client::goAway;
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

    /** Stops before the web server's graceful shutdown, whose phase is {@code DEFAULT_PHASE - 1024}. */
    @Override
    public int getPhase() {
        return DEFAULT_PHASE - 512;
    }

    /** Cuts the connections that had not ended when {@code spring.lifecycle.timeout-per-shutdown-phase} was over. */
    static final class Cut implements SmartLifecycle {

        private final Runnable terminate;
        private volatile boolean running;

        Cut(Runnable terminate) {
            this.terminate = terminate;
        }

        @Override
        public void start() {
            running = true;
        }

        @Override
        public void stop() {
            running = false;
            terminate.run();
        }

        @Override
        public boolean isRunning() {
            return running;
        }

        @Override
        public boolean isPauseable() {
            return false;
        }

        /** Right after {@link ConnectionGroupLifecycle}. */
        @Override
        public int getPhase() {
            return DEFAULT_PHASE - 513;
        }
    }
}
