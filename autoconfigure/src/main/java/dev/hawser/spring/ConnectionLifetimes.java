package dev.hawser.spring;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.protocol.CloseCode;
import jakarta.servlet.http.HttpSession;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Ends connections together with what allowed them: a session, or a token. What controllers accept is followed by itself, as
 * {@code hawser.websocket.close-on-session-end} and its like say; a connection that has ended is forgotten. Thread-safe;
 * nothing here waits, and a session is neither made nor kept alive.
 *
 * <p>WebSockets are {@linkplain WebSocket#drop(int, String) dropped} with 1008 (RFC 6455, section 7.4.1): what was sent
 * before still goes out, and nothing that the peer says from then on is heard, which a closing handshake would allow. Event
 * streams are closed.
 */
public final class ConnectionLifetimes {

    /** The clock may be set, and a sleeping machine's timers stand still: so it is looked at again now and then. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    /** Says of a session that its listeners have been called: while they run, it still looks alive. */
    private static final String ENDED = ConnectionLifetimes.class.getName() + ".ended";

    private final ConnectionGroup group;
    private final InstantSource clock;
    /** Guards all that follows, and is not held while a connection is told anything. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Map<Object, Lifetime> lifetimes = new IdentityHashMap<>();
    private final Map<String, Set<Lifetime>> sessions = new HashMap<>();

    /** What a WebSocket and an event stream have in common. */
    private record Connection(Object itself, Consumer<String> end, Consumer<Runnable> onClose) {

        static Connection of(WebSocket socket) {
            return new Connection(
                    socket,
                    reason -> socket.drop(CloseCode.POLICY_VIOLATION, reason, CloseCause.AUTHENTICATION),
                    listener -> socket.onClose((code, reason) -> listener.run()));
        }

        static Connection of(EventSource events) {
            return new Connection(events, reason -> events.close(CloseCause.AUTHENTICATION), events::onClose);
        }
    }

    /** What one connection depends on. */
    private static final class Lifetime {

        private final Connection connection;
        private @Nullable String session;
        private @Nullable Instant expiry;
        private @Nullable Future<?> timer;

        Lifetime(Connection connection) {
            this.connection = connection;
        }
    }

    /**
     * Follows no connection yet.
     *
     * @param group whose timer is used
     * @param clock tells when a token has expired
     */
    public ConnectionLifetimes(ConnectionGroup group, InstantSource clock) {
        this.group = group;
        this.clock = clock;
    }

    /** Ends this connection when the session does, or at once if that has ended already. One session counts, the last. */
    public void endWith(WebSocket socket, HttpSession session) {
        endWith(Connection.of(socket), session);
    }

    /** Ends this stream with the session, as {@link #endWith(WebSocket, HttpSession)}. */
    public void endWith(EventSource events, HttpSession session) {
        endWith(Connection.of(events), session);
    }

    private void endWith(Connection connection, HttpSession session) {
        String first = session.getId();
        update(connection, lifetime -> {
            leave(lifetime);
            lifetime.session = first;
            sessions.computeIfAbsent(first, key -> new HashSet<>()).add(lifetime);
        });
        // It may have got another id, or ended, just before this, and nobody would tell us again. In this order: what
        // happens from here on is told us under an id that we have.
        String id = first;
        for (String next = session.getId(); !next.equals(id); next = session.getId()) {
            sessionIdChanged(id, next);
            id = next;
        }
        if (hasEnded(session)) {
            sessionEnded(id);
        }
    }

    private static boolean hasEnded(HttpSession session) {
        try {
            return session.getAttribute(ENDED) != null;
        } catch (IllegalStateException invalidated) {
            return true;
        }
    }

    /**
     * Ends this connection at {@code time}, with "Token expired", instead of at the time that was set before; for a client
     * that shows a new token without connecting anew.
     *
     * @param time null for never; at once if it has passed
     */
    public void expireAt(WebSocket socket, @Nullable Instant time) {
        expireAt(Connection.of(socket), time);
    }

    /** Ends this stream at {@code time}, as {@link #expireAt(WebSocket, Instant)}. */
    public void expireAt(EventSource events, @Nullable Instant time) {
        expireAt(Connection.of(events), time);
    }

    private void expireAt(Connection connection, @Nullable Instant time) {
        update(connection, lifetime -> {
            lifetime.expiry = time;
            schedule(lifetime);
        });
    }

    /** Ends the connections of a session that has ended, or whose user has logged out. Does nothing for other ids. */
    public void sessionEnded(String id) {
        Set<Lifetime> ended;
        lock.lock();
        try {
            ended = sessions.remove(id);
        } finally {
            lock.unlock();
        }
        if (ended != null) {
            ended.forEach(lifetime -> lifetime.connection.end().accept("Session ended"));
        }
    }

    /** As {@link #sessionEnded(String)}, for a listener that the container calls: the session is still there, but not for long. */
    public void sessionEnded(HttpSession session) {
        try {
            session.setAttribute(ENDED, true);
        } catch (IllegalStateException invalidated) {
            // Then everybody can see it.
        }
        sessionEnded(session.getId());
    }

    /** A session goes on under another id, such as after a login. */
    public void sessionIdChanged(String oldId, String newId) {
        lock.lock();
        try {
            Set<Lifetime> moved = sessions.remove(oldId);
            if (moved != null) {
                moved.forEach(lifetime -> lifetime.session = newId);
                sessions.computeIfAbsent(newId, key -> new HashSet<>()).addAll(moved);
            }
        } finally {
            lock.unlock();
        }
    }

    /** How many connections are followed. */
    public int size() {
        lock.lock();
        try {
            return lifetimes.size();
        } finally {
            lock.unlock();
        }
    }

    /** How many sessions have connections. */
    int sessions() {
        lock.lock();
        try {
            return sessions.size();
        } finally {
            lock.unlock();
        }
    }

    private void update(Connection connection, Consumer<Lifetime> change) {
        boolean isNew;
        lock.lock();
        try {
            isNew = !lifetimes.containsKey(connection.itself());
            change.accept(lifetimes.computeIfAbsent(connection.itself(), key -> new Lifetime(connection)));
        } finally {
            lock.unlock();
        }
        if (isNew) {
            connection.onClose().accept(() -> forget(connection)); // is called, too, if it has ended already
        }
    }

    private void forget(Connection connection) {
        lock.lock();
        try {
            Lifetime ended = lifetimes.remove(connection.itself());
            if (ended != null) {
                leave(ended);
                ended.expiry = null;
                schedule(ended);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock. */
    private void leave(Lifetime lifetime) {
        sessions.computeIfPresent(String.valueOf(lifetime.session), (id, members) -> {
            members.remove(lifetime);
            return members.isEmpty() ? null : members;
        });
        lifetime.session = null;
    }

    /** Under the lock. */
    private void schedule(Lifetime lifetime) {
        if (lifetime.timer != null) {
            lifetime.timer.cancel(false);
            lifetime.timer = null;
        }
        if (lifetime.expiry != null) {
            Duration left = Duration.between(clock.instant(), lifetime.expiry);
            Duration wait = left.compareTo(LONGEST_WAIT) < 0 ? left : LONGEST_WAIT;
            lifetime.timer = group.schedule(() -> expire(lifetime), wait.isNegative() ? Duration.ZERO : wait);
        }
    }

    private void expire(Lifetime lifetime) {
        lock.lock();
        try {
            if (lifetime.expiry == null) {
                return;
            }
            if (clock.instant().isBefore(lifetime.expiry)) {
                schedule(lifetime);
                return;
            }
        } finally {
            lock.unlock();
        }
        lifetime.connection.end().accept("Token expired");
    }
}
