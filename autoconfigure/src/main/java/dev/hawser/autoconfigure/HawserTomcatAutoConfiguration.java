package dev.hawser.autoconfigure;

import dev.hawser.websocket.servlet.HandshakeValve;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;

/** Auto-configuration for what handshakes need of Tomcat that the servlet API has not. */
@AutoConfiguration
@ConditionalOnClass(ConfigurableTomcatWebServerFactory.class)
@ConditionalOnWebApplication(type = Type.SERVLET)
@ImportRuntimeHints(HawserRuntimeHints.OfTomcat.class)
public final class HawserTomcatAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "hawserHandshakeValveCustomizer")
    WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> hawserHandshakeValveCustomizer() {
        return factory -> factory.addEngineValves(new HandshakeValve());
    }
}
