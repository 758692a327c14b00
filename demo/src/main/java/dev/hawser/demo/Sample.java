package dev.hawser.demo;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One moment of the live figures, as the page gets it.
 *
 * @param time milliseconds since 1970
 * @param webSockets how many are open
 * @param eventSources how many are open
 * @param received messages of WebSockets a second
 * @param sent messages of WebSockets a second
 * @param events a second
 * @param closed how many connections were closed since the sample before, by close code or {@link Totals#STREAM}
 * @param closes the same since the start
 * @param pings as {@link Totals#pings()}
 * @param slow as {@link Totals#slow()}
 * @param buffered as {@link Totals#buffered()}
 * @param overflowed how many connections were closed since the sample before because their peer read too slowly
 * @param dropped how many messages were dropped since then for that
 */
record Sample(
        long time,
        long webSockets,
        long eventSources,
        double received,
        double sent,
        double events,
        Map<String, Long> closed,
        Map<String, Long> closes,
        Map<String, Double> pings,
        @Nullable Long slow,
        @Nullable Long buffered,
        long overflowed,
        long dropped) {

    /** What happened between two readings of the meters. */
    static Sample between(Totals before, Totals now, long time) {
        double seconds = Math.max(1, now.nanos() - before.nanos()) / 1e9;
        Map<String, Long> closed = new TreeMap<>();
        now.closes().forEach((code, count) -> {
            long more = count - before.closes().getOrDefault(code, 0L);
            if (more > 0) {
                closed.put(code, more);
            }
        });
        return new Sample(
                time,
                now.webSockets(),
                now.eventSources(),
                rate(before.received(), now.received(), seconds),
                rate(before.sent(), now.sent(), seconds),
                rate(before.events(), now.events(), seconds),
                closed,
                now.closes(),
                now.pings(),
                now.slow(),
                now.buffered(),
                Math.round(now.overflowed() - before.overflowed()),
                Math.round(now.dropped() - before.dropped()));
    }

    private static double rate(double before, double now, double seconds) {
        return Math.round((now - before) / seconds * 10) / 10.0;
    }
}
