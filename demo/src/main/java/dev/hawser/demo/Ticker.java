package dev.hawser.demo;

import dev.hawser.eventsource.EventSource;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Ticks once a second, the same tick for everybody. The first id is that of the second since 1970, so that they go on increasing
 * when the server is started again. The lock makes joining and ticking one after the other: nobody misses a tick or gets it twice.
 */
@Component
class Ticker {

    private static final int HISTORY = 100;

    private final ReentrantLock lock = new ReentrantLock();
    private final Clock clock = Clock.systemUTC();
    private final Set<EventSource> listeners = new LinkedHashSet<>();
    private final Deque<Long> history = new ArrayDeque<>();

    @Scheduled(fixedRate = 1000)
    void tick() {
        locked(() -> {
            long id = history.isEmpty() ? clock.instant().getEpochSecond() : history.getLast() + 1;
            history.addLast(id);
            if (history.size() > HISTORY) {
                history.removeFirst();
            }
            listeners.forEach(listener -> send(listener, id));
        });
    }

    void join(EventSource events) {
        locked(() -> {
            after(events.lastEventId(), id -> send(events, id));
            listeners.add(events);
        });
        events.onClose(() -> locked(() -> listeners.remove(events)));
    }

    /** Gives the ticks after {@code lastEventId}, as far as they are remembered; none if that is no tick's id. */
    private void after(String lastEventId, LongConsumer missed) {
        if (lastEventId.matches("\\d{1,18}")) {
            long last = Long.parseLong(lastEventId);
            history.stream().filter(id -> id > last).forEach(missed::accept);
        }
    }

    private static void send(EventSource events, long id) {
        events.send("Tick " + id, "tick", Long.toString(id));
    }

    private void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }
}
