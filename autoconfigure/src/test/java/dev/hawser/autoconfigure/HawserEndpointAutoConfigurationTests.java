package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.client.WebSocketClient;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

/** What of the endpoint is there, and where. */
class HawserEndpointAutoConfigurationTests {

    private static final AutoConfigurations OURS = AutoConfigurations.of(
            HawserAutoConfiguration.class,
            HawserClientAutoConfiguration.class,
            HawserTopicsAutoConfiguration.class,
            HawserEndpointAutoConfiguration.class);

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
            .withConfiguration(OURS)
            .withPropertyValues("management.endpoints.web.exposure.include=hawser");

    @Test
    void whereItIsExposedItIsThere() {
        runner.run(context -> assertThat(context)
                .hasSingleBean(HawserEndpoint.class)
                .hasSingleBean(HawserEndpointWebExtension.class));
    }

    @Test
    void otherwiseItIsNot() {
        new WebApplicationContextRunner().withConfiguration(OURS).run(context -> assertThat(context)
                .hasNotFailed()
                .doesNotHaveBean(HawserEndpoint.class)
                .doesNotHaveBean(OpenConnections.class));
    }

    @Test
    void overJmxThereIsNoExtensionForTheWeb() {
        new WebApplicationContextRunner()
                .withConfiguration(OURS)
                .withPropertyValues("spring.jmx.enabled=true", "management.endpoints.jmx.exposure.include=hawser")
                .run(context -> assertThat(context)
                        .hasSingleBean(HawserEndpoint.class)
                        .doesNotHaveBean(HawserEndpointWebExtension.class));
    }

    @Test
    void oneOfYourOwnTakesItsPlace() {
        runner.withBean(
                        "mine",
                        HawserEndpoint.class,
                        () -> new HawserEndpoint(new OpenConnections(null, java.util.List.of()), new OpenTopics(null)))
                .run(context ->
                        assertThat(context).hasSingleBean(HawserEndpoint.class).hasBean("mine"));
    }

    @Test
    void withoutActuatorNothingOfItIsLoaded() {
        runner.withClassLoader(new FilteredClassLoader(ConditionalOnAvailableEndpoint.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(OpenConnections.class));
    }

    @Test
    void itIsThereWithoutTheClient() {
        runner.withClassLoader(new FilteredClassLoader("io.netty")).run(context -> {
            assertThat(context).hasSingleBean(HawserEndpoint.class).doesNotHaveBean(WebSocketClient.class);
            assertThat(context.getBean(HawserEndpoint.class).hawser().connections())
                    .isZero();
        });
    }

    @Test
    void itIsThereForAClientAlone() {
        new ApplicationContextRunner()
                .withConfiguration(OURS)
                .withPropertyValues("management.endpoints.web.exposure.include=hawser")
                .run(context -> {
                    assertThat(context).hasSingleBean(WebSocketClient.class);
                    assertThat(context.getBean(HawserEndpoint.class).hawser().connections())
                            .isZero();
                });
    }
}
