package dev.hawser.tests.redis;

import dev.hawser.eventsource.EventSource;
import dev.hawser.topic.Topic;
import dev.hawser.topic.Topics;
import dev.hawser.websocket.WebSocket;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** An application that knows nothing of Redis. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(NodesApplication.Endpoints.class)
class NodesApplication {

    @RestController
    static class Endpoints {

        private final Topics topics;

        Endpoints(Topics topics) {
            this.topics = topics;
        }

        @GetMapping("/chat/{room}")
        void chat(@PathVariable String room, WebSocket socket) {
            Topic topic = topics.topic(room);
            topic.join(socket);
            socket.send("joined");
            socket.onMessage(message -> topic.except(socket).send(message));
        }

        @GetMapping("/events/{room}")
        void events(@PathVariable String room, EventSource events) {
            topics.topic(room).join(events);
        }
    }
}
