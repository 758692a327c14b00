package dev.hawser.topic;

import dev.hawser.eventsource.EncodedEvent;
import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.WebSocket;
import java.security.Principal;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** An EventSource in topics: its ids tell of all of them, in the order in which their events leave. */
record EventPeer(EventSource events, Positions positions, ReentrantLock lock) implements Peer {

    EventPeer(EventSource events) {
        this(events, new Positions(events.lastEventId()), new ReentrantLock());
    }

    @Override
    public boolean takesMore() {
        return events.send(List.of());
    }

    @Override
    public boolean send(Batch batch, Membership membership) {
        Positions.Tag tag = membership.tag();
        lock.lock();
        try {
            if (membership.hasLeft()) {
                return false; // its position is forgotten already
            }
            if (!batch.hasIds()) {
                return events.send(batch.events(tag));
            }
            if (positions.isOnly(tag)) {
                batch.messages().forEach(message -> put(tag, message.id()));
                return events.send(batch.events(tag));
            }
            return events.send(batch.messages().stream()
                    .map(message -> encoded(message, tag))
                    .toList());
        } finally {
            lock.unlock();
        }
    }

    private EncodedEvent encoded(TopicMessage message, Positions.Tag tag) {
        put(tag, message.id());
        return message.id() == null ? message.event() : message.event().withId(positions.toString());
    }

    private void put(Positions.Tag tag, @Nullable TopicId id) {
        if (id != null) {
            positions.put(tag, id);
        }
    }

    @Override
    public void position(TopicId id, Membership membership, boolean tell) {
        lock.lock();
        try {
            if (membership.hasLeft()) {
                return;
            }
            positions.put(membership.tag(), id);
            if (tell) {
                events.send(List.of(EncodedEvent.position(positions.toString())));
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void left(Positions.Tag tag) {
        lock.lock();
        try {
            positions.remove(tag);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close(String reason, CloseCause cause) {
        events.close(cause);
    }

    @Override
    public void listen(Runnable onDrain, Runnable onClose) {
        events.onDrain(onDrain);
        events.onClose(onClose);
    }

    @Override
    public String endpoint() {
        return events.endpoint();
    }

    @Override
    public @Nullable Principal principal() {
        return events.principal();
    }

    @Override
    public Optional<WebSocket> webSocket() {
        return Optional.empty();
    }

    @Override
    public Optional<EventSource> eventSource() {
        return Optional.of(events);
    }
}
