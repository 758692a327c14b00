package dev.hawser.autoconfigure;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Properties of topics that many nodes share over Redis.
 *
 * @param enabled Whether topics go over Redis.
 * @param prefix What the keys in Redis start with; the same on all nodes, and with a hash tag.
 * @param timeout How long Redis may take to answer.
 * @param maxWaiting How much may wait for Redis before messages are refused.
 * @param remember How long a topic's numbering outlives its messages, and unread messages stay on their way to nodes.
 * @param busCount How many messages stay in Redis for nodes that are behind.
 * @param busBytes How much stays in Redis for nodes that are behind.
 */
@ConfigurationProperties("hawser.topics.redis")
record RedisTopicsProperties(
        @DefaultValue("false") boolean enabled,
        @DefaultValue("{hawser}:") String prefix,
        @DefaultValue("5s") Duration timeout,
        @DefaultValue("16MB") DataSize maxWaiting,
        @DefaultValue("1h") Duration remember,
        @DefaultValue("100000") int busCount,
        @DefaultValue("64MB") DataSize busBytes) {

    private static final String PREFIX = "hawser.topics.redis.";

    RedisTopicsProperties {
        // Redis takes what is between the first { and the next }.
        int tag = prefix.indexOf('{');
        Check.that(
                tag >= 0 && prefix.indexOf('}', tag) > tag + 1,
                PREFIX + "prefix",
                prefix,
                "must have a hash tag, so that all keys are in one slot of a cluster",
                "{hawser}:");
        Check.that(
                timeout.compareTo(Duration.ofMillis(100)) >= 0 && timeout.compareTo(Duration.ofHours(1)) <= 0,
                PREFIX + "timeout",
                timeout,
                "must be 100 milliseconds to an hour",
                "5s");
        Check.size(PREFIX + "max-waiting", maxWaiting, Long.MAX_VALUE);
        Check.that(
                remember.compareTo(Duration.ofSeconds(1)) >= 0 && remember.compareTo(Duration.ofDays(365)) <= 0,
                PREFIX + "remember",
                remember,
                "must be 1 second to 365 days",
                "1h");
        // More than one batch, or nobody would hear of some of it.
        Check.range(PREFIX + "bus-count", busCount, 1000, Integer.MAX_VALUE);
        Check.that(
                busBytes.compareTo(DataSize.ofMegabytes(1)) >= 0,
                PREFIX + "bus-bytes",
                busBytes,
                "must be 1MB or more",
                "64MB");
    }
}
