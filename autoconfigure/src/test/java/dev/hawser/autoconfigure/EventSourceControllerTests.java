package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.connection.ConnectionGroup;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Controllers that take an EventSource, over real sockets. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        classes = TestApplication.class,
        properties = "logging.level.dev.hawser.eventsource.connections=debug")
@ExtendWith(OutputCaptureExtension.class)
class EventSourceControllerTests {

    private static final HttpClient http = HttpClient.newHttpClient();

    @LocalServerPort
    private int port;

    @Autowired
    private TestApplication.Log log;

    @Autowired
    private TestApplication.EventSources controller;

    @Autowired
    private ConnectionGroup group;

    @BeforeEach
    void forget() {
        log.closed.clear();
    }

    @Test
    void eventsArriveFromTheControllerAndAfterIt() throws Exception {
        HttpResponse<java.io.InputStream> response = http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/news/sport"))
                        .header("Accept", "text/event-stream")
                        .header("Last-Event-ID", "7")
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        assertThat(lines.readLine()).isEqualTo("retry: 5000");
        assertThat(lines.readLine()).isEmpty();
        assertThat(event(lines)).contains("event: start\n", "id: 1\n", "data: sport after 7\n");
        controller.open.get("sport").send("later\nand more");
        assertThat(event(lines)).isEqualTo("data: later\ndata: and more\n");
        controller.open.get("sport").close();
        assertThat(lines.readLine()).isNull();
        assertThat(log.closed.poll(5, TimeUnit.SECONDS)).isEqualTo("news sport");
    }

    @Test
    void aStreamMayEndBeforeTheControllerReturns(CapturedOutput output) throws Exception {
        assertThat(get("/short").body()).isEqualTo("retry: 5000\n\ndata: only\n\n");
        assertThat(log.closed.poll(5, TimeUnit.SECONDS)).isEqualTo("short");
        await().untilAsserted(() -> assertThat(output)
                .containsPattern(
                        "DEBUG .*dev.hawser.eventsource.connections .*\\[[0-9a-z]+] /short with [0-9a-f.:]+ closed,"
                                + " by local, cause application; open for PT[0-9.]+S, quiet for PT[0-9.]+S; sent 1 events"
                                + " \\(12 bytes\\), 0 bytes not written"));
    }

    @Test
    void onCloseIsCalledOnceWhenTheClientIsGone() throws Exception {
        try (java.net.Socket raw = new java.net.Socket("localhost", port)) {
            raw.getOutputStream()
                    .write(("GET /news/storm HTTP/1.1\r\nHost: localhost:" + port + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(raw.getInputStream().read()).isEqualTo('H');
        }
        await().until(() -> {
            controller.open.get("storm").ping();
            return !log.closed.isEmpty();
        });
        assertThat(log.closed).containsExactly("news storm");
        assertThat(controller.open.get("storm").isOpen()).isFalse();
    }

    @Test
    void aControllerThatThrowsIsAnswered500AsForAnyRequestAndItsStreamIsClosed(CapturedOutput output) throws Exception {
        int before = group.size();
        HttpResponse<String> response = get("/news-throws");
        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("application/json");
        assertThat(response.body()).doesNotContain("never arrives");
        assertThat(log.closed.poll(5, TimeUnit.SECONDS)).isEqualTo("news-throws");
        assertThat(group.size()).isEqualTo(before);
        assertThat(output).containsOnlyOnce("Servlet.service()");
    }

    @Test
    void anExceptionWithAStatusIsAnsweredWithIt() throws Exception {
        assertThat(get("/news-gone").statusCode()).isEqualTo(410);
        assertThat(log.closed.poll(5, TimeUnit.SECONDS)).isEqualTo("news-gone");
    }

    @Test
    void aControllerMayAnswerInItsOwnWay() throws Exception {
        assertThat(get("/news-entity").statusCode()).isEqualTo(404);
        assertThat(log.closed.poll(5, TimeUnit.SECONDS)).isEqualTo("news-entity");
        assertThat(get("/no-news").statusCode()).isEqualTo(204);
        assertThat(log.closed.poll(5, TimeUnit.SECONDS)).isEqualTo("no-news");
    }

    @Test
    void aControllerThatSendsTooMuchBeforeItReturnsLosesItsStreamAndNothingElse(CapturedOutput output)
            throws Exception {
        assertThat(get("/flood").statusCode()).isEqualTo(200);
        assertThat(log.closed.poll(5, TimeUnit.SECONDS)).isEqualTo("flood");
        assertThat(output).doesNotContain("ERROR");
    }

    @Test
    void aHeadIsAnsweredWithoutAStream() throws Exception {
        int before = log.calls.get();
        HttpResponse<Void> response = http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/news/sport"))
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.discarding());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
        assertThat(log.calls).hasValue(before);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                        .timeout(Duration.ofSeconds(10))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String event(BufferedReader lines) throws IOException {
        StringBuilder event = new StringBuilder();
        for (String line = lines.readLine(); line != null && !line.isEmpty(); line = lines.readLine()) {
            event.append(line).append('\n');
        }
        return event.toString();
    }
}
