package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.spring.TopicCustomizer;
import dev.hawser.topic.History;
import dev.hawser.topic.MemoryTopicStore;
import dev.hawser.topic.SlowReceivers;
import dev.hawser.topic.TopicHub;
import dev.hawser.topic.TopicMessage;
import dev.hawser.topic.TopicOptions;
import dev.hawser.topic.TopicStore;
import dev.hawser.topic.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.web.servlet.DispatcherServlet;

class HawserTopicsAutoConfigurationTests {

    private static final AutoConfigurations OURS = AutoConfigurations.of(
            HawserAutoConfiguration.class, HawserMetricsAutoConfiguration.class, HawserTopicsAutoConfiguration.class);

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner().withConfiguration(OURS);

    /** Remembers what history messages are appended with. */
    private static final class Remembering implements TopicStore {

        private final List<String> appended = new ArrayList<>();
        private boolean closed;

        @Override
        public void open(Listener listener) {
            appended.add("opened");
        }

        @Override
        public boolean append(String topic, TopicMessage message, History history) {
            return appended.add(topic + " " + history.count());
        }

        @Override
        public CompletionStage<Page> read(String topic, dev.hawser.topic.@Nullable TopicId after, int count) {
            return new CompletableFuture<>();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Customized {

        @Bean
        Remembering store() {
            return new Remembering();
        }

        @Bean
        @Order(2)
        TopicCustomizer second() {
            return (name, options) -> name.equals("both")
                    ? options.withHistory(new History(options.history().count() + 1, 1, Duration.ofDays(1)))
                    : options;
        }

        @Bean
        @Order(1)
        TopicCustomizer first() {
            return (name, options) -> options.withHistory(new History(5, 1, Duration.ofDays(1)));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnTopics {

        @Bean
        TopicHub mine() {
            return new TopicHub(
                    new MemoryTopicStore(1),
                    name -> TopicOptions.DEFAULT,
                    1,
                    Runnable::run,
                    EndpointObservers.NONE.topics());
        }
    }

    @Test
    void theDefaultsAreThoseOfTheLibrary() {
        runner.run(context -> {
            assertThat(context).hasSingleBean(Topics.class).hasSingleBean(MemoryTopicStore.class);
            assertThat(context.getBean(TopicOptions.class)).isEqualTo(TopicOptions.DEFAULT);
        });
    }

    @Test
    void everyPropertyArrives() {
        runner.withPropertyValues(
                        "hawser.topics.history.count=7",
                        "hawser.topics.history.bytes=2KB",
                        "hawser.topics.history.age=3s",
                        "hawser.topics.history.memory=4KB",
                        "hawser.topics.slow-receivers=drop-oldest",
                        "hawser.topics.max-queued=5KB",
                        "hawser.topics.max-joined=6")
                .run(context -> {
                    assertThat(context.getBean(TopicOptions.class))
                            .isEqualTo(new TopicOptions(
                                    new History(7, 2048, Duration.ofSeconds(3)), SlowReceivers.DROP_OLDEST, 5120));
                    assertThat(context.getBean(TopicProperties.class))
                            .returns(6, TopicProperties::maxJoined)
                            .returns(
                                    4096L,
                                    properties -> properties.history().memory().toBytes());
                });
    }

    @ParameterizedTest
    @CsvSource({
        "hawser.topics.history.count, -1, must be 0 to",
        "hawser.topics.history.bytes, 0, must be 1 to",
        "hawser.topics.history.age, 0, must be longer than zero",
        "hawser.topics.history.memory, 0, must be 1 to",
        "hawser.topics.slow-receivers, wait, must be",
        "hawser.topics.max-queued, 0, must be 1 to",
        "hawser.topics.max-joined, 0, must be 1 to",
        "hawser.topics.redis.enabled, true, must be false where there is no Redis"
    })
    void aWrongValueIsNamedWithItsRuleAndAValueThatWouldDo(String property, String value, String rule) {
        new WrongValue(property, value).isNamedWithItsRuleAndAValueThatWouldDo(runner, rule);
    }

    @Test
    void anotherStoreAndCustomizersAreUsedInTheirOrder() {
        Remembering[] store = new Remembering[1];
        runner.withUserConfiguration(Customized.class).run(context -> {
            assertThat(context).doesNotHaveBean(MemoryTopicStore.class);
            store[0] = context.getBean(Remembering.class);
            Topics topics = context.getBean(Topics.class);
            assertThat(topics.topic("one").send("x")).isTrue();
            assertThat(topics.topic("both").send("x")).isTrue();
            assertThat(store[0].appended).containsExactly("opened", "one 5", "both 6");
            assertThat(store[0].closed).isFalse();
        });
        assertThat(store[0].closed).isTrue();
    }

    @Test
    void topicsOfYourOwnTakeTheirPlace() {
        runner.withUserConfiguration(OwnTopics.class)
                .run(context -> assertThat(context).hasSingleBean(Topics.class).hasBean("mine"));
    }

    @Test
    void withoutSpringMvcThereAreNone() {
        runner.withClassLoader(new FilteredClassLoader(DispatcherServlet.class))
                .run(context -> assertThat(context).doesNotHaveBean(Topics.class));
        new ApplicationContextRunner().withConfiguration(OURS).run(context -> assertThat(context)
                .doesNotHaveBean(Topics.class));
    }

    @Test
    void metersCount() {
        runner.withBean(SimpleMeterRegistry.class).run(context -> {
            Topics topics = context.getBean(Topics.class);
            topics.topic("a").send("x");
            MeterRegistry meters = context.getBean(MeterRegistry.class);
            assertThat(meters.get("hawser.topics.sent").counter().count()).isEqualTo(1);
            assertThat(meters.get("hawser.topics.active").gauge().value()).isZero();
            assertThat(meters.get("hawser.topics.members").gauge().value()).isZero();
        });
    }
}
