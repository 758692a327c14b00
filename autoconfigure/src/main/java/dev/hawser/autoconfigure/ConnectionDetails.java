package dev.hawser.autoconfigure;

import dev.hawser.websocket.Connection;
import dev.hawser.websocket.ConnectionStatistics;
import dev.hawser.websocket.WebSocket;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One connection, as the endpoint shows it: what a {@link ConnectionDescriptor} has, and more.
 *
 * @param url without its query and other parameters
 * @param version of the protocol; null for event streams
 * @param protocol the subprotocol agreed on; empty if none, null for event streams
 * @param extensions those agreed on; null for event streams
 * @param paused whether reading is paused; null for event streams
 * @param messagesReceived as {@link ConnectionStatistics}, like what follows
 * @param topics the names of the topics that it has joined
 */
record ConnectionDetails(
        String id,
        String kind,
        String endpoint,
        String url,
        String state,
        @Nullable String principal,
        String remoteAddress,
        @Nullable String version,
        @Nullable String protocol,
        @Nullable List<String> extensions,
        @Nullable Boolean paused,
        Duration age,
        Duration idle,
        @Nullable Duration roundTrip,
        long messagesReceived,
        long bytesReceived,
        long messagesSent,
        long bytesSent,
        long buffered,
        boolean slow,
        List<String> topics) {

    static ConnectionDetails of(Connection connection, boolean client, List<String> topics) {
        ConnectionStatistics statistics = connection.statistics();
        ConnectionDescriptor known = ConnectionDescriptor.of(connection, statistics, client);
        WebSocket socket = connection instanceof WebSocket itself ? itself : null;
        return new ConnectionDetails(
                known.id(),
                known.kind(),
                known.endpoint(),
                ConnectionDescriptor.url(connection),
                known.state(),
                known.principal(),
                known.remoteAddress(),
                socket == null ? null : socket.version(),
                socket == null ? null : socket.protocol(),
                socket == null
                        ? null
                        : socket.extensions().stream().map(Object::toString).toList(),
                socket == null ? null : socket.isPaused(),
                known.age(),
                known.idle(),
                statistics.roundTrip(),
                statistics.messagesReceived(),
                statistics.bytesReceived(),
                statistics.messagesSent(),
                statistics.bytesSent(),
                known.buffered(),
                known.slow(),
                topics);
    }
}
