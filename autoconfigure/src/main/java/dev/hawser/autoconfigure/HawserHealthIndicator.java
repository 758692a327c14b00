package dev.hawser.autoconfigure;

import dev.hawser.websocket.Connection;
import dev.hawser.websocket.connection.ConnectionGroup;
import java.util.Map;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.util.unit.DataSize;

/**
 * Whether connections are well: up, with figures, unless a threshold is set and passed. Out of service, if more waits for peers than may:
 * then new connections are better made elsewhere, and those that are here stay. A warning, if more handshakes are refused than may be:
 * anybody can have handshakes refused, and must not be able to take this node out of service.
 */
final class HawserHealthIndicator implements HealthIndicator {

    /** Not in Boot's order of statuses: what it is a part of stays up, unless the application says otherwise. */
    private static final Status WARNING = new Status("WARNING", "Many handshakes are refused");

    private static final Status FULL = new Status(Status.OUT_OF_SERVICE.getCode(), "Too much waits for slow peers");

    private final ConnectionGroup group;
    private final RecentRefusals refusals;
    private final HealthProperties properties;

    HawserHealthIndicator(ConnectionGroup group, RecentRefusals refusals, HealthProperties properties) {
        this.group = group;
        this.refusals = refusals;
        this.properties = properties;
    }

    @Override
    public Health health() {
        int connections = 0;
        long buffered = 0;
        long most = 0;
        for (Connection connection : group.connections()) {
            long waiting = connection.bufferedAmount();
            connections++;
            buffered += waiting;
            most = Math.max(most, waiting);
        }
        Map<String, Long> refused = refusals.lastMinute();
        return Health.status(status(buffered, refused))
                .withDetail("connections", connections)
                .withDetail("buffered", buffered)
                .withDetail("mostBuffered", most)
                .withDetail("refused", refused)
                .build();
    }

    private Status status(long buffered, Map<String, Long> refused) {
        DataSize maxBuffered = properties.maxBuffered();
        if (maxBuffered != null && buffered > maxBuffered.toBytes()) {
            return FULL;
        }
        Integer maxRefused = properties.maxRefusedPerMinute();
        long all = refused.values().stream().mapToLong(Long::longValue).sum();
        return maxRefused != null && all > maxRefused ? WARNING : Status.UP;
    }
}
