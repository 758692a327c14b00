package dev.hawser.websocket.stream;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.protocol.ReadyState;
import java.io.InterruptedIOException;
import java.util.concurrent.locks.Condition;

/** Who may wait for a socket: whoever is not needed for what is waited for. */
final class Callers {

    private final WebSocket socket;
    /** The one that accepted the socket, as far as one can know: a server's socket opens when it has returned. */
    private final Thread first = Thread.currentThread();

    Callers(WebSocket socket) {
        this.socket = socket;
    }

    /** @throws IllegalStateException if this thread is one of the socket's own */
    void requireNoListener() {
        if (socket.isOnListenerThread()) {
            throw new IllegalStateException(
                    "Expected a thread of your own but was a listener of the same socket, which would wait for"
                            + " itself: hand the stream to an executor");
        }
    }

    /** @throws IllegalStateException if what this thread waits for could not happen */
    void requireMayWait() {
        requireNoListener();
        if (Thread.currentThread() == first
                && !(socket instanceof ClientWebSocket)
                && socket.state() == ReadyState.CONNECTING) {
            throw new IllegalStateException(
                    "Expected a thread of your own but was the one that accepted the socket, which opens only"
                            + " after it has returned: hand the stream to an executor");
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
