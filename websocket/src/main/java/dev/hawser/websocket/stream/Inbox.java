package dev.hawser.websocket.stream;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.protocol.CloseCode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What has come and is not read yet. Pauses the socket while that is much. Thread-safe. */
final class Inbox {

    /** When more than so many bytes wait, the socket is paused. */
    private static final int HIGH = 64 * 1024;
    /** When not more than so many wait, it is resumed. */
    private static final int LOW = 16 * 1024;
    /** A part takes so many bytes besides its own. */
    private static final int OVERHEAD = 64;

    private final WebSocket socket;
    private final Callers callers;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private final Queue<Part> parts = new ArrayDeque<>(0);
    private long held;
    private boolean paused;
    /** Whether nobody wants to read what comes. */
    private boolean discarding;
    /** Whether nothing comes any more. */
    private boolean ended;
    /** Why not, if that is not how a stream ends. */
    private @Nullable IOException failure;

    Inbox(WebSocket socket, Callers callers) {
        this.socket = socket;
        this.callers = callers;
        Part.listen(socket, this::arrived);
        socket.onClose((code, reason) -> end(
                code == CloseCode.NORMAL || code == CloseCode.NO_STATUS
                        ? null
                        : new WebSocketClosedException(code, reason)));
        Gate.onConnection(socket, () -> {}, this::end);
    }

    private void arrived(Part part) {
        lock.lock();
        try {
            if (ended || discarding) {
                return;
            }
            parts.add(part);
            held += part.data().length + OVERHEAD;
            if (held > HIGH && !paused) {
                paused = true;
                socket.pause();
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void end(@Nullable IOException cause) {
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                failure = cause;
                resumeBelow(Integer.MAX_VALUE); // for whoever reads the next connection
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * The next part; null at the end. Waits for it.
     *
     * @throws IllegalStateException if this thread must not wait
     */
    @Nullable
    Part take() throws IOException {
        callers.requireMayWait();
        lock.lock();
        try {
            while (parts.isEmpty() && !ended && !discarding) {
                Callers.await(changed);
            }
            if (discarding) {
                throw new IOException("The stream is closed");
            }
            Part next = parts.poll();
            if (next == null) {
                if (failure != null) {
                    throw failure;
                }
                return null;
            }
            held -= next.data().length + OVERHEAD;
            resumeBelow(LOW);
            return next;
        } finally {
            lock.unlock();
        }
    }

    private void resumeBelow(int mark) {
        if (paused && held <= mark) {
            paused = false;
            socket.resume();
        }
    }

    /** How many bytes can be read without waiting, at least. */
    int available() {
        lock.lock();
        try {
            return parts.isEmpty() ? 0 : parts.element().data().length;
        } finally {
            lock.unlock();
        }
    }

    /** From now on what comes is dropped, so that the closing handshake, at least, is heard. */
    void discard() {
        lock.lock();
        try {
            discarding = true;
            parts.clear();
            held = 0;
            resumeBelow(0);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
