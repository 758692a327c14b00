package dev.hawser.websocket.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.WebSocketObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When a peer is pinged and when it is dead, at times made up here. */
class KeepAliveTests {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final AtomicInteger measured = new AtomicInteger();
    private final KeepAlive keepAlive =
            new KeepAlive(Duration.ofSeconds(30), Duration.ofSeconds(20), new WebSocketObserver() {
                @Override
                public void pong(Duration roundTrip) {
                    measured.incrementAndGet();
                }
            });
    /** Times wrap around like those of System.nanoTime. */
    private final long start = Long.MAX_VALUE - 40 * SECOND;

    private long at(long seconds) {
        return start + seconds * SECOND;
    }

    @Test
    void aPeerIsPingedEachIntervalAndDeadWhenNothingArrivesInTime() {
        assertThat(keepAlive.start(start)).hasValue(Duration.ofSeconds(30));
        assertThat(keepAlive.tick(at(29))).isNull();
        assertThat(keepAlive.tick(at(30))).asString().isEqualTo("1");
        assertThat(keepAlive.next(at(30))).isEqualTo(Duration.ofSeconds(20));
        keepAlive.alive(at(49));
        assertThat(keepAlive.tick(at(50))).isNull();
        assertThat(keepAlive.isDead()).isFalse();
        assertThat(keepAlive.next(at(50))).isEqualTo(Duration.ofSeconds(10));
        assertThat(keepAlive.tick(at(60))).asString().isEqualTo("2");
        assertThat(keepAlive.tick(at(79))).isNull();
        assertThat(keepAlive.isDead()).isFalse();
        assertThat(keepAlive.tick(at(80))).isNull();
        assertThat(keepAlive.isDead()).isTrue();
    }

    @Test
    void whatArrivedBeforeThePingDoesNotAnswerIt() {
        keepAlive.start(start);
        keepAlive.alive(at(29));
        keepAlive.tick(at(30));
        keepAlive.tick(at(50));
        assertThat(keepAlive.isDead()).isTrue();
    }

    @Test
    void anIntervalOfZeroPingsNever() {
        assertThat(new KeepAlive(Duration.ZERO, Duration.ofSeconds(1), WebSocketObserver.NONE).start(start))
                .isEmpty();
    }

    @Test
    void aPeerThatTalksButNeverAnswersItsPingsMakesUsHoldLittle() {
        keepAlive.start(start);
        AtomicInteger answered = new AtomicInteger();
        keepAlive.await(new byte[] {'a'}, answered::incrementAndGet);
        byte[] last = {};
        for (int i = 1; i <= 10_000; i++) {
            keepAlive.alive(at(30L * i - 1));
            byte[] ping = keepAlive.tick(at(30L * i));
            assertThat(ping).isNotNull();
            last = ping == null ? last : ping;
            keepAlive.alive(at(30L * i));
        }
        List<Runnable> calls = keepAlive.answered(last);
        assertThat(calls).hasSizeBetween(2, 100);
        calls.forEach(Runnable::run);
        assertThat(answered).as("the application's ping is not forgotten").hasValue(1);
        assertThat(measured).hasValue(calls.size() - 1);
    }
}
