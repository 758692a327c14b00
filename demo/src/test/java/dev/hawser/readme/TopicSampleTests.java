package dev.hawser.readme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.spring.TopicCustomizer;
import dev.hawser.test.TestEventStream;
import dev.hawser.test.TestSocket;
import dev.hawser.topic.History;
import dev.hawser.topic.Topic;
import dev.hawser.topic.Topics;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Topics, and what is kept of them. */
class TopicSampleTests {

    @RestController
    static class Rooms {

        private final Topics topics;

        Rooms(Topics topics) {
            this.topics = topics;
        }

        @GetMapping("/room/{room}")
        void room(@PathVariable String room, WebSocket socket) {
            Topic topic = topics.topic("room/" + room);
            topic.join(socket);
            socket.onMessage(message -> topic.except(socket).send(message));
        }

        @GetMapping("/room/{room}/events")
        void events(@PathVariable String room, EventSource events) {
            topics.topic("room/" + room).join(events); // what it missed comes first, where it is kept
        }
    }

    @RestController
    static class Feeds {

        private final Topics topics;

        Feeds(Topics topics) {
            this.topics = topics;
        }

        @GetMapping("/feed")
        void feed(WebSocketRequest request, @RequestParam(defaultValue = "") String from) {
            topics.topic("feed").join(request.accept(), from); // {"id":"1y2p0ij32e8e7-mb2x81qd-1k","data":"text"}
        }

        @Bean
        TopicCustomizer chats() {
            return (name, options) -> name.startsWith("chat/")
                    ? options.withHistory(new History(50, 1024 * 1024, Duration.ofDays(1)))
                    : options;
        }

        @GetMapping("/chat")
        void chat(WebSocket socket) {
            topics.topic("chat/a").join(socket, Topic.BEGINNING);
            topics.topic("other").join(socket, Topic.BEGINNING);
        }
    }

    @Test
    void whatIsSaidInARoomStaysThere() {
        try (SampleApplication application = SampleApplication.start(Rooms.class, "--hawser.topics.history.count=10")) {
            TestSocket ann = application.client.connect("/room/tea");
            TestSocket bob = application.client.connect("/room/tea");
            TestSocket eve = application.client.connect("/room/coffee");
            TestEventStream events = application.client.stream("/room/tea/events");
            await().until(() -> application.bean(Topics.class).members() == 4);
            ann.send("hello");
            bob.expectText("hello");
            events.expectEvent("hello");
            bob.send("hello ann");
            ann.expectText("hello ann");
            events.expectEvent("hello ann");
            eve.expectNothing();
        }
    }

    @Test
    void aWebSocketComesBackToWhereItWas() {
        try (SampleApplication application = SampleApplication.start(Feeds.class, "--hawser.topics.history.count=10")) {
            Topic feed = application.bean(Topics.class).topic("feed");
            feed.send("one");
            feed.send("two");
            TestSocket first = application.client.connect("/feed?from=0");
            String[] one = new String[1];
            first.expectText((String text) -> one[0] = text);
            assertThat(one[0]).matches("\\{\"id\":\"[a-z0-9]+-[a-z0-9]+-1\",\"data\":\"one\"}");
            String id = one[0].substring(7, one[0].indexOf("\",\"data"));
            application.client.connect("/feed?from=" + id).expectText(text -> assertThat(text)
                    .endsWith("\"data\":\"two\"}"));
        }
    }

    @Test
    void oneTopicIsKeptAndAnotherIsNot() {
        try (SampleApplication application = SampleApplication.start(Feeds.class, "--hawser.topics.history.count=0")) {
            application.bean(Topics.class).topic("other").send("lost");
            application.bean(Topics.class).topic("chat/a").send("kept");
            application
                    .client
                    .connect("/chat")
                    .expectText(text -> assertThat(text).endsWith("\"data\":\"kept\"}"))
                    .expectNothing();
        }
    }
}
