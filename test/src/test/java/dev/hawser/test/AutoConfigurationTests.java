package dev.hawser.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.autoconfigure.HawserAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.boot.webmvc.test.autoconfigure.MockMvcAutoConfiguration;

class AutoConfigurationTests {

    private final AutoConfigurations all = AutoConfigurations.of(
            WebMvcAutoConfiguration.class,
            HawserAutoConfiguration.class,
            MockMvcAutoConfiguration.class,
            WebSocketTestClientAutoConfiguration.class);

    @Test
    void aClientIsThere() {
        new WebApplicationContextRunner().withConfiguration(all).run(context -> assertThat(context)
                .hasSingleBean(WebSocketTestClient.class));
    }

    @Test
    void theTestsOwnClientWins() {
        new WebApplicationContextRunner()
                .withConfiguration(all)
                .withBean("own", WebSocketTestClient.class, () -> WebSocketTestClient.bindToServer(1))
                .run(context -> assertThat(context)
                        .hasSingleBean(WebSocketTestClient.class)
                        .hasBean("own"));
    }

    @Test
    void thereIsNoneOutsideOfTheWeb() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(WebSocketTestClientAutoConfiguration.class))
                .run(context -> assertThat(context).doesNotHaveBean(WebSocketTestClient.class));
    }
}
