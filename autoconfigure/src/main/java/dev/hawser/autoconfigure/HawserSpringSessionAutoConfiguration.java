package dev.hawser.autoconfigure;

import dev.hawser.spring.ConnectionLifetimes;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.session.events.SessionDestroyedEvent;

/** Auto-configuration for connections that end when Spring Session says that a session has ended. */
@AutoConfiguration(after = HawserAutoConfiguration.class)
@ConditionalOnClass(SessionDestroyedEvent.class)
@ConditionalOnBean(ConnectionLifetimes.class)
public final class HawserSpringSessionAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    SpringSessionListener hawserSpringSessionListener(ConnectionLifetimes lifetimes) {
        return new SpringSessionListener(lifetimes);
    }
}
