package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.autoconfigure.HawserObservationAutoConfiguration.FilterPostProcessor;
import dev.hawser.websocket.ConnectionTracing;
import dev.hawser.websocket.client.WebSocketClient;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.web.filter.ServerHttpObservationFilter;

class HawserObservationAutoConfigurationTests {

    private static final AutoConfigurations OURS = AutoConfigurations.of(
            HawserAutoConfiguration.class,
            HawserClientAutoConfiguration.class,
            HawserObservationAutoConfiguration.class,
            ObservationAutoConfiguration.class);

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner().withConfiguration(OURS);

    @Test
    void itIsThereWithTheRegistryOfTheApplication() {
        runner.run(context -> assertThat(context)
                .hasNotFailed()
                .hasSingleBean(HawserObservations.class)
                .hasSingleBean(FilterPostProcessor.class)
                .hasSingleBean(ObservationRegistry.class));
    }

    @Test
    void itBacksOff() {
        EndpointTracing own = new EndpointTracing() {};
        FilterPostProcessor filter = new FilterPostProcessor();
        runner.withBean(EndpointTracing.class, () -> own)
                .withBean(FilterPostProcessor.class, () -> filter)
                .run(context -> {
                    assertThat(context).doesNotHaveBean(HawserObservations.class);
                    assertThat(context.getBean(FilterPostProcessor.class)).isSameAs(filter);
                });
    }

    @Test
    void withoutMicrometerThereIsNone() {
        runner.withClassLoader(new FilteredClassLoader("io.micrometer")).run(context -> assertThat(context)
                .hasNotFailed()
                .hasSingleBean(HawserMvcConfigurer.class)
                .hasSingleBean(WebSocketClient.class)
                .doesNotHaveBean("hawserObservations")
                .doesNotHaveBean("hawserObservationFilterPostProcessor"));
    }

    @Test
    void withoutARegistryNothingIsObserved() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        HawserClientAutoConfiguration.class, HawserObservationAutoConfiguration.class))
                .withPropertyValues("hawser.observations.listeners=true", "hawser.observations.messages=true")
                .run(context -> {
                    assertThat(context).hasNotFailed().doesNotHaveBean("hawserObservationFilterPostProcessor");
                    ConnectionTracing tracing =
                            context.getBean(HawserObservations.class).connection("/echo");
                    assertThat(tracing.enter()).isSameAs(ConnectionTracing.Scope.NONE);
                    assertThat(tracing.receiving(true, 1)).isSameAs(ConnectionTracing.Scope.NONE);
                    assertThat(context.getBean(HawserObservations.class)
                                    .connecting("client")
                                    .begin("localhost:80")
                                    .headers())
                            .isEmpty();
                });
    }

    @Test
    void unlessAPropertySaysSoConnectionsAreNotTracedAtAll() {
        TestObservationRegistry registry = TestObservationRegistry.create();
        WebApplicationContextRunner observed = runner.withBean(ObservationRegistry.class, () -> registry);
        observed.run(
                context -> Observation.createNotStarted("handshake", registry).observe(() -> assertThat(
                                context.getBean(HawserObservations.class).connection("/echo"))
                        .isSameAs(ConnectionTracing.NONE)));
        for (String property : new String[] {"listeners", "messages"}) {
            observed.withPropertyValues("hawser.observations." + property + "=true")
                    .run(context -> Observation.createNotStarted("handshake", registry)
                            .observe(() -> assertThat(context.getBean(HawserObservations.class)
                                            .connection("/echo"))
                                    .isNotSameAs(ConnectionTracing.NONE)));
        }
    }

    @Test
    void springsFilterStaysWhereItIsUnderItsName() {
        FilterRegistrationBean<ServerHttpObservationFilter> registration =
                new FilterRegistrationBean<>(new ServerHttpObservationFilter(ObservationRegistry.NOOP));
        registration.setOrder(7);
        runner.withBean("observing", FilterRegistrationBean.class, () -> registration)
                .run(context -> {
                    FilterRegistrationBean<?> found = context.getBean("observing", FilterRegistrationBean.class);
                    assertThat(found.getFilter()).isInstanceOf(ConnectionObservationFilter.class);
                    assertThat(found.getFilterName()).isEqualTo("observing");
                    assertThat(found.getOrder()).isEqualTo(7);
                });
    }
}
