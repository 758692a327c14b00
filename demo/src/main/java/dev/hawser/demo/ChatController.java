package dev.hawser.demo;

import dev.hawser.eventsource.EventSource;
import dev.hawser.topic.Topic;
import dev.hawser.topic.Topics;
import dev.hawser.websocket.WebSocketRequest;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Rooms in which everybody hears what everybody says, also what was said before they came, on whatever node. */
@RestController
class ChatController {

    private static final int LONGEST_NAME = 30;

    private static final int LONGEST_TEXT = 1000;

    private final Topics topics;

    ChatController(Topics topics) {
        this.topics = topics;
    }

    @GetMapping("/chat/{room}")
    void join(
            @PathVariable String room,
            @RequestParam String name,
            @RequestParam(defaultValue = Topic.BEGINNING) String from,
            WebSocketRequest request) {
        if (!Topics.isName("chat/" + room) || name.isBlank() || name.length() > LONGEST_NAME) {
            request.reject(400, "A room has 1 to 195 characters, a name 1 to 30");
            return;
        }
        Topic topic = topics.topic("chat/" + room);
        topic.join(
                request.accept().onMessage(message -> {
                    String text = message.text();
                    topic.send(name + ": " + text.substring(0, Math.min(LONGEST_TEXT, text.length())));
                }),
                from);
    }

    @GetMapping("/chat/{room}/events")
    void listen(@PathVariable String room, EventSource events) {
        topics.topic("chat/" + room)
                .join(events, events.lastEventId().isEmpty() ? Topic.BEGINNING : events.lastEventId());
    }
}
