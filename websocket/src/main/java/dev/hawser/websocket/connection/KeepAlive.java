package dev.hawser.websocket.connection;

import dev.hawser.websocket.WebSocketObserver;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Pings that wait for their pongs, and whether the peer is still there: it is dead when nothing arrives within {@code
 * ping-timeout} after a ping. Guarded by the connection's lock, except where a method says otherwise. Times are those of
 * {@link System#nanoTime}.
 */
final class KeepAlive {

    /** When so many pings have no pong, our own are forgotten: there are peers that talk but never answer pings. */
    private static final int MAX_PENDING = 16;

    /** @param measured whether this is a ping of the keep-alive, not of the application */
    private record Pending(byte[] payload, Runnable onPong, boolean measured) {}

    private final long interval;
    private final long timeout;
    private final WebSocketObserver observer;
    private @Nullable ArrayDeque<Pending> pending;
    private volatile long lastSign;
    private long nextPing;
    private long awaitedSince;
    private boolean awaited;
    private boolean dead;
    private int count;
    /** Null until there was one. Written by the mailbox's runner. */
    private volatile @Nullable Duration roundTrip;

    KeepAlive(Duration interval, Duration timeout, WebSocketObserver observer) {
        this.interval = interval.toNanos();
        this.timeout = timeout.toNanos();
        this.observer = observer;
    }

    /** Begins; tells when to {@link #tick} first, if ever. */
    Optional<Duration> start(long now) {
        lastSign = now;
        nextPing = now + interval;
        return interval == 0 ? Optional.empty() : Optional.of(next(now));
    }

    /** Something arrived, or the peer took something that had waited. Called from any thread. */
    void alive(long now) {
        lastSign = now;
    }

    /** Takes stock; the payload of a ping to send now, or null. */
    byte @Nullable [] tick(long now) {
        if (awaited && lastSign - awaitedSince >= 0) {
            awaited = false;
        }
        if (awaited && now - awaitedSince >= timeout) {
            dead = true;
            return null;
        }
        if (now - nextPing < 0) {
            return null;
        }
        nextPing = now + interval;
        if (!awaited) {
            awaited = true;
            awaitedSince = now;
        }
        byte[] payload = Integer.toString(++count).getBytes(StandardCharsets.US_ASCII);
        if (pending != null && pending.size() >= MAX_PENDING) {
            pending.removeIf(Pending::measured);
        }
        await(payload, () -> answeredAfter(Duration.ofNanos(System.nanoTime() - now)), true);
        return payload;
    }

    private void answeredAfter(Duration time) {
        roundTrip = time;
        observer.pong(time);
    }

    /** From the last ping of the keep-alive to its pong; null before there was one. */
    @Nullable
    Duration roundTrip() {
        return roundTrip;
    }

    /** When something came last, or was taken. Not under the lock. */
    long lastSign() {
        return lastSign;
    }

    boolean isDead() {
        return dead;
    }

    /** How long until the next {@link #tick}. */
    Duration next(long now) {
        long wait = nextPing - now;
        if (awaited) {
            wait = Math.min(wait, awaitedSince + timeout - now);
        }
        return Duration.ofNanos(Math.max(wait, 0));
    }

    /** Remembers a ping that was sent. */
    void await(byte[] payload, Runnable onPong) {
        await(payload, onPong, false);
    }

    private void await(byte[] payload, Runnable onPong, boolean measured) {
        if (pending == null) {
            pending = new ArrayDeque<>(2);
        }
        pending.add(new Pending(payload, onPong, measured));
    }

    /** What to call for a pong: it answers its ping, and those before it that got no pong of their own. */
    List<Runnable> answered(byte[] payload) {
        List<Runnable> calls = new ArrayList<>(1);
        if (pending != null && pending.stream().anyMatch(ping -> Arrays.equals(ping.payload, payload))) {
            for (boolean found = false; !found; ) {
                Pending ping = pending.remove();
                calls.add(ping.onPong);
                found = Arrays.equals(ping.payload, payload);
            }
            if (pending.isEmpty()) {
                pending = null;
            }
        }
        return calls;
    }

    void clear() {
        pending = null;
    }
}
