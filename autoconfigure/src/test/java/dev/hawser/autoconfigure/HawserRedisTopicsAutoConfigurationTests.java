package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.topic.MemoryTopicStore;
import dev.hawser.topic.TopicStore;
import io.lettuce.core.AbstractRedisClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** What is there with Redis and without. No test here needs one: tests/redis has those that do. */
class HawserRedisTopicsAutoConfigurationTests {

    private static final String ENABLED = "hawser.topics.redis.enabled=true";

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    HawserAutoConfiguration.class,
                    HawserMetricsAutoConfiguration.class,
                    HawserRedisTopicsAutoConfiguration.class,
                    HawserTopicsAutoConfiguration.class));

    private final WebApplicationContextRunner withRedis = runner.withUserConfiguration(WithRedis.class);

    @Configuration(proxyBeanMethods = false)
    static class WithRedis {

        /** Nobody listens there. */
        @Bean
        LettuceConnectionFactory redis() {
            return new LettuceConnectionFactory("127.0.0.1", 1);
        }

        @Bean
        MeterRegistry registry() {
            return new SimpleMeterRegistry();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnStore {

        @Bean
        TopicStore own() {
            return new MemoryTopicStore(1);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnHealth {

        @Bean
        HealthIndicator hawserTopicsHealthIndicator() {
            return () -> null;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class NotLettuce {

        @Bean
        RedisConnectionFactory redis() {
            return (RedisConnectionFactory) Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {RedisConnectionFactory.class},
                    (proxy, method, values) -> null);
        }
    }

    @Test
    void topicsGoOverRedisIfAPropertySaysSo() {
        withRedis.withPropertyValues(ENABLED).run(context -> {
            assertThat(context).hasSingleBean(TopicStore.class).hasSingleBean(RedisTopicStore.class);
            assertThat(context.getBean(HealthIndicator.class).health().getStatus())
                    .isEqualTo(Status.DOWN);
            assertThat(context.getBean(MeterRegistry.class)
                            .get("hawser.topics.redis.reachable")
                            .gauge()
                            .value())
                    .isZero();
        });
    }

    @Test
    void otherwiseTheyStayInMemory() {
        withRedis.run(context -> assertThat(context.getBean(TopicStore.class)).isInstanceOf(MemoryTopicStore.class));
    }

    @Test
    void withoutAConnectionToRedisThePropertyStopsTheApplication() {
        runner.withPropertyValues(ENABLED).run(context -> assertThat(context.getStartupFailure())
                .rootCause()
                .hasMessageContaining("where there is no Redis"));
    }

    @Test
    void withoutSpringDataRedisNothingOfItIsLoaded() {
        for (Class<?> missing : new Class<?>[] {RedisConnectionFactory.class, AbstractRedisClient.class}) {
            runner.withClassLoader(new FilteredClassLoader(
                            missing.getPackageName().startsWith("io.lettuce")
                                    ? "io.lettuce"
                                    : "org.springframework.data"))
                    .withPropertyValues(ENABLED)
                    .withBean(TopicStore.class, () -> new MemoryTopicStore(1))
                    .run(context -> assertThat(context)
                            .hasNotFailed()
                            .hasSingleBean(TopicStore.class)
                            .doesNotHaveBean(HawserRedisTopicsAutoConfiguration.class));
        }
    }

    @Test
    void withoutSpringsHealthThereIsNoIndicator() {
        withRedis
                .withClassLoader(new FilteredClassLoader(HealthIndicator.class))
                .withPropertyValues(ENABLED)
                .run(context -> assertThat(context)
                        .hasSingleBean(RedisTopicStore.class)
                        .doesNotHaveBean(RedisTopicsHealthIndicator.class));
    }

    @Test
    void anIndicatorCanBeSwitchedOff() {
        withRedis
                .withPropertyValues(ENABLED, "management.health.hawser-topics.enabled=false")
                .run(context -> assertThat(context)
                        .hasSingleBean(RedisTopicStore.class)
                        .doesNotHaveBean(RedisTopicsHealthIndicator.class));
    }

    @Test
    void theApplicationsBeansWin() {
        withRedis
                .withUserConfiguration(OwnStore.class)
                .withPropertyValues(ENABLED)
                .run(context -> assertThat(context)
                        .hasSingleBean(TopicStore.class)
                        .doesNotHaveBean(RedisTopicsHealthIndicator.class)
                        .doesNotHaveBean(RedisTopicsMeters.class));
        withRedis
                .withUserConfiguration(OwnHealth.class)
                .withPropertyValues(ENABLED)
                .run(context -> assertThat(context)
                        .hasSingleBean(HealthIndicator.class)
                        .doesNotHaveBean(RedisTopicsHealthIndicator.class));
    }

    @Test
    void otherClientsOfRedisAreRefused() {
        runner.withUserConfiguration(NotLettuce.class)
                .withPropertyValues(ENABLED)
                .run(
                        context -> assertThat(context)
                                .getFailure()
                                .rootCause()
                                .hasMessage(
                                        "The property 'hawser.topics.redis.enabled' must be false where Redis is not reached with Lettuce, but is \"true\""));
    }

    @ParameterizedTest
    @CsvSource({
        "prefix, hawser:",
        "prefix, '{}hawser:'",
        "timeout, 99ms",
        "timeout, 2h",
        "max-waiting, 0B",
        "remember, 0",
        "remember, 366d",
        "bus-count, 999",
        "bus-bytes, 1KB"
    })
    void aWrongValueIsRefusedByName(String property, String value) {
        withRedis
                .withPropertyValues(ENABLED, "hawser.topics.redis." + property + "=" + value)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(InvalidPropertyException.class)
                        .hasMessageContaining("hawser.topics.redis." + property));
    }
}
