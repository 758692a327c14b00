package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.memory.MemoryBudget;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

/** The budget of an application. */
class MemoryAutoConfigurationTests {

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    HawserMemoryAutoConfiguration.class,
                    HawserAutoConfiguration.class,
                    HawserClientAutoConfiguration.class));

    @Test
    void isAQuarterOfTheHeap() {
        runner.run(context -> assertThat(context.getBean(MemoryBudget.class).limit())
                .isEqualTo(Runtime.getRuntime().maxMemory() / 4));
    }

    @Test
    void isOneForServerAndClient() {
        runner.withPropertyValues("hawser.memory.limit=3MB").run(context -> {
            MemoryBudget budget = context.getBean(MemoryBudget.class);
            assertThat(budget.limit()).isEqualTo(3 << 20);
            assertThat(context.getBean(ConnectionGroup.class).memory()).isSameAs(budget);
            assertThat(context.getBean(WebSocketClient.class).memory()).isSameAs(budget);
        });
    }

    @Test
    void isTheApplicationsOwnIfItHasOne() {
        runner.withBean(MemoryBudget.class, () -> MemoryBudget.UNLIMITED).run(context -> assertThat(
                        context.getBean(ConnectionGroup.class).memory())
                .isSameAs(MemoryBudget.UNLIMITED));
    }

    @Test
    void isMetered() {
        runner.withPropertyValues("hawser.memory.limit=3MB").run(context -> {
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            context.getBean(MeterBinder.class).bindTo(registry);
            assertThat(registry.get("hawser.memory.limit").gauge().value()).isEqualTo(3 << 20);
            assertThat(registry.get("hawser.memory.used").gauge().value()).isZero();
        });
    }

    @Test
    void needsNoMicrometer() {
        runner.withClassLoader(new FilteredClassLoader("io.micrometer"))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("hawserMemoryMeters"));
    }

    @Test
    void mustBeSomething() {
        runner.withPropertyValues("hawser.memory.limit=0B").run(context -> assertThat(context)
                .getFailure()
                .rootCause()
                .isInstanceOf(InvalidPropertyException.class)
                .hasMessageContaining("hawser.memory.limit"));
    }
}
