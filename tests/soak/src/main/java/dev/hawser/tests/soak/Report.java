package dev.hawser.tests.soak;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What the visitors have seen in a round. Thread-safe. */
final class Report {

    /** More of the same tell no more. */
    private static final int MOST_PROBLEMS = 50;

    private final Map<String, LongAdder> counts = new ConcurrentSkipListMap<>();
    private final ConcurrentLinkedQueue<String> problems = new ConcurrentLinkedQueue<>();
    private final AtomicLong problemCount = new AtomicLong();
    private final Map<Integer, Integer> mostOpen = new ConcurrentSkipListMap<>();
    private final LongAdder echoNanos = new LongAdder();
    private final LongAdder echoes = new LongAdder();
    private final AtomicLong slowestNanos = new AtomicLong();

    void count(String what) {
        count(what, 1);
    }

    void count(String what, long times) {
        counts.computeIfAbsent(what, first -> new LongAdder()).add(times);
    }

    /** Something that must not be. */
    void problem(Plan plan, String what) {
        if (problemCount.incrementAndGet() <= MOST_PROBLEMS) {
            problems.add(plan + ": " + what);
        }
    }

    /** An echo of a connection that behaves. */
    void echoed(long nanos) {
        echoNanos.add(nanos);
        echoes.increment();
        slowestNanos.accumulateAndGet(nanos, Math::max);
    }

    /** So many are open in a loop. */
    void open(int loop, int count) {
        mostOpen.merge(loop, count, Math::max);
    }

    /** The most that were open at once, about. */
    int mostOpen() {
        return mostOpen.values().stream().mapToInt(Integer::intValue).sum();
    }

    List<String> problems() {
        return List.copyOf(problems);
    }

    long problemCount() {
        return problemCount.get();
    }

    Map<String, Long> counts() {
        Map<String, Long> sums = new TreeMap<>();
        counts.forEach((what, sum) -> sums.put(what, sum.sum()));
        return sums;
    }

    long echoes() {
        return echoes.sum();
    }

    double meanEchoMillis() {
        return echoNanos.sum() / 1e6 / Math.max(1, echoes.sum());
    }

    double slowestEchoMillis() {
        return slowestNanos.get() / 1e6;
    }
}
