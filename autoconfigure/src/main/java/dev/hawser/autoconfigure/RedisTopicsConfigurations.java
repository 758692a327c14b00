package dev.hawser.autoconfigure;

import dev.hawser.topic.TopicStore;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** The store of topics in Redis, and what tells of it; imported one by one, so that the store is there before the others ask for it. */
final class RedisTopicsConfigurations {

    private static final String ENABLED = "hawser.topics.redis.enabled";

    private RedisTopicsConfigurations() {}

    @Configuration(proxyBeanMethods = false)
    static final class OfStore {

        @Bean
        @ConditionalOnMissingBean(TopicStore.class)
        RedisTopicStore hawserRedisTopicStore(
                RedisConnectionFactory factory, RedisTopicsProperties properties, Environment environment) {
            Check.that(
                    environment.getProperty(ENABLED, Boolean.class, false),
                    ENABLED,
                    false,
                    "must be true in an application that was processed ahead of time with it",
                    "true");
            Check.that(
                    !environment.containsProperty("spring.data.redis.masterreplica.nodes")
                            && !environment.containsProperty("spring.data.redis.masterreplica.nodes[0]"),
                    ENABLED,
                    true,
                    "must be false with spring.data.redis.masterreplica, which topics do not know",
                    "false");
            if (factory instanceof LettuceConnectionFactory lettuce) {
                return new RedisTopicStore(lettuce, properties);
            }
            throw new InvalidPropertyException(
                    ENABLED, "true", "must be false where Redis is not reached with Lettuce", "false");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HealthIndicator.class)
    @ConditionalOnEnabledHealthIndicator("hawser-topics")
    @ConditionalOnBean(RedisTopicStore.class)
    @EnableConfigurationProperties(HealthProperties.class)
    static final class OfHealth {

        @Bean
        @ConditionalOnMissingBean(name = "hawserTopicsHealthIndicator")
        RedisTopicsHealthIndicator hawserTopicsHealthIndicator(RedisTopicStore store, HealthProperties properties) {
            return new RedisTopicsHealthIndicator(store, properties.maxLag());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterRegistry.class)
    @ConditionalOnBean({MeterRegistry.class, RedisTopicStore.class})
    static final class OfMeters {

        @Bean
        @ConditionalOnMissingBean
        RedisTopicsMeters hawserRedisTopicsMeters(RedisTopicStore store, MeterRegistry registry) {
            return new RedisTopicsMeters(store, registry);
        }
    }
}
