package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.client.WebSocketClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Our client in the hands of the Autobahn suite, or of any other fuzzing server: {@code -Dautobahn.url=ws://host:port}. */
class AutobahnClientTests {

    private static final Duration LONGEST_CASE = Duration.ofMinutes(3);

    private final WebSocketClient client = WebSocketClient.create();

    @AfterEach
    void end() {
        client.close();
    }

    @Test
    void everyCaseIsOkAndNoneNonStrict() throws Exception {
        String url = System.getProperty("autobahn.url");
        Map<String, JsonNode> results = url == null ? withServerOfOurOwn() : asTheServerTells(url);

        Autobahn.print("client", results);
        if (url == null) {
            assertThat(results).hasSize(Autobahn.COUNT);
        }
        assertThat(results).isNotEmpty();
        assertThat(Autobahn.unexpected(results)).isEmpty();
    }

    private Map<String, JsonNode> withServerOfOurOwn() throws Exception {
        int port = freePort();
        Autobahn suite =
                new Autobahn("fuzzingserver", "\"url\": \"ws://127.0.0.1:%d\", \"webport\": 0".formatted(port));
        Path log = suite.folder().resolve("server.log");
        Process server = new ProcessBuilder(suite.command())
                .directory(suite.folder().toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            await().atMost(Duration.ofMinutes(2)).until(() -> !server.isAlive() || isOpen(port));
            String url = "ws://127.0.0.1:" + port;
            int count = Integer.parseInt(ask(url + "/getCaseCount"));
            for (int number = 1; number <= count; number++) {
                run(url, number);
            }
            ask(url + "/updateReports?agent=Hawser");
            return suite.results();
        } finally {
            server.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    private Map<String, JsonNode> asTheServerTells(String url) throws Exception {
        Map<String, JsonNode> results = new HashMap<>();
        int count = Integer.parseInt(ask(url + "/getCaseCount"));
        for (int number = 1; number <= count; number++) {
            String id = JsonMapper.shared()
                    .readTree(ask(url + "/getCaseInfo?case=" + number))
                    .get("id")
                    .asString();
            run(url, number);
            results.put(id, JsonMapper.shared().readTree(ask(url + "/getCaseStatus?case=" + number + "&agent=Hawser")));
        }
        return results;
    }

    /** Echoes until the server has seen enough. */
    private void run(String url, int number) throws Exception {
        ClientWebSocket socket = client.connect(url + "/runCase?case=" + number + "&agent=Hawser");
        socket.onMessage(socket::send);
        closed(socket);
    }

    /** What the server says before it closes; empty for nothing. */
    private String ask(String url) throws Exception {
        StringBuilder answer = new StringBuilder();
        ClientWebSocket socket = client.connect(url);
        socket.onMessage(message -> answer.append(message.text()));
        closed(socket);
        return answer.toString();
    }

    private static void closed(ClientWebSocket socket) throws Exception {
        CompletableFuture<Integer> closed = new CompletableFuture<>();
        socket.onClose((code, reason) -> closed.complete(code));
        closed.get(LONGEST_CASE.toSeconds(), TimeUnit.SECONDS);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean isOpen(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }
}
