package dev.hawser.websocket.connection;

import dev.hawser.websocket.ConnectionTracing;
import dev.hawser.websocket.ConnectionTracing.Scope;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The lock of one connection, the events that wait for a thread, and which thread runs them: in order, never two at once,
 * and never under the lock.
 */
final class Mailbox {

    private final ConnectionGroup group;
    private final Consumer<Throwable> thrown;
    private final Runnable left;
    private final ConnectionTracing tracing;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Queue<Runnable> events;
    private @Nullable Thread runner;
    /** What surrounds the listeners that the runner calls; null before the first. Belongs to the runner. */
    private @Nullable Scope scope;
    /** Whether the executor has been asked for a thread that has not come yet. */
    private boolean called;
    /** How often a thread has become the runner. */
    private long runs;

    /**
     * A mailbox without events.
     *
     * @param thrown hears what an event throws, without the lock
     * @param left called under the lock whenever a thread stops being the runner; may post events
     * @param tracing surrounds the events
     */
    Mailbox(ConnectionGroup group, Consumer<Throwable> thrown, Runnable left, ConnectionTracing tracing) {
        this.group = group;
        this.thrown = thrown;
        this.left = left;
        this.tracing = tracing;
    }

    void lock() {
        lock.lock();
    }

    /** Unlocks, and sees to it that what was posted meanwhile finds a thread, which may be this one. */
    void unlock() {
        boolean call = runner == null && !called && events != null && lock.getHoldCount() == 1;
        called |= call;
        lock.unlock();
        if (call) {
            group.execute(this::runEvents);
        }
    }

    /** Does this under the lock. */
    void locked(Runnable action) {
        lock();
        try {
            action.run();
        } finally {
            unlock();
        }
    }

    /** Unlocks, and runs what was posted, here, unless another thread does already. */
    void unlockAndRun() {
        boolean entered = enter();
        lock.unlock();
        if (entered) {
            leave();
        }
    }

    /** Adds an event. Under the lock. */
    void post(Runnable event) {
        if (events == null) {
            events = new ArrayDeque<>(4);
        }
        events.add(event);
    }

    /** Makes this thread the runner; false if there is one already. Under the lock. */
    boolean enter() {
        if (runner != null) {
            return false;
        }
        runner = Thread.currentThread();
        runs++;
        called = false;
        return true;
    }

    private void runEvents() {
        lock.lock();
        unlockAndRun();
    }

    /** Runs what was posted; the mailbox is empty then, and this thread still its runner. */
    void runPosted() {
        for (Runnable event = poll(false); event != null; event = poll(false)) {
            run(event);
        }
    }

    /** Runs what was posted, then stops being the runner. */
    void leave() {
        while (isRunner()) {
            for (Runnable event = poll(true); event != null; event = poll(true)) {
                run(event);
            }
            exitScope();
        }
    }

    /** Called by the runner before it calls a listener, or reads. */
    void enterScope() {
        if (scope == null && tracing != ConnectionTracing.NONE) {
            scope = tracing.enter();
        }
    }

    private void exitScope() {
        if (isRunner() && scope != null) {
            Scope ended = scope;
            scope = null;
            try {
                ended.close();
            } catch (Throwable failure) {
                thrown.accept(failure);
            }
        }
    }

    /** Runs an event as the runner, and reports what it throws. */
    void run(Runnable event) {
        try {
            enterScope();
            event.run();
        } catch (Throwable failure) {
            thrown.accept(failure);
        }
    }

    private @Nullable Runnable poll(boolean leaving) {
        lock.lock();
        try {
            Runnable next = events == null ? null : events.poll();
            if (next == null) {
                events = null; // an idle connection holds no queue
                if (leaving && scope == null) {
                    runner = null;
                    left.run();
                }
            }
            return next;
        } finally {
            unlock(); // whoever was told that this has left may have posted something
        }
    }

    /** Whether this thread is the runner; no other can have made it that, so no lock is needed. */
    boolean isRunner() {
        return runner == Thread.currentThread();
    }

    /** How often there has been a new runner. Under the lock. */
    long runs() {
        return runs;
    }

    /** Whether there is a runner. Under the lock. */
    boolean isRunning() {
        return runner != null;
    }
}
