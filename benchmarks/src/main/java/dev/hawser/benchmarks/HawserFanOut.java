package dev.hawser.benchmarks;

import dev.hawser.eventsource.EventSource;
import dev.hawser.topic.Topic;
import dev.hawser.topic.Topics;
import dev.hawser.websocket.WebSocket;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** One topic of Hawser's, for WebSockets and event streams. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({FanOutServer.class, HawserFanOut.Ticks.class})
public class HawserFanOut {

    public static void main(String[] arguments) {
        SpringApplication.run(HawserFanOut.class, arguments);
    }

    @Bean
    FanOutServer.Sender sender(Topics topics) {
        Topic ticks = topics.topic("ticks");
        return ticks::send;
    }

    @RestController
    static class Ticks {

        private final Topic ticks;

        Ticks(Topics topics) {
            ticks = topics.topic("ticks");
        }

        @GetMapping("/socket")
        void socket(WebSocket socket) {
            ticks.join(socket);
        }

        @GetMapping(path = "/socket", params = FanOutServer.STUCK)
        void stuckSocket(WebSocket socket) {
            ticks.join(socket.onClose((code, reason) -> FanOutServer.stuckIsGone()));
        }

        @GetMapping("/events")
        void events(EventSource events) {
            ticks.join(events);
        }

        @GetMapping(path = "/events", params = FanOutServer.STUCK)
        void stuckEvents(EventSource events) {
            ticks.join(events.onClose(FanOutServer::stuckIsGone));
        }
    }
}
