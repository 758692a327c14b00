package dev.hawser.test;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What has happened on one connection: what a test has not expected yet, and all of it in words, for the message of an
 * expectation that fails. Thread-safe; {@code toString} of an event describes it.
 */
final class Transcript<E> {

    private static final int SHOWN_EVENTS = 100;
    private static final int SHOWN_CHARACTERS = 200;

    private final String of;
    private final Duration timeout;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<E> unexpected = new ArrayDeque<>();
    private final List<String> lines = new ArrayList<>();
    private boolean ended;

    /**
     * An empty one.
     *
     * @param of the URL
     * @param timeout how long an expectation waits
     */
    Transcript(String of, Duration timeout) {
        this.of = of;
        this.timeout = timeout;
    }

    /** Something that is to be expected. */
    void add(E event) {
        add(event, false);
    }

    /** The last that is to be expected; what comes after it does not count. */
    void end(E event) {
        add(event, true);
    }

    private void add(E event, boolean last) {
        lock.lock();
        try {
            if (!ended) {
                unexpected.add(event);
                lines.add(event.toString());
                ended = last;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Something that nobody needs to expect, and that a message should show. */
    void note(String line) {
        lock.lock();
        try {
            lines.add(line);
        } finally {
            lock.unlock();
        }
    }

    /** The next event: waits for it. */
    E next(String expected) {
        lock.lock();
        try {
            long left = timeout.toNanos();
            while (unexpected.isEmpty() && !ended && left > 0) {
                left = changed.awaitNanos(left);
            }
            E next = unexpected.poll();
            if (next == null) {
                throw failure(expected, ended ? "there was nothing more" : "nothing came within " + shown(timeout));
            }
            return next;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw failure(expected, "this thread was interrupted");
        } finally {
            lock.unlock();
        }
    }

    /** The next event if it has come already; null if not. */
    @Nullable
    E poll() {
        lock.lock();
        try {
            return unexpected.poll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the last event has come. */
    boolean hasEnded() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the last event; whether it has come. */
    boolean awaitEnd(long nanos) {
        lock.lock();
        try {
            long left = nanos;
            while (!ended && left > 0) {
                left = changed.awaitNanos(left);
            }
            return ended;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Has a test's own assertions look at something; if they fail, the transcript is added. */
    <V> void check(V value, Consumer<? super V> assertions) {
        try {
            assertions.accept(value);
        } catch (AssertionError wrong) {
            throw new AssertionError(wrong.getMessage() + "\n" + this, wrong);
        }
    }

    AssertionError failure(String expected, String was) {
        return new AssertionError("Expected " + expected + " but " + was + "\n" + this);
    }

    /** All that has happened, an event in each line. */
    @Override
    public String toString() {
        lock.lock();
        try {
            StringBuilder all = new StringBuilder(of).append(ended ? ", ended:" : ", open:");
            int hidden = Math.max(0, lines.size() - SHOWN_EVENTS);
            if (lines.isEmpty()) {
                all.append("\n  nothing has come");
            } else if (hidden > 0) {
                all.append("\n  ").append(hidden).append(" events before");
            }
            lines.subList(hidden, lines.size())
                    .forEach(line -> all.append("\n  ").append(line));
            return all.toString();
        } finally {
            lock.unlock();
        }
    }

    /** {@code text} in quotes, on one line, cut to 200 characters. */
    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().limit(SHOWN_CHARACTERS).forEach(c -> {
            if (c == '\n') {
                quoted.append("\\n");
            } else if (Character.isISOControl(c)) {
                quoted.append(String.format("\\u%04x", c));
            } else {
                quoted.appendCodePoint(c);
            }
        });
        int length = text.codePointCount(0, text.length());
        return quoted.append(length > SHOWN_CHARACTERS ? "\"... of " + length + " characters" : "\"")
                .toString();
    }

    /** Such as {@code 5 s} or {@code 250 ms}. */
    static String shown(Duration time) {
        long millis = TimeUnit.NANOSECONDS.toMillis(time.toNanos());
        return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
    }
}
