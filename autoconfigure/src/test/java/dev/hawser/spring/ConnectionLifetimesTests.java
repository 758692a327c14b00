package dev.hawser.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSourceObserver;
import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.connection.EventSourceConnection;
import jakarta.servlet.http.HttpSession;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpSession;

/** When connections end, with sessions and a clock that do what a test wants. */
class ConnectionLifetimesTests {

    private final ConnectionGroup group = ConnectionGroup.create();
    private final SetClock clock = new SetClock();
    private final ConnectionLifetimes lifetimes = new ConnectionLifetimes(group, clock);

    /** A clock that is set by hand. */
    private static final class SetClock implements InstantSource {

        final AtomicInteger looks = new AtomicInteger();
        volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

        @Override
        public Instant instant() {
            looks.incrementAndGet();
            return now;
        }
    }

    @AfterEach
    void close() {
        group.close();
    }

    private EventSourceConnection stream() {
        return new EventSourceConnection(
                new EventSourceConnection.Client("http://localhost/news", "/news", "", null, "127.0.0.1", 0, 0),
                new EventSourceOptions(Duration.ofSeconds(1), Duration.ZERO, 1000, Map.of()),
                EventSourceObserver.NONE,
                group);
    }

    private void assertNothingIsKept() {
        await().untilAsserted(() -> assertThat(lifetimes.size()).isZero());
        assertThat(lifetimes.sessions()).isZero();
    }

    @Test
    void aConnectionThatHasEndedIsForgotten() {
        HttpSession session = new MockHttpSession();
        EventSourceConnection first = stream();
        EventSourceConnection second = stream();
        lifetimes.endWith(first, session);
        lifetimes.endWith(second, session);
        lifetimes.expireAt(second, clock.now.plusSeconds(3600));
        first.cut(CloseCause.APPLICATION);
        await().until(() -> lifetimes.size() == 1);
        assertThat(lifetimes.sessions()).isOne();
        second.cut(CloseCause.APPLICATION);
        assertNothingIsKept();
    }

    @Test
    void aConnectionThatHadEndedBeforeIsNotKept() {
        EventSourceConnection events = stream();
        events.cut(CloseCause.APPLICATION);
        lifetimes.endWith(events, new MockHttpSession());
        lifetimes.expireAt(events, Instant.MAX);
        assertNothingIsKept();
    }

    @Test
    void aSessionThatHasEndedBeforeEndsTheConnectionAtOnce() {
        MockHttpSession session = new MockHttpSession();
        session.invalidate();
        EventSourceConnection events = stream();
        lifetimes.endWith(events, session);
        assertThat(events.isOpen()).isFalse();
    }

    @Test
    void aSessionWhoseListenersHaveBeenCalledHasEnded() {
        MockHttpSession session = new MockHttpSession();
        lifetimes.sessionEnded(session);
        EventSourceConnection events = stream();
        lifetimes.endWith(events, session);
        assertThat(events.isOpen()).isFalse();
    }

    @Test
    void aSessionThatGetsAnotherIdMeanwhileIsFollowed() {
        AtomicInteger asked = new AtomicInteger();
        HttpSession session = new MockHttpSession() {
            @Override
            public String getId() {
                return asked.getAndIncrement() == 0 ? "old" : "new";
            }
        };
        EventSourceConnection events = stream();
        lifetimes.endWith(events, session);
        lifetimes.sessionEnded("old");
        assertThat(events.isOpen()).isTrue();
        lifetimes.sessionEnded("new");
        assertThat(events.isOpen()).isFalse();
    }

    @Test
    void aSessionThatGetsAnotherIdAndEndsMeanwhileEndsTheConnection() {
        AtomicInteger asked = new AtomicInteger();
        HttpSession session = new MockHttpSession() {
            @Override
            public String getId() {
                int before = asked.getAndIncrement();
                if (before == 1) {
                    lifetimes.sessionEnded(this);
                }
                return before == 0 ? "old" : "new";
            }
        };
        EventSourceConnection events = stream();
        lifetimes.endWith(events, session);
        assertThat(events.isOpen()).isFalse();
    }

    @Test
    void theLastSessionCounts() {
        MockHttpSession first = new MockHttpSession();
        MockHttpSession second = new MockHttpSession();
        EventSourceConnection events = stream();
        lifetimes.endWith(events, first);
        lifetimes.endWith(events, second);
        lifetimes.sessionEnded(first);
        assertThat(events.isOpen()).isTrue();
        lifetimes.sessionEnded(second);
        assertThat(events.isOpen()).isFalse();
    }

    @Test
    void oneSessionTakesTheIdOfAnother() {
        EventSourceConnection mine = stream();
        EventSourceConnection yours = stream();
        lifetimes.endWith(mine, new MockHttpSession(null, "a"));
        lifetimes.endWith(yours, new MockHttpSession(null, "b"));
        lifetimes.sessionIdChanged("a", "b");
        lifetimes.sessionEnded("b");
        assertThat(mine.isOpen()).isFalse();
        assertThat(yours.isOpen()).isFalse();
    }

    @Test
    void aConnectionEndsWhenTheClockSaysSo() {
        EventSourceConnection events = stream();
        lifetimes.expireAt(events, clock.now.plusMillis(1));
        int looks = clock.looks.get();
        await().until(() -> clock.looks.get() > looks + 3);
        assertThat(events.isOpen()).isTrue();
        clock.now = clock.now.plusMillis(1);
        await().until(() -> !events.isOpen());
    }

    @Test
    void theTimeCanBeMoved() {
        Instant soon = clock.now.plusMillis(1);
        EventSourceConnection later = stream();
        EventSourceConnection never = stream();
        EventSourceConnection sooner = stream();
        lifetimes.expireAt(later, soon);
        lifetimes.expireAt(later, soon.plusSeconds(60));
        lifetimes.expireAt(never, soon);
        lifetimes.expireAt(never, null);
        lifetimes.expireAt(sooner, soon.plusSeconds(60));
        lifetimes.expireAt(sooner, soon);
        clock.now = soon;
        await().until(() -> !sooner.isOpen());
        assertThat(later.isOpen()).isTrue();
        assertThat(never.isOpen()).isTrue();
        clock.now = soon.plusSeconds(60);
        lifetimes.expireAt(later, soon);
        await().until(() -> !later.isOpen());
        assertThat(never.isOpen()).isTrue();
    }

    @Test
    void noTimeIsTooFarAwayOrTooLongAgo() {
        EventSourceConnection events = stream();
        lifetimes.expireAt(events, Instant.MAX);
        assertThat(events.isOpen()).isTrue();
        lifetimes.expireAt(events, Instant.MIN);
        await().until(() -> !events.isOpen());
    }
}
