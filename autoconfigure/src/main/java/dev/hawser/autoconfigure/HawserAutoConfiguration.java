package dev.hawser.autoconfigure;

import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.spring.AuthenticationExpiry;
import dev.hawser.spring.ConnectionLifetimes;
import dev.hawser.spring.WebSocketConverter;
import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.spring.WebSocketEndpoints;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.WebSockets;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.extension.deflate.PermessageDeflate;
import dev.hawser.websocket.memory.MemoryBudget;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Auto-configuration for WebSockets and event streams in Spring MVC controllers. */
@AutoConfiguration(
        afterName = "org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration",
        beforeName = "org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration")
@ConditionalOnClass({DispatcherServlet.class, WebMvcConfigurer.class})
@ConditionalOnWebApplication(type = Type.SERVLET)
@EnableConfigurationProperties({
    WebSocketProperties.class,
    PermessageDeflateProperties.class,
    EventSourceProperties.class
})
@ImportRuntimeHints(HawserRuntimeHints.OfMvc.class)
public final class HawserAutoConfiguration {

    private static final String EXTENSIONS = "hawser.websocket.extensions.";

    @Bean
    @Order(0)
    @ConditionalOnMissingBean
    @ConditionalOnBooleanProperty(EXTENSIONS + PermessageDeflate.NAME + ".enabled")
    PermessageDeflate hawserPermessageDeflate(PermessageDeflateProperties properties) {
        return new PermessageDeflate(properties.toOptions());
    }

    /** All extensions that are beans take part, in their order, unless a property says otherwise. */
    @Bean
    @ConditionalOnMissingBean
    WebSocketOptions hawserWebSocketOptions(
            WebSocketProperties properties, ObjectProvider<Extension> extensions, Environment environment) {
        Binder binder = Binder.get(environment);
        return properties.toOptions(extensions
                .orderedStream()
                .filter(extension -> binder.bind(EXTENSIONS + extension.name() + ".enabled", Boolean.class)
                        .orElse(true))
                .toList());
    }

    @Bean
    @ConditionalOnMissingBean
    EventSourceOptions hawserEventSourceOptions(EventSourceProperties properties) {
        return properties.toOptions();
    }

    /** Listeners run on the application's own executor where no thread of the container is at hand. */
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    ConnectionGroup hawserConnectionGroup(
            @Qualifier("applicationTaskExecutor") ObjectProvider<Executor> executor,
            ObjectProvider<MemoryBudget> memory) {
        Executor application = executor.getIfAvailable();
        MemoryBudget budget = memory.getIfAvailable(() -> MemoryBudget.DEFAULT);
        return application == null ? ConnectionGroup.create(budget) : new ConnectionGroup(application, budget);
    }

    @Bean
    @ConditionalOnMissingBean(name = "hawserConnectionGroupLifecycle")
    ConnectionGroupLifecycle hawserConnectionGroupLifecycle(ConnectionGroup group, WebSocketProperties properties) {
        return ConnectionGroupLifecycle.closing(group, properties.shutdownSpread());
    }

    @Bean
    @ConditionalOnMissingBean(name = "hawserConnectionGroupCut")
    ConnectionGroupLifecycle hawserConnectionGroupCut(ConnectionGroup group) {
        return ConnectionGroupLifecycle.cutting(group::terminate);
    }

    @Bean
    @ConditionalOnMissingBean
    WebSockets hawserWebSockets(ConnectionGroup group) {
        return group.webSockets();
    }

    @Bean
    @ConditionalOnMissingBean(WebSocketEndpoints.class)
    MountedEndpoints hawserWebSocketEndpoints(
            @Qualifier("requestMappingHandlerMapping") ObjectProvider<RequestMappingHandlerMapping> mapping,
            WebSocketOptions defaults,
            WebSocketProperties properties,
            ObjectProvider<WebSocketEndpoint> endpoints,
            ConfigurableListableBeanFactory beans) {
        HandlerClasses classes = new HandlerClasses(beans);
        return new MountedEndpoints(
                mapping::getObject,
                defaults,
                () -> Stream.concat(endpoints.orderedStream(), classes.endpoints()),
                properties.autoAccept());
    }

    @Bean
    @ConditionalOnMissingBean(EndpointObservers.class)
    EndpointObservers hawserEndpointObservers() {
        return EndpointObservers.NONE;
    }

    @Bean
    @ConditionalOnMissingBean
    HawserMvcConfigurer hawserMvcConfigurer(
            WebSocketOptions webSockets,
            EventSourceOptions eventSources,
            ConnectionGroup group,
            EndpointObservers observers,
            ObjectProvider<RecentRefusals> refusals,
            ObjectProvider<EndpointTracing> tracing,
            RequestLifetimes lifetimes,
            ObjectProvider<WebSocketConverter> converter) {
        RecentRefusals recent = refusals.getIfAvailable();
        return new HawserMvcConfigurer(
                webSockets,
                eventSources,
                group,
                observers,
                recent == null ? cause -> {} : recent::add,
                tracing.getIfAvailable(() -> EndpointTracing.NONE),
                lifetimes,
                converter);
    }

    @Bean
    @ConditionalOnMissingBean
    ConnectionLifetimes hawserConnectionLifetimes(ConnectionGroup group) {
        return new ConnectionLifetimes(group, InstantSource.system());
    }

    @Bean
    @ConditionalOnMissingBean
    RequestLifetimes hawserRequestLifetimes(
            WebSocketProperties webSockets,
            EventSourceProperties eventSources,
            ConnectionLifetimes lifetimes,
            ObjectProvider<AuthenticationExpiry> expiry) {
        return new RequestLifetimes(
                webSockets, eventSources, lifetimes, expiry.getIfAvailable(() -> principal -> null));
    }

    @Bean
    @ConditionalOnMissingBean
    SessionEndListener hawserSessionEndListener(ConnectionLifetimes lifetimes) {
        return new SessionEndListener(lifetimes);
    }
}
