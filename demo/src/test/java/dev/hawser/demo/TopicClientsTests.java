package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.topic.Topic;
import dev.hawser.topic.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.chrome.ChromeDriver;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** A topic's history with clients that come back by themselves: Chromium's EventSource, and npm's. */
class TopicClientsTests {

    private static final int KEPT = 50;

    private static final Queue<EventSource> streams = new ConcurrentLinkedQueue<>();

    @TempDir
    private Path profile;

    private ServletWebServerApplicationContext server;
    private Topics topics;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Endpoints.class)
    static class Application {}

    @RestController
    static class Endpoints {

        private final Topics topics;

        Endpoints(Topics topics) {
            this.topics = topics;
        }

        @GetMapping(path = "/page", produces = "text/html")
        String page() {
            return "<!doctype html><title>Page</title>";
        }

        @GetMapping("/numbers")
        void numbers(EventSource events) {
            streams.add(events);
            topics.topic("numbers").join(events);
        }
    }

    @BeforeEach
    void start() {
        server = (ServletWebServerApplicationContext) new SpringApplication(Application.class)
                .run("--server.port=0", "--hawser.eventsource.retry=1s", "--hawser.topics.history.count=" + KEPT);
        topics = server.getBean(Topics.class);
    }

    @AfterEach
    void stop() {
        server.close();
        streams.clear();
    }

    private String url(String path) {
        return "http://127.0.0.1:" + server.getWebServer().getPort() + path;
    }

    /** Sends numbers, and breaks all streams meanwhile, for the last time for longer than the history is. */
    private void send() {
        Topic numbers = topics.topic("numbers");
        for (int number = 0; number < 120; number++) {
            if (number % 40 == 0) {
                awaitMember(numbers);
            } else if (number % 40 == 20) {
                awaitDelivered(number);
                breakStreams(numbers);
            }
            numbers.send(Integer.toString(number));
        }
        awaitMember(numbers);
        awaitDelivered(120);
        breakStreams(numbers);
        IntStream.range(120, 120 + 2 * KEPT).forEach(number -> numbers.send(Integer.toString(number)));
        awaitMember(numbers);
        numbers.send("end");
    }

    private static void awaitMember(Topic topic) {
        await().atMost(Duration.ofSeconds(60)).until(() -> topic.members() == 1);
    }

    /** A stream that is closed gets nothing that its topic has yet to send. */
    private void awaitDelivered(int count) {
        MeterRegistry meters = server.getBean(MeterRegistry.class);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> meters.get("hawser.topics.delivered").counter().count() == count);
    }

    private static void breakStreams(Topic topic) {
        for (EventSource events = streams.poll(); events != null; events = streams.poll()) {
            events.close();
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> topic.members() == 0);
    }

    private static List<String> expected() {
        List<String> expected = new ArrayList<>();
        IntStream.range(0, 120).forEach(number -> expected.add(Integer.toString(number)));
        expected.add("reset");
        IntStream.range(120 + KEPT, 120 + 2 * KEPT).forEach(number -> expected.add(Integer.toString(number)));
        expected.add("end");
        return expected;
    }

    @Test
    void npmsEventSourceGetsWhatItMissed() throws Exception {
        NpmClientsTests.install();
        CompletableFuture<Void> sending = CompletableFuture.runAsync(this::send);
        Program program =
                Program.run(NpmClientsTests.FOLDER, Duration.ofSeconds(90), "node", "topics.js", url("/numbers"));
        assertThat(program.exitCode()).as(program.toString()).isZero();
        sending.join();
        assertThat(JsonMapper.shared().readValue(program.output(), new TypeReference<List<String>>() {}))
                .isEqualTo(expected());
    }

    @Test
    void chromiumGetsWhatItMissed() throws Exception {
        ChromeDriver browser = Chromium.start(profile);
        try {
            browser.get(url("/page"));
            browser.manage().timeouts().scriptTimeout(Duration.ofSeconds(90));
            CompletableFuture<Void> sending = CompletableFuture.runAsync(this::send);
            Object heard = browser.executeAsyncScript("""
                    const done = arguments[arguments.length - 1];
                    const source = new EventSource('/numbers');
                    const heard = [];
                    source.addEventListener('hawser.reset', () => heard.push('reset'));
                    source.onmessage = event => {
                      heard.push(event.data);
                      if (event.data === 'end') { source.close(); done(heard); }
                    };
                    """);
            sending.join();
            assertThat(heard).isEqualTo(expected());
        } finally {
            browser.quit();
        }
    }
}
