package dev.hawser.autoconfigure;

import dev.hawser.topic.TopicHub;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.connection.ConnectionGroup;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Auto-configuration for the endpoint that shows connections and topics, where Actuator is. */
@AutoConfiguration(
        after = {HawserAutoConfiguration.class, HawserClientAutoConfiguration.class, HawserTopicsAutoConfiguration.class
        })
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(HawserEndpoint.class)
public final class HawserEndpointAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    OpenConnections hawserOpenConnections(
            ObjectProvider<ConnectionGroup> server, ObjectProvider<WebSocketClient> clients) {
        return new OpenConnections(
                server.getIfAvailable(), clients.orderedStream().toList());
    }

    @Bean
    @ConditionalOnMissingBean
    OpenTopics hawserOpenTopics(ObjectProvider<TopicHub> hub) {
        return new OpenTopics(hub.getIfAvailable());
    }

    @Bean
    @ConditionalOnMissingBean
    HawserEndpoint hawserEndpoint(OpenConnections connections, OpenTopics topics) {
        return new HawserEndpoint(connections, topics);
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint(endpoint = HawserEndpoint.class, exposure = EndpointExposure.WEB)
    HawserEndpointWebExtension hawserEndpointWebExtension(OpenConnections connections, OpenTopics topics) {
        return new HawserEndpointWebExtension(connections, topics);
    }
}
