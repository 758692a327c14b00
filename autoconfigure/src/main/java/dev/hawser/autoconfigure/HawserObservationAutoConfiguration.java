package dev.hawser.autoconfigure;

import dev.hawser.spring.WebSocketHandshakeObservationConvention;
import dev.hawser.spring.WebSocketMessageObservationConvention;
import io.micrometer.observation.ObservationRegistry;
import jakarta.servlet.Filter;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.filter.ServerHttpObservationFilter;
import org.springframework.web.servlet.DispatcherServlet;

/** Auto-configuration for observations of connections, where Micrometer has a registry for them. */
@AutoConfiguration(
        before = {HawserAutoConfiguration.class, HawserClientAutoConfiguration.class},
        afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass(ObservationRegistry.class)
@EnableConfigurationProperties(ObservationProperties.class)
public final class HawserObservationAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(EndpointTracing.class)
    HawserObservations hawserObservations(
            ObjectProvider<ObservationRegistry> registry,
            ObservationProperties properties,
            ObjectProvider<WebSocketMessageObservationConvention> messages,
            ObjectProvider<WebSocketHandshakeObservationConvention> handshakes) {
        return new HawserObservations(
                registry.getIfAvailable(() -> ObservationRegistry.NOOP),
                properties,
                messages.getIfAvailable(),
                handshakes.getIfAvailable());
    }

    /** Streams and deferred handshakes are asynchronous for the container, but their requests end before. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({ServerHttpObservationFilter.class, DispatcherServlet.class, FilterRegistrationBean.class})
    @ConditionalOnWebApplication(type = Type.SERVLET)
    static class RequestObservations {

        @Bean
        @ConditionalOnMissingBean
        static FilterPostProcessor hawserObservationFilterPostProcessor() {
            return new FilterPostProcessor();
        }
    }

    /** Puts our filter around Spring's, under the same name. */
    static final class FilterPostProcessor implements BeanPostProcessor {

        @Override
        @SuppressWarnings("unchecked")
        public Object postProcessAfterInitialization(Object bean, String beanName) {
            if (bean instanceof FilterRegistrationBean<?> registration
                    && registration.getFilter() instanceof ServerHttpObservationFilter observing) {
                registration.setName(registration.getFilterName());
                ((FilterRegistrationBean<Filter>) registration).setFilter(new ConnectionObservationFilter(observing));
            }
            return bean;
        }
    }
}
