package dev.hawser.websocket.stream;

import dev.hawser.websocket.WebSocket;
import java.io.InterruptedIOException;
import java.util.concurrent.locks.Condition;

/** Who may wait for a socket: whoever is not needed for what is waited for. */
final class Callers {

    private final WebSocket socket;

    Callers(WebSocket socket) {
        this.socket = socket;
    }

    /** @throws IllegalStateException if this thread is one that the socket needs */
    void requireMayWait() {
        if (socket.isOnListenerThread()) {
            throw new IllegalStateException(
                    "Expected a thread of your own but was a listener of the same socket, or the controller that has"
                            + " accepted it, which would wait for itself: hand the stream to an executor");
        }
    }

    /** Waits, under the condition's lock. */
    static void await(Condition condition) throws InterruptedIOException {
        try {
            condition.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted while waiting for a WebSocket");
        }
    }
}
