package dev.hawser.test;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.test.http.server.LocalTestWebServer;
import org.springframework.boot.webmvc.test.autoconfigure.MockMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.web.context.WebApplicationContext;

/** Test auto-configuration for a client of the endpoints. */
@AutoConfiguration(after = MockMvcAutoConfiguration.class)
@ConditionalOnWebApplication(type = Type.SERVLET)
final class WebSocketTestClientAutoConfiguration {

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    WebSocketTestClient webSocketTestClient(WebApplicationContext context) {
        LocalTestWebServer server = LocalTestWebServer.get(context);
        return server != null
                ? WebSocketTestClient.bindToServer(server::uri) // the port is known once the server has started
                : WebSocketTestClient.bindTo(context.getBean(MockMvc.class));
    }
}
