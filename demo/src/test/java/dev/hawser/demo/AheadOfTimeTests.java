package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hawser.ahead.AheadOfTimeApplication;
import dev.hawser.test.TestSocket;
import dev.hawser.test.WebSocketTestClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Applications that start from what ahead-of-time processing made of them, on a JVM: all but what a native image adds to that. */
class AheadOfTimeTests {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    private String get(Service server, String path) throws Exception {
        URI url = URI.create("http://127.0.0.1:" + server.port() + path);
        return http.send(HttpRequest.newBuilder(url).timeout(PATIENCE).build(), BodyHandlers.ofString())
                .body();
    }

    private static void chat(WebSocketTestClient one, WebSocketTestClient two) {
        TestSocket ann = one.connect("/chat/tea?name=ann");
        ann.expectText(position -> assertThat(position).startsWith("{\"id\":"));
        ann.send("hello").expectText(text -> assertThat(text).endsWith("\"data\":\"ann: hello\"}"));
        two.connect("/chat/tea?name=bob").expectText(text -> assertThat(text).endsWith("\"data\":\"ann: hello\"}"));
        two.stream("/chat/tea/events").expectEvent("ann: hello");
    }

    @Test
    void theDemoStartsFromWhatTheBuildMadeOfIt() throws Exception {
        try (Service demo = AheadOfTime.byTheBuild(DemoApplication.class).start(folder.resolve("demo.log"));
                WebSocketTestClient client = WebSocketTestClient.bindToServer(demo.port())) {
            client.connect("/echo").send("hello").expectText("hello");
            chat(client, client);
            client.stream("/events")
                    .expectEvent(event -> assertThat(event.data()).startsWith("Tick "));
            assertThat(get(demo, "/")).contains("<title>");
            assertThat(get(demo, "/actuator/health")).contains("\"status\":\"UP\"");
            assertThat(get(demo, "/actuator/prometheus"))
                    .contains("hawser_websocket_connections_opened_total{uri=\"/chat/{room}\"} 2.0")
                    .contains("hawser_websocket_messages_total{direction=\"inbound\",type=\"text\",uri=\"/echo\"} 1.0")
                    .contains("hawser_eventsource_connections_active{uri=\"/events\"} 1.0");
        }
    }

    @Test
    void endpointsHandlersTypedMessagesAndTheClientWork() throws Exception {
        AheadOfTime processed = AheadOfTime.process(
                AheadOfTimeApplication.class, folder, "--hawser.websocket.extensions.permessage-deflate.enabled=true");
        try (Service server = processed.start(
                        folder.resolve("server.log"), "--hawser.websocket.extensions.permessage-deflate.enabled=true");
                WebSocketTestClient client = WebSocketTestClient.bindToServer(server.port())) {
            client.connect("/echo").send("hello").expectText("hello");
            client.connect("/later").send("hello").expectText("late hello");
            TestSocket counter = client.connect("/count/10");
            counter.send("a").expectText("a 11");
            client.connect("/count/0").send("b").expectText("b 1");
            assertThat(get(server, "/handlers")).isEqualTo("2");
            counter.close();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(get(server, "/handlers")).isEqualTo("1"));
            client.connect("/orders")
                    .send("[{\"item\":\"rope\",\"pieces\":2}]")
                    .expectText("{\"item\":\"rope\",\"total\":6}");
            client.connect("/relay")
                    .expectText(extensions -> assertThat(extensions).contains("permessage-deflate"))
                    .send("hello ".repeat(1000))
                    .expectText("hello ".repeat(1000));
        }
    }

    private static String[] at(Service redis) {
        return new String[] {"--spring.data.redis.host=127.0.0.1", "--spring.data.redis.port=" + redis.port()};
    }

    @Test
    void topicsGoOverRedisIfTheyDidWhenItWasProcessed() throws Exception {
        AheadOfTime processed = AheadOfTime.process(DemoApplication.class, folder, "--spring.profiles.active=redis");
        try (Service redis = Service.redis(folder);
                Service one = processed.start(folder.resolve("one.log"), at(redis));
                Service two = processed.start(folder.resolve("two.log"), at(redis));
                WebSocketTestClient here = WebSocketTestClient.bindToServer(one.port());
                WebSocketTestClient there = WebSocketTestClient.bindToServer(two.port())) {
            chat(here, there);
            assertThat(redis.log()).isEmpty();
            assertThat(get(two, "/actuator/prometheus")).contains("hawser_topics_redis_reachable 1.0");
        }
        assertThatThrownBy(() -> processed.start(folder.resolve("none.log"), "--hawser.topics.redis.enabled=false"))
                .hasMessageContaining(
                        "'hawser.topics.redis.enabled' must be true in an application that was processed ahead of time with it, but is \"false\"");
    }

    @Test
    void redisCannotBeAddedLater() {
        assertThatThrownBy(() -> AheadOfTime.byTheBuild(DemoApplication.class)
                        .start(folder.resolve("demo.log"), "--spring.profiles.active=redis"))
                .hasMessageContaining(
                        "'hawser.topics.redis.enabled' must be false in an application that was processed ahead of time without it, but is \"true\"");
    }
}
