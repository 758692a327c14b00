package dev.hawser.autoconfigure;

import dev.hawser.eventsource.EventSource;
import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.websocket.SendOptions;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.connection.ConnectionGroup;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What {@link SiegeTests} besieges, in a process of its own: prints {@code port <number>} once it is up. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(BesiegedApplication.Endpoints.class)
class BesiegedApplication {

    private static final byte[] PART = new byte[16 * 1024];
    private static final String TEXT = "x".repeat(16 * 1024);

    public static void main(String[] arguments) {
        ConfigurableApplicationContext context = new SpringApplicationBuilder(BesiegedApplication.class)
                .properties(
                        "server.port=0",
                        "server.address=127.0.0.1",
                        "hawser.websocket.extensions.permessage-deflate.enabled=true",
                        "hawser.websocket.close-timeout=2s")
                .run(arguments);
        System.out.println("port " + context.getEnvironment().getProperty("local.server.port"));
    }

    @Bean
    MeterRegistry meters() {
        return new SimpleMeterRegistry();
    }

    @Bean
    WebSocketEndpoint echo() {
        return WebSocketEndpoint.at("/echo", socket -> socket.onMessage(socket::send));
    }

    /** A megabyte for each message that comes. */
    @Bean
    WebSocketEndpoint flood() {
        return WebSocketEndpoint.at("/flood", socket -> socket.onMessage(message -> flood(socket)));
    }

    private static void flood(WebSocket socket) {
        for (int i = 0; i < 64; i++) {
            socket.send(PART, SendOptions.UNCOMPRESSED);
        }
    }

    @RestController
    static class Endpoints {

        private final ConnectionGroup group;
        private final MeterRegistry meters;

        Endpoints(ConnectionGroup group, MeterRegistry meters) {
            this.group = group;
            this.meters = meters;
        }

        @GetMapping("/events")
        void events(EventSource events) {
            for (int i = 0; i < 64; i++) {
                events.send(TEXT);
            }
        }

        /** Connections, what they hold, handshakes refused and connections closed for that. */
        @GetMapping("/figures")
        String figures() {
            return group.size() + " " + group.memory().used() + " "
                    + count("hawser.websocket.handshakes.refused", "reason", "memory-limit") + " "
                    + count("hawser.websocket.connections.closed", "limit", "memory-limit");
        }

        private long count(String name, String tag, String value) {
            return (long) meters.find(name).tag(tag, value).counters().stream()
                    .mapToDouble(Counter::count)
                    .sum();
        }
    }
}
