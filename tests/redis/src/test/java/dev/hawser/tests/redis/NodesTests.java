package dev.hawser.tests.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.topic.Topics;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.Banner;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Two applications, with clients at both. */
class NodesTests {

    private final HttpClient client = HttpClient.newHttpClient();

    private RedisServer redis;
    private ConfigurableApplicationContext one;
    private ConfigurableApplicationContext two;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        redis = RedisServer.durable(folder);
        one = application();
        two = application();
    }

    @AfterEach
    void stop() {
        for (ConfigurableApplicationContext each : new ConfigurableApplicationContext[] {two, one}) {
            if (each != null) {
                each.close();
            }
        }
        if (redis != null) {
            redis.close();
        }
    }

    private ConfigurableApplicationContext application() {
        return new SpringApplicationBuilder(NodesApplication.class)
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .run(
                        "--server.port=0",
                        "--spring.data.redis.host=127.0.0.1",
                        "--spring.data.redis.port=" + redis.port(),
                        "--hawser.topics.redis.enabled=true",
                        "--hawser.topics.history.count=1000",
                        "--management.endpoint.health.show-details=always");
    }

    private static URI uri(String scheme, ConfigurableApplicationContext node, String path) {
        return URI.create(
                scheme + "://127.0.0.1:" + node.getEnvironment().getRequiredProperty("local.server.port") + path);
    }

    private static void send(ConfigurableApplicationContext node, int number) {
        assertThat(node.getBean(Topics.class).topic("ticker").send(Integer.toString(number)))
                .isTrue();
    }

    /** Reads an event stream from an id on, until so many data lines have come; gives the last id. */
    private String read(
            ConfigurableApplicationContext node, String lastId, int count, List<String> data, Runnable joined)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri("http", node, "/events/ticker"));
        if (!lastId.isEmpty()) {
            request.header("Last-Event-ID", lastId);
        }
        String id = lastId;
        try (Stream<String> lines =
                client.send(request.build(), BodyHandlers.ofLines()).body()) {
            Iterator<String> line = lines.iterator();
            String event = "";
            for (int come = 0; come < count; ) {
                String next = line.next();
                if (next.startsWith("id:")) {
                    id = next.substring(3).strip();
                } else if (next.startsWith("data:")) {
                    event = next.substring(5).strip();
                } else if (next.isEmpty() && !event.isEmpty()) {
                    data.add(event);
                    event = "";
                    come++;
                } else if (next.isEmpty() && !id.isEmpty() && lastId.isEmpty()) {
                    joined.run(); // the place to come back to is told
                }
            }
        }
        return id;
    }

    @Test
    void aClientThatComesBackToAnotherNodeGetsWhatItMissedOnce() throws Exception {
        List<String> data = new ArrayList<>();
        String id = read(one, "", 10, data, () -> IntStream.range(0, 15).forEach(i -> send(i % 2 == 0 ? one : two, i)));
        for (int hop = 0; hop < 4; hop++) {
            ConfigurableApplicationContext node = hop % 2 == 0 ? two : one;
            int next = 15 + hop * 10;
            IntStream.range(next, next + 10).forEach(i -> send(one, i));
            id = read(node, id, 10, data, () -> {});
        }
        id = read(one, id, 5, data, () -> {});
        List<Integer> numbers = data.stream().map(Integer::valueOf).toList();
        assertThat(numbers)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 55).boxed().toList());
        assertThat(numbers.stream().filter(i -> i % 2 == 0 || i >= 15)).isSorted(); // those of one thread and node
        assertThat(id).isNotEmpty();
    }

    private static final class Chat implements WebSocket.Listener {

        private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            heard.add(text.toString());
            socket.request(1);
            return null;
        }

        String next() throws Exception {
            return heard.poll(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void socketsOfOneRoomHearEachOtherAtAllNodesButNotThemselves() throws Exception {
        Chat here = new Chat();
        Chat there = new Chat();
        WebSocket first = client.newWebSocketBuilder()
                .buildAsync(uri("ws", one, "/chat/blue"), here)
                .get(30, TimeUnit.SECONDS);
        WebSocket second = client.newWebSocketBuilder()
                .buildAsync(uri("ws", two, "/chat/blue"), there)
                .get(30, TimeUnit.SECONDS);
        assertThat(here.next()).isEqualTo("joined");
        assertThat(there.next()).isEqualTo("joined");
        first.sendText("Hello", true).get(30, TimeUnit.SECONDS);
        assertThat(there.next()).isEqualTo("Hello");
        second.sendText("Hi", true).get(30, TimeUnit.SECONDS);
        assertThat(here.next()).isEqualTo("Hi");
        assertThat(there.heard).isEmpty();
        first.abort();
        second.abort();
    }

    @Test
    void theHealthEndpointTellsOfTopics() throws Exception {
        String health = client.send(
                        HttpRequest.newBuilder(uri("http", one, "/actuator/health"))
                                .build(),
                        BodyHandlers.ofString())
                .body();
        assertThat(health)
                .contains(
                        "\"hawserTopics\":{\"details\":{\"waiting\":0,\"waitingBytes\":0,\"lag\":0},\"status\":\"UP\"}");
    }
}
