package dev.hawser.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * Properties of the health of connections and topics: without them nothing but a Redis that is away is ill.
 *
 * @param maxRefusedPerMinute How many handshakes may be refused in a minute before health is a warning.
 * @param maxBuffered How much may wait for the peers of all connections before this node is out of service.
 * @param maxLag How many messages in Redis this node may not have heard of before it is out of service.
 */
@ConfigurationProperties("hawser.health")
record HealthProperties(
        @Nullable Integer maxRefusedPerMinute,
        @Nullable DataSize maxBuffered,
        @Nullable Integer maxLag) {

    private static final String PREFIX = "hawser.health.";

    HealthProperties {
        if (maxRefusedPerMinute != null) {
            Check.range(PREFIX + "max-refused-per-minute", maxRefusedPerMinute, 0, Integer.MAX_VALUE);
        }
        if (maxBuffered != null) {
            Check.size(PREFIX + "max-buffered", maxBuffered, Long.MAX_VALUE);
        }
        if (maxLag != null) {
            Check.range(PREFIX + "max-lag", maxLag, 0, Integer.MAX_VALUE);
        }
    }
}
