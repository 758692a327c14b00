package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.topic.Topics;
import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Statistic;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What meters show of peers that read slowly, and of the end, in an application on a real Tomcat. */
class MetersTests {

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import({LogIn.class, Floods.class, Joining.class})
    static class Application {

        @Bean
        MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }

        /** A message of 64 KiB for each that comes. */
        @Bean
        WebSocketEndpoint flood() {
            return WebSocketEndpoint.at("/flood", socket -> socket.onMessage(message -> socket.send(new byte[65_536])));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Joining {

        @Bean
        WebSocketEndpoint members(Topics topics) {
            return WebSocketEndpoint.at("/members", topics.topic("flood")::join);
        }
    }

    @RestController
    static class Floods {

        private EventSource events;

        @GetMapping("/events")
        void events(EventSource events) {
            this.events = events;
        }
    }

    private ConfigurableApplicationContext application;
    private MeterRegistry meters;
    private int port;

    @BeforeEach
    void start() {
        application = new SpringApplicationBuilder(Application.class)
                .properties(
                        "server.port=0",
                        "server.address=127.0.0.1",
                        "hawser.websocket.max-buffered=4MB",
                        "hawser.eventsource.max-buffered=4MB",
                        "hawser.websocket.close-timeout=1s")
                .run();
        meters = application.getBean(MeterRegistry.class);
        port = application.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    @AfterEach
    void stop() {
        application.close();
    }

    private double value(String name, String... tags) {
        return meters.find(name).tags(tags).meters().stream()
                .map(Meter::measure)
                .flatMap(measured -> StreamSupport.stream(measured.spliterator(), false))
                .filter(measured ->
                        measured.getStatistic() == Statistic.VALUE || measured.getStatistic() == Statistic.COUNT)
                .mapToDouble(Measurement::getValue)
                .sum();
    }

    @Test
    void aSocketThatIsReadSlowlyIsSeenWhileThatLasts() throws IOException {
        try (RawSocket slow = RawSocket.open(port, "/flood")) {
            await().until(() -> value("hawser.websocket.connections.active", "uri", "/flood") == 1);
            assertThat(value("hawser.websocket.connections.slow", "uri", "/flood"))
                    .isZero();
            long asked = 0;
            while (value("hawser.websocket.buffered", "uri", "/flood") < 1_000_000) {
                slow.send('!');
                asked++;
                assertThat(asked).isLessThan(1000);
                double sent = asked;
                await().until(() ->
                        value("hawser.websocket.messages", "uri", "/flood", "direction", "outbound") == sent);
            }
            assertThat(value("hawser.websocket.buffered", "uri", "/flood")).isBetween(500_000.0, 1_100_000.0);
            assertThat(value("hawser.websocket.connections.slow", "uri", "/flood"))
                    .isOne();
            slow.skip(asked * (65_536 + 10));
            await().until(() -> value("hawser.websocket.connections.slow", "uri", "/flood") == 0);
            assertThat(value("hawser.websocket.buffered", "uri", "/flood")).isZero();
        }
    }

    @Test
    void oneThatIsNotReadAtAllEndsAsASlowConsumer() throws IOException {
        try (RawSocket stuck = RawSocket.open(port, "/flood")) {
            await().until(() -> value("hawser.websocket.connections.active", "uri", "/flood") == 1);
            assertThat(meters.get("hawser.websocket.connections.closed")
                            .tags("uri", "/flood", "code", "1013", "cause", "slow-consumer")
                            .counter()
                            .count())
                    .as("is there before")
                    .isZero();
            for (int i = 0; i < 1000 && value("hawser.websocket.errors", "kind", "overflow") == 0; i++) {
                stuck.send('!');
            }
            await().until(() -> value(
                            "hawser.websocket.connections.closed",
                            "uri",
                            "/flood",
                            "code",
                            "1013",
                            "cause",
                            "slow-consumer")
                    == 1);
            assertThat(value("hawser.websocket.buffered", "uri", "/flood")).isZero();
            assertThat(value("hawser.websocket.connections.active", "uri", "/flood"))
                    .isZero();
        }
    }

    @Test
    void aMemberOfATopicThatIsNotReadEndsAsASlowConsumerToo() throws IOException {
        try (RawSocket stuck = RawSocket.open(port, "/members")) {
            await().until(() -> value("hawser.topics.members") == 1);
            Topics topics = application.getBean(Topics.class);
            assertThat(stuck).isNotNull();
            await().until(() -> {
                for (int i = 0; i < 20; i++) {
                    topics.topic("flood").send("x".repeat(65_536));
                }
                return value("hawser.topics.closed") == 1;
            });
            await().until(() ->
                    value("hawser.websocket.connections.closed", "code", "1013", "cause", "slow-consumer") == 1);
            assertThat(value("hawser.websocket.errors", "kind", "overflow")).isZero();
        }
    }

    @Test
    void aStreamThatIsReadSlowlyIsSeenAndItsEnd() throws IOException {
        try (RawSocket slow = RawSocket.get(port, "/events")) {
            assertThat(slow.head()).startsWith("HTTP/1.1 200 ");
            await().until(() -> value("hawser.eventsource.connections.active", "uri", "/events") == 1);
            EventSource events = application.getBean(Floods.class).events;
            String data = "x".repeat(65_536);
            await().until(
                            () -> { // the operating system takes some of it after a while
                                while (events.bufferedAmount() < 1_000_000) {
                                    events.send(data);
                                }
                                return value("hawser.eventsource.buffered", "uri", "/events") > 500_000
                                        && value("hawser.eventsource.connections.slow", "uri", "/events") == 1;
                            });
            for (int i = 0; i < 1000 && events.isOpen(); i++) {
                events.send(data);
            }
            assertThat(value("hawser.eventsource.connections.closed", "uri", "/events", "cause", "slow-consumer"))
                    .isOne();
            assertThat(value("hawser.eventsource.connections.slow", "uri", "/events"))
                    .isZero();
            assertThat(value("hawser.eventsource.buffered", "uri", "/events")).isZero();
        }
    }

    /** A rate does not see the first of a counter that begins with 1. */
    @Test
    void countersAreThereBeforeTheyCount() throws IOException {
        try (RawSocket first = RawSocket.open(port, "/flood")) {
            assertThat(first).isNotNull();
            for (Cause cause : Cause.values()) {
                assertThat(meters.get("hawser.websocket.handshakes.refused")
                                .tags("uri", "/flood", "reason", cause.id())
                                .counter()
                                .count())
                        .isZero();
            }
            for (String kind : List.of("listener", "overflow")) {
                assertThat(meters.get("hawser.websocket.errors")
                                .tags("uri", "/flood", "kind", kind)
                                .counter()
                                .count())
                        .isZero();
            }
        }
    }

    @Test
    void aStreamThatIsRefusedIsCounted() throws IOException {
        String response = TestClient.exchange(port, "GET /events?lastEventId=%0A HTTP/1.1", "Connection: close");
        assertThat(response).startsWith("HTTP/1.1 400 ");
        assertThat(value("hawser.eventsource.requests.refused", "uri", "/events", "reason", "bad-request"))
                .isOne();
        assertThat(value("hawser.eventsource.connections.opened", "uri", "/events"))
                .isZero();
    }

    /** Micrometer takes no new meters once the application has begun to close. */
    @Test
    void theEndOfTheApplicationIsCounted() throws IOException {
        try (RawSocket last = RawSocket.open(port, "/flood");
                RawSocket stream = RawSocket.get(port, "/events")) {
            assertThat(last).isNotNull();
            await().until(() -> value("hawser.websocket.connections.active", "uri", "/flood") == 1);
            assertThat(stream.head()).startsWith("HTTP/1.1 200 ");
            application.close();
            assertThat(value("hawser.websocket.connections.closed", "uri", "/flood", "cause", "shutdown"))
                    .isOne();
            assertThat(value("hawser.eventsource.connections.closed", "uri", "/events", "cause", "shutdown"))
                    .isOne();
        }
    }
}
