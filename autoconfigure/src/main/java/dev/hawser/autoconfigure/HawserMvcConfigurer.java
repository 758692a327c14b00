package dev.hawser.autoconfigure;

import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.spring.WebSocketConverter;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import java.util.List;
import java.util.function.Consumer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Adds what controllers with connections need to Spring MVC. */
final class HawserMvcConfigurer implements WebMvcConfigurer {

    private final ConnectionInterceptor interceptor;
    private final ObjectProvider<WebSocketConverter> converter;

    HawserMvcConfigurer(
            WebSocketOptions webSockets,
            EventSourceOptions eventSources,
            ConnectionGroup group,
            EndpointObservers observers,
            Consumer<Cause> refused,
            EndpointTracing tracing,
            RequestLifetimes lifetimes,
            ObjectProvider<WebSocketConverter> converter) {
        this.converter = converter;
        this.interceptor =
                new ConnectionInterceptor(webSockets, eventSources, group, observers, refused, tracing, lifetimes);
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(interceptor).order(Ordered.HIGHEST_PRECEDENCE);
    }

    @Override
    public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(new ConnectionArgumentResolver(converter));
    }
}
