package dev.hawser.autoconfigure;

import dev.hawser.websocket.connection.ConnectionGroup;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** Auto-configuration for the health of connections, where Spring Boot's is. */
@AutoConfiguration(after = HawserAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(ConnectionGroup.class)
@ConditionalOnEnabledHealthIndicator("hawser")
@EnableConfigurationProperties(HealthProperties.class)
public final class HawserHealthAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    RecentRefusals hawserRecentRefusals() {
        return new RecentRefusals(System::nanoTime);
    }

    @Bean
    @ConditionalOnMissingBean(name = "hawserHealthIndicator")
    HawserHealthIndicator hawserHealthIndicator(
            ConnectionGroup group, RecentRefusals refusals, HealthProperties properties) {
        return new HawserHealthIndicator(group, refusals, properties);
    }
}
