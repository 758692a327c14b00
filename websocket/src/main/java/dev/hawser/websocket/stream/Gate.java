package dev.hawser.websocket.stream;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.WebSocket;
import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Where those who write wait while the peer does not read. Thread-safe. */
final class Gate {

    static final String LOST = "The connection was lost; a stream ends with its connection";

    private final WebSocket socket;
    private final Callers callers;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private long drains;
    private boolean opened;
    private @Nullable IOException end;
    /** Whether a message is being written in parts. */
    private boolean inMessage;

    Gate(WebSocket socket, Callers callers) {
        this.socket = socket;
        this.callers = callers;
        socket.onOpen(() -> change(() -> opened = true));
        socket.onDrain(() -> change(() -> drains++));
        socket.onClose((code, reason) -> end(new WebSocketClosedException(code, reason)));
        if (socket instanceof ClientWebSocket client) {
            client.onReconnect(() -> change(() -> opened = true));
            client.onReconnecting((attempt, delay, cause) -> end(new IOException(LOST, cause)));
        }
    }

    private void change(Runnable what) {
        lock.lock();
        try {
            what.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void end(IOException why) {
        change(() -> end = end == null ? why : end);
    }

    /**
     * Sends something, and waits until more can be sent.
     *
     * @param send as {@link WebSocket#send(String)}
     */
    void pass(BooleanSupplier send) throws IOException {
        callers.requireNoListener();
        long seen;
        lock.lock();
        try {
            requireNotEnded();
            seen = drains;
        } finally {
            lock.unlock();
        }
        if (!send.getAsBoolean()) {
            awaitDrain(seen);
        }
    }

    private void awaitDrain(long seen) throws IOException {
        if (!socket.state().canSend()) {
            lock.lock();
            try {
                requireNotEnded();
                throw new IOException("The WebSocket is closing");
            } finally {
                lock.unlock();
            }
        }
        callers.requireMayWait();
        lock.lock();
        try {
            while (drains == seen && end == null) {
                Callers.await(changed);
            }
            requireNotEnded();
        } finally {
            lock.unlock();
        }
    }

    private void requireNotEnded() throws IOException {
        if (end != null) {
            throw end;
        }
    }

    /** Begins a message in parts. A client sends none before it is open. */
    void beginMessage() throws IOException {
        callers.requireNoListener();
        lock.lock();
        try {
            if (inMessage) {
                throw new IllegalStateException("The message before has not ended: close its stream first");
            }
            while (socket instanceof ClientWebSocket && !opened && end == null) {
                Callers.await(changed);
            }
            requireNotEnded();
            inMessage = true;
        } finally {
            lock.unlock();
        }
    }

    void endMessage() {
        change(() -> inMessage = false);
    }
}
