package dev.hawser.autoconfigure;

import dev.hawser.autoconfigure.ConnectionDescriptor.Kind;
import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.Connection;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.protocol.ReadyState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All connections of this application, the client's too, as somebody sees them who operates it. Nothing here holds more than one
 * connection's own lock, nor that for longer than it takes to copy its figures.
 */
final class OpenConnections {

    /** So many are told to close at once, and as many again after each tick: their clients may all come back. */
    private static final int BATCH = 100;

    private static final Duration TICK = Duration.ofMillis(50);

    private final @Nullable ConnectionGroup server;
    private final List<WebSocketClient> clients;

    OpenConnections(@Nullable ConnectionGroup server, List<WebSocketClient> clients) {
        this.server = server;
        this.clients = clients;
    }

    /** @param client whether this end has made it */
    private record Open(Connection connection, boolean client) {

        Kind kind() {
            return ConnectionDescriptor.kind(connection, client);
        }
    }

    /**
     * Which connections are meant; what is null does not matter.
     *
     * @param endpoint as it is shown
     * @param principal its name
     */
    record Filter(
            @Nullable String endpoint,
            @Nullable String principal,
            @Nullable Kind kind,
            @Nullable ReadyState state,
            @Nullable Boolean slow) {

        private boolean accepts(Open open) {
            Connection connection = open.connection();
            return (kind == null || kind == open.kind())
                    && (endpoint == null || endpoint.equals(ConnectionDescriptor.endpoint(connection)))
                    && (principal == null || principal.equals(ConnectionDescriptor.principal(connection)))
                    && (state == null || state == ConnectionDescriptor.state(connection))
                    && (slow == null || slow == connection.statistics().isSlow());
        }
    }

    private Stream<Open> all() {
        Stream<Open> served = server == null
                ? Stream.empty()
                : server.connections().stream().map(connection -> new Open(connection, false));
        return Stream.concat(
                served,
                clients.stream()
                        .flatMap(client -> client.connections().stream())
                        .map(connection -> new Open(connection, true)));
    }

    /** Those that are meant, as they are now. */
    Stream<ConnectionDescriptor> list(Filter filter) {
        return all().filter(filter::accepts)
                .map(open -> ConnectionDescriptor.of(
                        open.connection(), open.connection().statistics(), open.client()));
    }

    /** The connection that the log calls so, in detail. */
    Optional<ConnectionDetails> find(String id, Function<Connection, List<String>> topics) {
        return all().filter(open -> open.connection().id().equals(id))
                .findFirst()
                .map(open -> ConnectionDetails.of(open.connection(), open.client(), topics.apply(open.connection())));
    }

    /** Closes the connection that the log calls so; whether there is one. */
    boolean close(String id, int code, String reason) {
        Optional<Open> found =
                all().filter(open -> open.connection().id().equals(id)).findFirst();
        found.ifPresent(open -> close(open.connection(), code, reason));
        return found.isPresent();
    }

    /** Closes those that are meant, at most 2,000 a second; how many those are. */
    int close(Filter filter, int code, String reason) {
        List<Connection> leaving =
                all().filter(filter::accepts).map(Open::connection).toList();
        for (int first = 0; first < leaving.size(); first += BATCH) {
            List<Connection> next = leaving.subList(first, Math.min(first + BATCH, leaving.size()));
            Runnable close = () -> next.forEach(connection -> close(connection, code, reason));
            if (first == 0 || server == null) {
                close.run();
            } else {
                server.schedule(close, TICK.multipliedBy(first / BATCH));
            }
        }
        return leaving.size();
    }

    private static void close(Connection connection, int code, String reason) {
        if (connection instanceof WebSocket socket) {
            socket.close(code, reason, CloseCause.OPERATOR);
        } else if (connection instanceof EventSource events) {
            events.close(CloseCause.OPERATOR);
        }
    }
}
