package dev.hawser.websocket.stream;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.WebSocket;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where those who write wait while the peer does not read. Thread-safe. */
final class Gate {

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
        onConnection(socket, () -> change(() -> opened = true), this::end);
        socket.onDrain(() -> change(() -> drains++));
        socket.onClose((code, reason) -> end(new WebSocketClosedException(code, reason)));
    }

    /**
     * Tells when there is a connection, and when it is lost though another will follow. Attempts before the first lose nothing.
     */
    static void onConnection(WebSocket socket, Runnable opened, Consumer<IOException> lost) {
        AtomicBoolean connected = new AtomicBoolean();
        Runnable opening = () -> {
            connected.set(true);
            opened.run();
        };
        socket.onOpen(opening);
        if (socket instanceof ClientWebSocket client) {
            client.onReconnect(opening);
            client.onReconnecting((attempt, delay, cause) -> {
                if (connected.get()) {
                    lost.accept(new IOException("The connection was lost; a stream ends with its connection", cause));
                }
            });
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
        callers.requireMayWait();
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
        callers.requireMayWait();
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
