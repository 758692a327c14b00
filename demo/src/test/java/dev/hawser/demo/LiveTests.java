package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.spring.WebSocketConverter;
import dev.hawser.test.TestEvent;
import dev.hawser.test.TestEventStream;
import dev.hawser.test.TestSocket;
import dev.hawser.test.WebSocketTestClient;
import dev.hawser.topic.MemoryTopicStore;
import dev.hawser.topic.TopicHub;
import dev.hawser.topic.TopicObserver;
import dev.hawser.topic.TopicOptions;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** The stream of live figures: who gets which, and when there are any. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class LiveTests {

    @LocalServerPort
    private int port;

    @Autowired
    private WebSocketConverter converter;

    @Autowired
    private MeterRegistry meters;

    @Autowired
    private Streams streams;

    /** Event streams for a test to do with as it likes. */
    @TestConfiguration
    @RestController
    static class Streams {

        private final BlockingQueue<EventSource> opened = new LinkedBlockingQueue<>();

        @GetMapping("/stream")
        void open(EventSource events) {
            opened.add(events);
        }
    }

    private static List<TestEvent> samples(TestEventStream stream, int count) {
        List<TestEvent> samples = new ArrayList<>();
        while (samples.size() < count) {
            stream.expectEvent(event -> {
                assertThat(event.name()).isEqualTo("sample");
                samples.add(event);
            });
        }
        return samples;
    }

    @Test
    void whoComesLaterGetsWhatWasBeforeAndWhoComesBackWhatWasMissed() {
        try (WebSocketTestClient client = WebSocketTestClient.bindToServer(port);
                TestEventStream first = client.stream("/live");
                TestSocket socket = client.connect("/echo")) {
            socket.send("rope").expectText("rope");
            List<TestEvent> samples = samples(first, 2);
            while (JsonMapper.shared()
                            .readTree(samples.get(samples.size() - 1).data())
                            .get("webSockets")
                            .asInt()
                    != 1) {
                samples.addAll(samples(first, 1));
            }

            TestEventStream later = client.stream("/live");
            assertThat(samples(later, samples.size())).isEqualTo(samples);
            String seen = samples.get(0).id();
            List<TestEvent> missed = samples.subList(1, samples.size());
            TestEventStream again = client.stream("/live?from=" + seen);
            assertThat(samples(again, missed.size())).isEqualTo(missed);
            TestEventStream back = client.stream("/live?from=0", headers -> headers.set("Last-Event-ID", seen));
            assertThat(samples(back, missed.size())).isEqualTo(missed);
            TestEventStream elsewhere = client.stream("/live?from=1y2p0ij32e8e7-mb2x81qd-1k");
            elsewhere.expectEvent(event -> assertThat(event.name()).isEqualTo("hawser.reset"));
            assertThat(samples(elsewhere, samples.size())).isEqualTo(samples);
        }
    }

    @Test
    void nothingIsMeasuredBeforeSomebodyWatchesNorFiveMinutesAfterTheLastHasGone() throws Exception {
        AtomicInteger sent = new AtomicInteger();
        TopicObserver counts = new TopicObserver() {

            @Override
            public void sent() {
                sent.incrementAndGet();
            }
        };
        TopicOptions options = Live.liveHistory().customize("live/", TopicOptions.DEFAULT);
        try (TopicHub topics = new TopicHub(new MemoryTopicStore(1 << 20), name -> options, 10, Runnable::run, counts);
                WebSocketTestClient client = WebSocketTestClient.bindToServer(port)) {
            Live live = new Live(topics, converter, meters);
            live.sample();
            live.sample();
            assertThat(sent).hasValue(0);

            TestEventStream watcher = client.stream("/stream");
            EventSource events = streams.opened.poll(30, TimeUnit.SECONDS);
            live.join(events, "");
            live.sample(); // there is nothing before to compare with
            assertThat(sent).hasValue(0);
            live.sample();
            assertThat(sent).hasValue(1);
            watcher.expectEvent(event -> assertThat(event.name()).isEqualTo("sample"));

            events.close();
            await().until(() -> topics.members() == 0);
            for (int i = 0; i < 2 * Live.KEPT; i++) {
                live.sample();
            }
            assertThat(sent).hasValue(Live.KEPT);
        }
    }
}
