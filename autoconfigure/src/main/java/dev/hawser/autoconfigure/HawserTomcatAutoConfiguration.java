package dev.hawser.autoconfigure;

import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.servlet.ReasonPhraseValve;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;

/** Auto-configuration for what old clients need of Tomcat: a reason phrase, where the drafts are allowed. */
@AutoConfiguration
@ConditionalOnClass(ConfigurableTomcatWebServerFactory.class)
@ConditionalOnWebApplication(type = Type.SERVLET)
public final class HawserTomcatAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "hawserReasonPhraseCustomizer")
    WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> hawserReasonPhraseCustomizer(
            ObjectProvider<WebSocketOptions> options) {
        return factory -> options.ifAvailable(webSockets -> {
            if (webSockets.allowDrafts()) {
                factory.addEngineValves(new ReasonPhraseValve());
            }
        });
    }
}
