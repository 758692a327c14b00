package dev.hawser.autoconfigure;

import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.memory.MemoryBudget;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;

/** Auto-configuration for warnings about settings that are dangerous together. */
@AutoConfiguration(after = {HawserAutoConfiguration.class, HawserTopicsAutoConfiguration.class})
@ConditionalOnBean({ConnectionGroup.class, MemoryBudget.class, WebSocketProperties.class, EventSourceProperties.class})
public final class HawserDiagnosticsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    StartupDiagnostics hawserStartupDiagnostics(
            ApplicationContext context,
            WebSocketProperties webSockets,
            EventSourceProperties eventSources,
            MemoryBudget memory) {
        return new StartupDiagnostics(context, webSockets, eventSources, memory);
    }
}
