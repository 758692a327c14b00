package dev.hawser.autoconfigure;

import dev.hawser.spring.ConnectionLifetimes;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.security.core.session.SessionDestroyedEvent;
import org.springframework.security.web.authentication.session.SessionFixationProtectionEvent;

/** Auto-configuration for connections that end when Spring Security says that a session has ended. */
@AutoConfiguration(after = HawserAutoConfiguration.class)
@ConditionalOnClass({SessionDestroyedEvent.class, SessionFixationProtectionEvent.class})
@ConditionalOnBean(ConnectionLifetimes.class)
public final class HawserSecurityAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    SecurityEventListener hawserSecurityEventListener(ConnectionLifetimes lifetimes) {
        return new SecurityEventListener(lifetimes);
    }
}
