package dev.hawser.autoconfigure;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.Connection;
import dev.hawser.websocket.ConnectionStatistics;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.protocol.ReadyState;
import java.security.Principal;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A connection in the list of the endpoint: as of one moment, so that a list of them can be sorted.
 *
 * @param id what the log calls it
 * @param kind {@code websocket}, {@code eventsource}, or {@code client} for a WebSocket that this application has opened
 * @param endpoint the path pattern; the path where there is none
 * @param state {@code connecting}, {@code open}, {@code closing} or {@code closed}
 * @param principal the name of who made the request; null if nobody was logged in
 * @param remoteAddress of the peer
 * @param age how long it has been open
 * @param idle how long it has been quiet
 * @param buffered how many bytes wait for the peer
 * @param slow whether so much waits that senders are asked to wait
 */
record ConnectionDescriptor(
        String id,
        String kind,
        String endpoint,
        String state,
        @Nullable String principal,
        String remoteAddress,
        Duration age,
        Duration idle,
        long buffered,
        boolean slow) {

    /** RFC 3986, section 3.3: such as {@code ;jsessionid=}. */
    private static final Pattern PATH_PARAMETERS = Pattern.compile(";[^/]*");

    /** In the order in which they were made. */
    static final Comparator<ConnectionDescriptor> BY_ID = Comparator.comparingInt(
                    (ConnectionDescriptor one) -> one.id().length())
            .thenComparing(ConnectionDescriptor::id);

    /** What connections can be sorted by. */
    enum Order {
        AGE(Comparator.comparing(ConnectionDescriptor::age).reversed()),
        IDLE(Comparator.comparing(ConnectionDescriptor::idle).reversed()),
        BUFFERED(Comparator.comparingLong(ConnectionDescriptor::buffered).reversed());

        private final Comparator<ConnectionDescriptor> comparator;

        Order(Comparator<ConnectionDescriptor> comparator) {
            this.comparator = comparator.thenComparing(BY_ID);
        }

        /** The greatest first. */
        Comparator<ConnectionDescriptor> comparator() {
            return comparator;
        }
    }

    static ConnectionDescriptor of(Connection connection, ConnectionStatistics statistics, boolean client) {
        return new ConnectionDescriptor(
                connection.id(),
                Paging.name(kind(connection, client)),
                endpoint(connection),
                Paging.name(state(connection)),
                principal(connection),
                connection.remoteAddress(),
                statistics.age().truncatedTo(ChronoUnit.MILLIS),
                statistics.idle().truncatedTo(ChronoUnit.MILLIS),
                statistics.buffered(),
                statistics.isSlow());
    }

    /** What kinds of connections there are. */
    enum Kind {
        WEBSOCKET,
        EVENTSOURCE,
        CLIENT
    }

    static Kind kind(Connection connection, boolean client) {
        if (connection instanceof EventSource) {
            return Kind.EVENTSOURCE;
        }
        return client ? Kind.CLIENT : Kind.WEBSOCKET;
    }

    static ReadyState state(Connection connection) {
        if (connection instanceof WebSocket socket) {
            return socket.state();
        }
        return connection instanceof EventSource events && events.isOpen() ? ReadyState.OPEN : ReadyState.CLOSING;
    }

    /** Where there is no pattern, the path may have parameters, which may be secret. */
    static String endpoint(Connection connection) {
        String endpoint = connection.endpoint();
        return endpoint.indexOf('{') < 0 ? withoutParameters(endpoint) : endpoint;
    }

    static @Nullable String principal(Connection connection) {
        Principal principal = connection.principal();
        return principal == null ? null : principal.getName();
    }

    /** The URL without what may be secret: its query, its fragment and the parameters of its path. */
    static String url(Connection connection) {
        return withoutParameters(connection.url().split("[?#]", 2)[0]);
    }

    private static String withoutParameters(String path) {
        return path.indexOf(';') < 0 ? path : PATH_PARAMETERS.matcher(path).replaceAll("");
    }
}
