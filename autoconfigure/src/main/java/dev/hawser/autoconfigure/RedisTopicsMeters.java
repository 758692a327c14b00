package dev.hawser.autoconfigure;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** The meters of topics in Redis. */
final class RedisTopicsMeters {

    static final String TOPICS = "hawser.topics.redis";

    RedisTopicsMeters(RedisTopicStore store, MeterRegistry registry) {
        Gauge.builder(TOPICS + ".waiting", store, from -> from.sender().waiting())
                .description("Messages that wait for Redis")
                .register(registry);
        Gauge.builder(TOPICS + ".waiting.bytes", store, from -> from.sender().waitingBytes())
                .description("What those take")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder(TOPICS + ".lag", store, RedisTopicStore::lag)
                .description("Messages in Redis that this node has not heard of")
                .register(registry);
        Gauge.builder(TOPICS + ".reachable", store, from -> from.isReachable() ? 1 : 0)
                .description("Whether Redis takes messages and tells of them")
                .register(registry);
    }
}
