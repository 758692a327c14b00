package dev.hawser.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Whether topics reach Redis: down if messages can be appended no more, or are told of no more. */
final class RedisTopicsHealthIndicator implements HealthIndicator {

    private final RedisTopicStore store;

    RedisTopicsHealthIndicator(RedisTopicStore store) {
        this.store = store;
    }

    @Override
    public Health health() {
        @Nullable Throwable sending = store.sender().failure();
        @Nullable Throwable reading = store.reader().failure();
        Health.Builder health = store.isReachable() ? Health.up() : Health.down();
        if (sending != null) {
            health.withDetail("sender", RedisLink.reason(sending));
        }
        if (reading != null) {
            health.withDetail("reader", RedisLink.reason(reading));
        }
        return health.withDetail("waiting", store.sender().waiting())
                .withDetail("waitingBytes", store.sender().waitingBytes())
                .withDetail("lag", store.lag())
                .build();
    }
}
