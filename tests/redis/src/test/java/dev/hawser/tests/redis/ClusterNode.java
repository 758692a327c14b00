package dev.hawser.tests.redis;

import dev.hawser.eventsource.EventSource;
import dev.hawser.topic.Topic;
import dev.hawser.topic.Topics;
import dev.hawser.websocket.WebSocket;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** One of several applications that share topics, in a process of its own. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import(ClusterNode.Endpoints.class)
class ClusterNode {

    @RestController
    static class Endpoints {

        private final Topics topics;

        Endpoints(Topics topics) {
            this.topics = topics;
        }

        @GetMapping("/numbers")
        void numbers(EventSource events) {
            topics.topic("numbers")
                    .join(events, events.lastEventId().isEmpty() ? Topic.BEGINNING : events.lastEventId());
        }

        /** Sends these numbers as long as they are taken; how many were. */
        @PostMapping("/send")
        int send(@RequestParam int from, @RequestParam int to) {
            Topic numbers = topics.topic("numbers");
            for (int number = from; number < to; number++) {
                if (!numbers.send(Integer.toString(number))) {
                    return number - from;
                }
            }
            return to - from;
        }

        @GetMapping("/chat")
        void chat(WebSocket socket) {
            Topic chat = topics.topic("chat");
            chat.join(socket);
            socket.onMessage(chat::send);
        }
    }

    public static void main(String[] arguments) {
        SpringApplication.run(ClusterNode.class, arguments);
    }
}
