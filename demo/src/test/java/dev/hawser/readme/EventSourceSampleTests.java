package dev.hawser.readme;

import static dev.hawser.readme.Log.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EncodedEvent;
import dev.hawser.eventsource.EventSource;
import dev.hawser.spring.TypedEventSource;
import dev.hawser.spring.WebSocketConverter;
import dev.hawser.topic.Topic;
import dev.hawser.topic.Topics;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.web.bind.annotation.CrossOrigin;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Event streams. */
class EventSourceSampleTests {

    record Receipt(String item, int price) {}

    @RestController
    static class Streams {

        private final WebSocketConverter converter;
        private final Topics topics;

        Streams(WebSocketConverter converter, Topics topics) {
            this.converter = converter;
            this.topics = topics;
        }

        private boolean isOver(String match) {
            return match.equals("yesterday");
        }

        @CrossOrigin(origins = "https://app.example.com", allowCredentials = "true")
        @GetMapping("/goals/{match}")
        void goals(@PathVariable String match, EventSource events, HttpServletResponse response) {
            if (isOver(match)) {
                response.setStatus(204); // and the client does not come back
                return;
            }
            events.comment("goals of " + match);
            topics.topic("goals/" + match).join(events);
        }

        @GetMapping("/receipts")
        void receipts(TypedEventSource events) {
            events.send(new Receipt("rope", 6), "receipt", "1");
            events.events().onClose(() -> log.debug("gone")); // the EventSource, for everything else
        }

        @GetMapping("/all")
        void all(EventSource events) {
            Receipt receipt = new Receipt("oar", 9);
            Topic topic = topics.topic("receipts");
            topic.join(events);

            converter.typed(events).send(receipt); // one of any EventSource
            EncodedEvent news = converter.event(receipt, event -> event.name("receipt")); // converted once, for many
            topic.send(converter.message(receipt)); // for the members of a topic

            events.send(List.of(news));
        }
    }

    @Test
    void streamsAreToldApart() throws Exception {
        try (SampleApplication application = SampleApplication.start(Streams.class)) {
            application.client.stream("/receipts")
                    .expectEvent("receipt", "{\"item\":\"rope\",\"price\":6}")
                    .close();
            application.client.stream("/all")
                    .expectEvent("{\"item\":\"oar\",\"price\":9}")
                    .expectEvent(event -> assertThat(event.data()).isEqualTo("{\"item\":\"oar\",\"price\":9}"))
                    .expectEvent(event -> assertThat(event.data()).isEqualTo("{\"item\":\"oar\",\"price\":9}"))
                    .close();
            application.client.stream("/goals/today");
            Topic topic = application.bean(Topics.class).topic("goals/today");
            await().until(() -> topic.members() == 1);
            HttpResponse<String> over = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(
                                            URI.create("http://127.0.0.1:" + application.port() + "/goals/yesterday"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(over.statusCode()).isEqualTo(204);
        }
    }
}
