package dev.hawser.demo;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.ValueAtPercentile;
import io.micrometer.core.instrument.search.Search;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What Hawser's meters say at one moment, over all endpoints. Counters count since the start.
 *
 * @param nanos when, as {@link System#nanoTime()}
 * @param webSockets how many are open
 * @param eventSources how many are open
 * @param received messages of WebSockets
 * @param sent messages of WebSockets
 * @param events of event streams
 * @param closes by close code; {@code stream} for event streams, which have none
 * @param pings milliseconds from ping to pong by percentile such as {@code 0.95}, that of the slowest endpoint; empty where
 *     there was none
 * @param slow connections that wait for a peer that reads too slowly; null where nothing measures it
 * @param buffered bytes that wait for peers; null where nothing measures it
 * @param overflowed connections closed since their peer read too slowly
 * @param dropped messages of topics that were not sent for that
 */
record Totals(
        long nanos,
        long webSockets,
        long eventSources,
        double received,
        double sent,
        double events,
        Map<String, Long> closes,
        Map<String, Double> pings,
        @Nullable Long slow,
        @Nullable Long buffered,
        double overflowed,
        double dropped) {

    static final String STREAM = "stream";

    private static final String WEB_SOCKET = "hawser.websocket";
    private static final String EVENT_SOURCE = "hawser.eventsource";

    static Totals read(MeterRegistry meters, long nanos) {
        return new Totals(
                nanos,
                value(meters, ".connections.active", WEB_SOCKET),
                value(meters, ".connections.active", EVENT_SOURCE),
                count(meters.find(WEB_SOCKET + ".messages").tag("direction", "inbound")),
                count(meters.find(WEB_SOCKET + ".messages").tag("direction", "outbound")),
                count(meters.find(EVENT_SOURCE + ".events")),
                closes(meters),
                pings(meters),
                gauge(meters, ".connections.slow", WEB_SOCKET, EVENT_SOURCE),
                gauge(meters, ".buffered", WEB_SOCKET, EVENT_SOURCE),
                count(meters.find(WEB_SOCKET + ".errors").tag("kind", "overflow"))
                        + count(meters.find(EVENT_SOURCE + ".errors").tag("kind", "overflow"))
                        + count(meters.find("hawser.topics.closed")),
                count(meters.find("hawser.topics.dropped")));
    }

    private static double count(Search counters) {
        return counters.counters().stream().mapToDouble(Counter::count).sum();
    }

    private static long value(MeterRegistry meters, String name, String prefix) {
        Long value = gauge(meters, name, prefix);
        return value == null ? 0 : value;
    }

    /** The sum of gauges of this name; null if there are none. */
    private static @Nullable Long gauge(MeterRegistry meters, String name, String... prefixes) {
        Long sum = null;
        for (String prefix : prefixes) {
            for (Gauge gauge : meters.find(prefix + name).gauges()) {
                sum = (sum == null ? 0 : sum) + (long) gauge.value(); // NaN, of what is gone, is 0
            }
        }
        return sum;
    }

    private static Map<String, Long> closes(MeterRegistry meters) {
        Map<String, Long> closes = new TreeMap<>();
        for (Counter counter :
                meters.find(WEB_SOCKET + ".connections.closed").tagKeys("code").counters()) {
            String code = counter.getId().getTag("code");
            if (code != null && counter.count() > 0) { // those of usual ends are there before
                closes.merge(code, (long) counter.count(), Long::sum);
            }
        }
        long streams = (long) count(meters.find(EVENT_SOURCE + ".connections.closed"));
        if (streams > 0) {
            closes.put(STREAM, streams);
        }
        return closes;
    }

    /** Percentiles cannot be added up: that of the slowest endpoint is the one to look at. */
    private static Map<String, Double> pings(MeterRegistry meters) {
        Map<String, Double> pings = new TreeMap<>();
        for (Timer timer : meters.find(WEB_SOCKET + ".ping.duration").timers()) {
            for (ValueAtPercentile at : timer.takeSnapshot().percentileValues()) {
                double milliseconds = at.value(TimeUnit.MILLISECONDS);
                if (milliseconds > 0) { // none lately
                    pings.merge(Double.toString(at.percentile()), milliseconds, Math::max);
                }
            }
        }
        return pings;
    }
}
