package dev.hawser.benchmarks;

import dev.hawser.autoconfigure.HawserAutoConfiguration;
import java.io.IOException;
import org.apache.tomcat.websocket.server.WsSci;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.socket.BinaryMessage;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketHandlerRegistry;
import org.springframework.web.socket.handler.AbstractWebSocketHandler;
import org.springframework.web.socket.server.standard.ServletServerContainerFactoryBean;

/** An echo with Spring's own WebSocket support on Tomcat's, as spring-boot-starter-websocket sets it up. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(exclude = HawserAutoConfiguration.class)
@EnableWebSocket
public class SpringEcho implements WebSocketConfigurer {

    public static void main(String[] arguments) {
        SpringApplication.run(SpringEcho.class, arguments);
    }

    @Override
    public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
        registry.addHandler(new Echo(), "/echo");
    }

    /** The longest message, which is 8 KiB unless it is set. */
    @Bean
    ServletServerContainerFactoryBean container(@Value("${longest:8192}") int longest) {
        ServletServerContainerFactoryBean container = new ServletServerContainerFactoryBean();
        container.setMaxTextMessageBufferSize(longest);
        container.setMaxBinaryMessageBufferSize(longest);
        return container;
    }

    /** What Boot's own auto-configuration for WebSockets does. */
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> webSockets() {
        return factory ->
                factory.addContextCustomizers(context -> context.addServletContainerInitializer(new WsSci(), null));
    }

    private static final class Echo extends AbstractWebSocketHandler {

        @Override
        protected void handleTextMessage(WebSocketSession session, TextMessage message) throws IOException {
            session.sendMessage(message);
        }

        @Override
        protected void handleBinaryMessage(WebSocketSession session, BinaryMessage message) throws IOException {
            session.sendMessage(message);
        }
    }
}
