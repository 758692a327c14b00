package dev.hawser.autoconfigure;

import io.lettuce.core.AbstractRedisClient;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Import;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/** Auto-configuration for topics that many nodes share, over the Redis of the application. */
@AutoConfiguration(
        before = HawserTopicsAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
        })
@ConditionalOnClass({RedisConnectionFactory.class, AbstractRedisClient.class})
@ConditionalOnBooleanProperty("hawser.topics.redis.enabled")
@ConditionalOnBean(RedisConnectionFactory.class)
@EnableConfigurationProperties(RedisTopicsProperties.class)
@Import({
    RedisTopicsConfigurations.OfStore.class,
    RedisTopicsConfigurations.OfHealth.class,
    RedisTopicsConfigurations.OfMeters.class
})
public final class HawserRedisTopicsAutoConfiguration {}
