package dev.hawser.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Whether topics reach Redis: down if messages can be appended no more, or are told of no more; out of service if this node has not heard
 * of more than it may.
 */
final class RedisTopicsHealthIndicator implements HealthIndicator {

    private final RedisTopicStore store;

    private final @Nullable Integer maxLag;

    /** @param maxLag how many messages it may not have heard of; null for any number */
    RedisTopicsHealthIndicator(RedisTopicStore store, @Nullable Integer maxLag) {
        this.store = store;
        this.maxLag = maxLag;
    }

    @Override
    public Health health() {
        @Nullable Throwable sending = store.sender().failure();
        @Nullable Throwable reading = store.reader().failure();
        long lag = store.lag();
        Health.Builder health = Health.status(status(store.isReachable(), lag, maxLag));
        if (sending != null) {
            health.withDetail("sender", RedisLink.reason(sending));
        }
        if (reading != null) {
            health.withDetail("reader", RedisLink.reason(reading));
        }
        return health.withDetail("waiting", store.sender().waiting())
                .withDetail("waitingBytes", store.sender().waitingBytes())
                .withDetail("lag", lag)
                .build();
    }

    static Status status(boolean reachable, long lag, @Nullable Integer maxLag) {
        if (!reachable) {
            return Status.DOWN;
        }
        return maxLag != null && lag > maxLag ? Status.OUT_OF_SERVICE : Status.UP;
    }
}
