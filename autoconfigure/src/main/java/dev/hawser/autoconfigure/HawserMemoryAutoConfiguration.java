package dev.hawser.autoconfigure;

import dev.hawser.websocket.memory.MemoryBudget;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.unit.DataSize;

/** Auto-configuration for the memory that all connections, the client's too, may take together. */
@AutoConfiguration(before = {HawserAutoConfiguration.class, HawserClientAutoConfiguration.class})
@EnableConfigurationProperties(MemoryProperties.class)
public final class HawserMemoryAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    MemoryBudget hawserMemoryBudget(MemoryProperties properties) {
        DataSize limit = properties.limit();
        return limit == null ? MemoryBudget.DEFAULT : MemoryBudget.of(limit.toBytes());
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterBinder.class)
    static class Meters {

        static final String USED = "hawser.memory.used";
        static final String LIMIT = "hawser.memory.limit";

        @Bean
        @ConditionalOnMissingBean(name = "hawserMemoryMeters")
        MeterBinder hawserMemoryMeters(MemoryBudget budget) {
            return registry -> {
                Gauge.builder(USED, budget, MemoryBudget::used)
                        .description(
                                "What connections hold: unfinished messages, what waits to be sent, contexts of compression")
                        .baseUnit("bytes")
                        .register(registry);
                Gauge.builder(LIMIT, budget, MemoryBudget::limit)
                        .description("What they may hold together")
                        .baseUnit("bytes")
                        .register(registry);
            };
        }
    }
}
