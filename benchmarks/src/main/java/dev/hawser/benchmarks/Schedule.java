package dev.hawser.benchmarks;

/**
 * When each message is due.
 *
 * @param start The first, as {@link System#nanoTime}, which on Linux is the same in all processes.
 * @param perSecond Messages a second.
 * @param burst How many of them at once.
 */
record Schedule(long start, int perSecond, int burst) {

    private static final long SECOND = 1_000_000_000L;

    /** Nanoseconds from one burst to the next. */
    long period() {
        return SECOND * burst / perSecond;
    }

    /** When a message is due, as {@link System#nanoTime}. */
    long due(long message) {
        return start + message / burst * period();
    }

    /** How many messages are due in so many seconds, in whole bursts, of which there is at least one. */
    int messages(int seconds) {
        return Math.toIntExact(Math.max(1, seconds * SECOND / period()) * burst);
    }
}
