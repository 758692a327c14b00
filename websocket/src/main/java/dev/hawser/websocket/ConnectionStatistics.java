package dev.hawser.websocket;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What has gone over a connection.
 *
 * @param age how long it has been open, or was; zero before it is
 * @param idle how long it is since something came, or was taken by a peer that had been slow; for an event stream, since
 *     something was sent; of a connection that has ended, how long it was then
 * @param messagesReceived messages, without pings and the like; 0 for event streams
 * @param bytesReceived their payload
 * @param messagesSent messages or events that were sent, waiting ones included
 * @param bytesSent their payload; for events, what they are on the wire
 * @param buffered how many bytes wait for the peer
 * @param isSlow whether so much waits that senders are asked to wait
 * @param roundTrip of the last ping of the keep-alive; null if none was answered yet
 */
public record ConnectionStatistics(
        Duration age,
        Duration idle,
        long messagesReceived,
        long bytesReceived,
        long messagesSent,
        long bytesSent,
        long buffered,
        boolean isSlow,
        @Nullable Duration roundTrip) {}
