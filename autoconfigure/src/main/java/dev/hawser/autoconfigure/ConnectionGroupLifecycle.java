package dev.hawser.autoconfigure;

import dev.hawser.websocket.connection.ConnectionGroup;
import org.springframework.context.SmartLifecycle;

/**
 * Closes all connections when the application stops, before the web server begins to wait for its requests: an open event
 * stream is a request that never ends.
 */
final class ConnectionGroupLifecycle implements SmartLifecycle {

    private final ConnectionGroup group;
    private volatile boolean running;

    ConnectionGroupLifecycle(ConnectionGroup group) {
        this.group = group;
    }

    @Override
    public void start() {
        group.comeBack();
        running = true;
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    @Override
    public void stop(Runnable callback) {
        running = false;
        group.goAway(callback);
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Stops before the web server's graceful shutdown, whose phase is {@code DEFAULT_PHASE - 1024}. */
    @Override
    public int getPhase() {
        return DEFAULT_PHASE - 512;
    }
}
