package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How figures come from meters. */
class SampleTests {

    private static final long START = System.nanoTime();

    private final MeterRegistry meters = new SimpleMeterRegistry();

    @AfterEach
    void close() {
        meters.close();
    }

    private Totals after(double seconds) {
        return Totals.read(meters, START + (long) (seconds * 1e9));
    }

    private void count(String name, double amount, String... tags) {
        meters.counter(name, tags).increment(amount);
    }

    private void gauge(String name, int value) {
        Gauge.builder(name, () -> value).register(meters);
    }

    @Test
    void ratesAreByTheSecondOverAllEndpointsAndTypes() {
        count("hawser.websocket.messages", 10, "uri", "/a", "direction", "inbound", "type", "text");
        Totals before = after(0);
        count("hawser.websocket.messages", 3, "uri", "/a", "direction", "inbound", "type", "text");
        count("hawser.websocket.messages", 4, "uri", "/b", "direction", "inbound", "type", "binary");
        count("hawser.websocket.messages", 50, "uri", "/b", "direction", "outbound", "type", "text");
        count("hawser.eventsource.events", 1, "uri", "/c");
        Sample sample = Sample.between(before, after(2), 1234);
        assertThat(sample.received()).isEqualTo(3.5);
        assertThat(sample.sent()).isEqualTo(25);
        assertThat(sample.events()).isEqualTo(0.5);
        assertThat(sample.time()).isEqualTo(1234);
    }

    @Test
    void closesAreByCodeWhateverElseIsKnownOfThem() {
        count("hawser.websocket.connections.closed", 2, "uri", "/a", "code", "1001", "cause", "peer");
        count("hawser.websocket.connections.closed", 0, "uri", "/a", "code", "1006", "cause", "network");
        Totals before = after(0);
        count("hawser.websocket.connections.closed", 1, "uri", "/a", "code", "1001", "cause", "shutdown");
        count("hawser.websocket.connections.closed", 3, "uri", "/b", "code", "1001", "cause", "peer");
        count("hawser.eventsource.connections.closed", 1, "uri", "/c", "cause", "peer");
        Sample sample = Sample.between(before, after(1), 0);
        assertThat(sample.closed()).containsExactly(entry("1001", 4L), entry("stream", 1L));
        assertThat(sample.closes()).containsExactly(entry("1001", 6L), entry("stream", 1L));
    }

    @Test
    void gaugesAreAddedUpOverBothKinds() {
        Sample none = Sample.between(after(0), after(1), 0);
        assertThat(none.slow()).isNull();
        assertThat(none.buffered()).isNull();
        assertThat(none.webSockets()).isZero();
        for (String kind : new String[] {"websocket", "eventsource"}) {
            gauge("hawser." + kind + ".connections.slow", 2);
            gauge("hawser." + kind + ".buffered", 1000);
            gauge("hawser." + kind + ".connections.active", 7);
        }
        Sample sample = Sample.between(after(0), after(1), 0);
        assertThat(sample.slow()).isEqualTo(4);
        assertThat(sample.buffered()).isEqualTo(2000);
        assertThat(sample.webSockets()).isEqualTo(7);
        assertThat(sample.eventSources()).isEqualTo(7);
    }

    @Test
    void slowConsumersAreThoseOfSocketsStreamsAndTopics() {
        count("hawser.websocket.errors", 1, "kind", "overflow", "uri", "/a");
        Totals before = after(0);
        count("hawser.websocket.errors", 1, "kind", "overflow", "uri", "/b");
        count("hawser.websocket.errors", 7, "kind", "listener", "uri", "/b");
        count("hawser.eventsource.errors", 2, "kind", "overflow", "uri", "/c");
        count("hawser.topics.closed", 4);
        count("hawser.topics.dropped", 100);
        Sample sample = Sample.between(before, after(1), 0);
        assertThat(sample.overflowed()).isEqualTo(7);
        assertThat(sample.dropped()).isEqualTo(100);
    }

    @Test
    void aPercentileIsThatOfTheSlowestEndpoint() {
        for (int milliseconds : new int[] {10, 400}) {
            Timer timer = Timer.builder("hawser.websocket.ping.duration")
                    .publishPercentiles(0.5, 0.99)
                    .distributionStatisticExpiry(Duration.ofHours(1))
                    .tag("uri", "/" + milliseconds)
                    .register(meters);
            timer.record(milliseconds, TimeUnit.MILLISECONDS);
        }
        Timer.builder("hawser.websocket.ping.duration")
                .publishPercentiles(0.5, 0.99)
                .tag("uri", "/never")
                .register(meters);
        Sample sample = Sample.between(after(0), after(1), 0);
        assertThat(sample.pings()).containsOnlyKeys("0.5", "0.99");
        assertThat(sample.pings().get("0.5")).isBetween(350.0, 450.0);
    }
}
