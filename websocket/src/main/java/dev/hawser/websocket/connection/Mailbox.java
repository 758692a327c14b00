package dev.hawser.websocket.connection;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The events of one connection that wait for a thread, and which thread runs them: in order, and never two at once.
 * Guarded by the connection's lock, under which nothing is ever run.
 */
final class Mailbox {

    private @Nullable Queue<Runnable> events;
    private @Nullable Thread runner;
    private boolean called;

    void post(Runnable event) {
        if (events == null) {
            events = new ArrayDeque<>(4);
        }
        events.add(event);
    }

    /** Makes this thread the runner; false if there is one already. */
    boolean enter() {
        if (runner != null) {
            return false;
        }
        runner = Thread.currentThread();
        called = false;
        return true;
    }

    /** The next event; null if there is none. */
    @Nullable
    Runnable poll() {
        if (events == null) {
            return null;
        }
        Runnable next = events.poll();
        if (next == null) {
            events = null; // an idle connection holds no queue
        }
        return next;
    }

    void leave() {
        runner = null;
    }

    boolean isRunner() {
        return runner == Thread.currentThread();
    }

    boolean isRunning() {
        return runner != null;
    }

    /** Whether a thread must be called to run what was posted; true once until it comes. */
    boolean needsRunner() {
        if (runner != null || called || events == null || events.isEmpty()) {
            return false;
        }
        called = true;
        return true;
    }
}
