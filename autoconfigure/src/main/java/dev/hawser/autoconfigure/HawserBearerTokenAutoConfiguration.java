package dev.hawser.autoconfigure;

import dev.hawser.spring.AuthenticationExpiry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.security.oauth2.server.resource.authentication.AbstractOAuth2TokenAuthenticationToken;

/** Auto-configuration for connections that end when their bearer token expires: a JWT, or one that was introspected. */
@AutoConfiguration(before = HawserAutoConfiguration.class)
@ConditionalOnClass(AbstractOAuth2TokenAuthenticationToken.class)
public final class HawserBearerTokenAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    AuthenticationExpiry hawserAuthenticationExpiry() {
        return principal -> principal instanceof AbstractOAuth2TokenAuthenticationToken<?> bearer
                ? bearer.getToken().getExpiresAt()
                : null;
    }
}
