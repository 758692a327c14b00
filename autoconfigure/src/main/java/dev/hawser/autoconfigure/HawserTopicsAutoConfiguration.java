package dev.hawser.autoconfigure;

import dev.hawser.spring.TopicCustomizer;
import dev.hawser.topic.MemoryTopicStore;
import dev.hawser.topic.TopicHub;
import dev.hawser.topic.TopicOptions;
import dev.hawser.topic.TopicStore;
import dev.hawser.topic.Topics;
import dev.hawser.websocket.connection.ConnectionGroup;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.util.function.SingletonSupplier;

/** Auto-configuration for topics, in the memory of this node unless there is another store. */
@AutoConfiguration(after = HawserAutoConfiguration.class)
@ConditionalOnBean(ConnectionGroup.class)
@EnableConfigurationProperties(TopicProperties.class)
public final class HawserTopicsAutoConfiguration {

    /** The hub closes it. */
    @Bean(destroyMethod = "")
    @ConditionalOnMissingBean
    TopicStore hawserTopicStore(TopicProperties properties, Environment environment) {
        Check.that(
                !environment.getProperty("hawser.topics.redis.enabled", Boolean.class, false),
                "hawser.topics.redis.enabled",
                true,
                AotDetector.useGeneratedArtifacts()
                        ? "must be false in an application that was processed ahead of time without it"
                        : "must be false where there is no Redis: spring-boot-starter-data-redis brings it",
                "false");
        return new MemoryTopicStore(properties.history().memory().toBytes());
    }

    @Bean
    @ConditionalOnMissingBean
    TopicOptions hawserTopicOptions(TopicProperties properties) {
        return properties.toOptions();
    }

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean(Topics.class)
    TopicHub hawserTopics(
            TopicStore store,
            TopicOptions options,
            ObjectProvider<TopicCustomizer> customizers,
            TopicProperties properties,
            ConnectionGroup group,
            EndpointObservers observers) {
        Supplier<List<TopicCustomizer>> all = // not now: they may stand where topics are used
                SingletonSupplier.of(() -> customizers.orderedStream().toList());
        return new TopicHub(
                store,
                name -> customize(name, options, all.get()),
                properties.maxJoined(),
                group::execute,
                observers.topics(),
                group.memory());
    }

    private static TopicOptions customize(String name, TopicOptions options, List<TopicCustomizer> customizers) {
        TopicOptions customized = options;
        for (TopicCustomizer customizer : customizers) {
            customized = customizer.customize(name, customized);
        }
        return customized;
    }
}
