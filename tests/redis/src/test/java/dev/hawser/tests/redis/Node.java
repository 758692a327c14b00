package dev.hawser.tests.redis;

import dev.hawser.autoconfigure.HawserRedisTopicsAutoConfiguration;
import dev.hawser.topic.TopicStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The store of a node, as the properties of its application make it. */
final class Node implements AutoCloseable {

    private final ConfigurableApplicationContext context;

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        DataRedisAutoConfiguration.class,
        HawserRedisTopicsAutoConfiguration.class,
        SslAutoConfiguration.class
    })
    static class Application {

        @Bean
        MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }
    }

    /** @param more properties and their values, over those here */
    Node(int port, String... more) {
        Map<String, Object> properties = new TreeMap<>(Map.of(
                "hawser.topics.redis.enabled", "true",
                "hawser.topics.redis.timeout", "2s",
                "spring.data.redis.host", "127.0.0.1",
                "spring.data.redis.port", Integer.toString(port)));
        for (int i = 0; i < more.length; i += 2) {
            properties.put(more[i], more[i + 1]);
        }
        context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .properties(properties)
                .run();
    }

    TopicStore store() {
        return context.getBean(TopicStore.class);
    }

    Health health() {
        return context.getBean("hawserTopicsHealthIndicator", HealthIndicator.class)
                .health();
    }

    double meter(String name) {
        return context.getBean(MeterRegistry.class)
                .get("hawser.topics.redis." + name)
                .gauge()
                .value();
    }

    @Override
    public void close() {
        context.close();
    }
}
