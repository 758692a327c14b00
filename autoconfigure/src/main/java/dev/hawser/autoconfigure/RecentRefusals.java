package dev.hawser.autoconfigure;

import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** The handshakes that were refused in the last minute, counted by the second. Thread-safe. */
final class RecentRefusals {

    private static final int SECONDS = 60;

    /** No handshake, or what a shutdown does: nothing is wrong then. */
    private static final Set<Cause> USUAL = EnumSet.of(Cause.NOT_A_WEBSOCKET, Cause.SHUTTING_DOWN);

    private final LongSupplier nanoTime;
    private final long start;
    private final ReentrantLock lock = new ReentrantLock();
    /** By cause and second. Guarded by the lock, as what follows. */
    private final long[][] counts = new long[Cause.values().length][SECONDS];
    /** The last one that was counted, from the start on. */
    private long second;

    /** @param nanoTime as {@link System#nanoTime} */
    RecentRefusals(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
    }

    void add(Cause cause) {
        if (USUAL.contains(cause)) {
            return;
        }
        lock.lock();
        try {
            proceed();
            counts[cause.ordinal()][(int) (second % SECONDS)]++;
        } finally {
            lock.unlock();
        }
    }

    /** How many there were, by the name of their cause; without those that there were not. */
    Map<String, Long> lastMinute() {
        Map<String, Long> sums = new TreeMap<>();
        lock.lock();
        try {
            proceed();
            for (Cause cause : Cause.values()) {
                long sum = Arrays.stream(counts[cause.ordinal()]).sum();
                if (sum > 0) {
                    sums.put(cause.id(), sum);
                }
            }
        } finally {
            lock.unlock();
        }
        return sums;
    }

    /** Forgets what is a minute old. */
    private void proceed() {
        long now = TimeUnit.NANOSECONDS.toSeconds(nanoTime.getAsLong() - start);
        for (long next = Math.max(second + 1, now - SECONDS + 1); next <= now; next++) {
            for (long[] ofCause : counts) {
                ofCause[(int) (next % SECONDS)] = 0;
            }
        }
        second = Math.max(second, now);
    }
}
