package dev.hawser.tests.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.client.WebSocketClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.MDC;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.core.task.AsyncTaskExecutor;

/** Traces from the client to the listeners of the server, over real sockets, with OpenTelemetry's bridge. */
@SpringBootTest(
        classes = TracedApplication.class,
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {
            "hawser.observations.listeners=true",
            "management.tracing.sampling.probability=1",
            "logging.level.dev.hawser.websocket.connections=debug",
            "server.tomcat.threads.max=2",
            "server.tomcat.threads.min-spare=2",
            "spring.task.execution.pool.core-size=2"
        })
@ExtendWith(OutputCaptureExtension.class)
@SuppressWarnings("try") // scopes are closed, and nothing else
class TracingTests {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

    @LocalServerPort
    private int port;

    @Autowired
    private WebSocketClient client;

    @Autowired
    private TracedApplication.Log log;

    @Autowired
    private ObservationRegistry observations;

    @Autowired
    private Tracer tracer;

    @Autowired
    private MeterRegistry meters;

    @Autowired
    @Qualifier("applicationTaskExecutor")
    private AsyncTaskExecutor executor;

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void forget() {
        log.traces.clear();
        log.sockets.clear();
        log.streams.clear();
        log.deferred.clear();
        log.headers.clear();
    }

    private void assertHeard(String... expected) {
        await().untilAsserted(() -> assertThat(log.traces).contains(expected));
    }

    /** A client that we did not write, which is part of a trace. */
    private java.net.http.WebSocket connect(String path) {
        return http.newWebSocketBuilder()
                .header("traceparent", "00-" + TRACE + "-b7ad6b7169203331-01")
                .buildAsync(URI.create("ws://localhost:" + port + path), new java.net.http.WebSocket.Listener() {})
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    private static String with(String what) {
        return what + " " + TRACE;
    }

    @Test
    void allListenersOfASocketRunWithinTheTraceOfItsHandshake(CapturedOutput output) throws Exception {
        java.net.http.WebSocket socket = connect("/echo");
        socket.sendText("hello", true).join();
        socket.sendPing(java.nio.ByteBuffer.allocate(1)).join();
        assertHeard(with("controller"), with("open"), with("message"), with("ping"));
        log.sockets.poll(10, TimeUnit.SECONDS).terminate(); // by this thread: listeners are called on another
        assertHeard(with("close"));
        assertThat(log.traces).allMatch(heard -> heard.endsWith(TRACE));
        assertThat(output.toString().lines().filter(line -> line.contains("heard message")))
                .isNotEmpty()
                .allMatch(line -> line.contains(TRACE));
        await().until(() -> output.toString()
                .lines()
                .anyMatch(line -> line.contains("dev.hawser.websocket.connections")
                        && line.contains("/echo")
                        && line.contains(TRACE)));
        socket.abort();
    }

    @Test
    void theTraceIsGoneFromTheThreadsAfterwards() throws Exception {
        java.net.http.WebSocket socket = connect("/echo");
        for (int i = 0; i < 20; i++) {
            socket.sendText("hello", true).join();
        }
        await().until(() ->
                log.traces.stream().filter(heard -> heard.startsWith("message")).count() == 20);
        log.sockets.poll(10, TimeUnit.SECONDS).terminate();
        assertHeard(with("close"));
        List<CompletableFuture<String>> left = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            left.add(executor.submitCompletable(() -> String.valueOf(MDC.get("traceId"))));
        }
        assertThat(left).allSatisfy(thread -> assertThat(thread.get(10, TimeUnit.SECONDS))
                .isEqualTo("null"));
        // Requests without a trace get one of their own, on the threads of Tomcat that have read messages.
        for (int i = 0; i < 4; i++) {
            log.traces.clear();
            http.newWebSocketBuilder()
                    .buildAsync(
                            URI.create("ws://localhost:" + port + "/echo"), new java.net.http.WebSocket.Listener() {})
                    .join()
                    .abort();
            await().until(() -> log.traces.size() == 3);
            assertThat(log.traces).noneMatch(heard -> heard.endsWith(TRACE) || heard.endsWith("null"));
        }
    }

    @Test
    void aDeferredDecisionOnAnotherThreadBelongsToTheTraceOfItsHandshake() throws Exception {
        CompletableFuture<java.net.http.WebSocket> connecting = CompletableFuture.supplyAsync(() -> connect("/later"));
        WebSocketRequest request = log.deferred.poll(10, TimeUnit.SECONDS);
        request.accept();
        connecting.get(10, TimeUnit.SECONDS).sendText("hello", true).join();
        assertHeard(with("controller"), with("open"), with("message"));
        connecting.get(10, TimeUnit.SECONDS).abort();
        assertHeard(with("close"));
    }

    @Test
    void theListenersOfAnEventStreamRunWithinTheTraceOfItsRequest() throws Exception {
        CompletableFuture<HttpResponse<java.io.InputStream>> response = http.sendAsync(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/events"))
                        .header("traceparent", "00-" + TRACE + "-b7ad6b7169203331-01")
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        EventSource stream = log.streams.poll(10, TimeUnit.SECONDS);
        java.io.InputStream body = response.get(10, TimeUnit.SECONDS).body();
        String event = "x".repeat(1 << 20);
        while (stream.send(event)) {
            // until it is to wait
        }
        CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> {
            try {
                body.transferTo(java.io.OutputStream.nullOutputStream());
            } catch (java.io.IOException cut) {
                throw new java.io.UncheckedIOException(cut);
            }
        });
        assertHeard(with("drain"));
        stream.close();
        assertHeard(with("close"));
        reading.get(10, TimeUnit.SECONDS);
    }

    @Test
    void theClientTakesTheTraceOfItsCallerToTheListenersOfTheServerAndToItsOwn() throws Exception {
        Map<String, String> own = new ConcurrentHashMap<>();
        Observation caller = Observation.start("caller", observations);
        String trace;
        ClientWebSocket socket;
        try (Observation.Scope scope = caller.openScope()) {
            trace = tracer.currentSpan().context().traceId();
            socket = client.connect("ws://localhost:" + port + "/echo");
        }
        caller.stop();
        socket.onOpen(() -> own.put("open", String.valueOf(MDC.get("traceId"))));
        socket.onMessage(message -> own.put("message", String.valueOf(MDC.get("traceId"))));
        socket.onClose((code, reason) -> own.put("close", String.valueOf(MDC.get("traceId"))));
        socket.send("hello");
        await().until(() -> own.containsKey("message"));
        socket.close();
        await().until(() -> own.containsKey("close"));

        assertThat(own).isEqualTo(Map.of("open", trace, "message", trace, "close", trace));
        assertHeard("controller " + trace, "open " + trace, "message " + trace, "close " + trace);
        assertThat(log.headers.poll(10, TimeUnit.SECONDS).get("traceparent"))
                .matches("00-" + trace + "-[0-9a-f]{16}-0[13]");
    }

    @Test
    void aClientOutsideOfAnyTraceBeginsOneAndAHeaderOfItsOwnWins() throws Exception {
        ClientWebSocket socket = client.connect("ws://localhost:" + port + "/echo");
        BlockingQueue<String> own = new LinkedBlockingQueue<>();
        socket.onOpen(() -> own.add(String.valueOf(MDC.get("traceId"))));
        String trace = own.poll(10, TimeUnit.SECONDS);
        assertThat(trace).matches("[0-9a-f]{32}");
        assertHeard("open " + trace);
        socket.terminate();

        ClientWebSocket other = client.connect(
                "ws://localhost:" + port + "/echo",
                options -> options.header("traceparent", "00-" + TRACE + "-b7ad6b7169203331-01"));
        assertHeard(with("open"));
        other.terminate();
    }

    @Test
    void eachHandshakeOfTheClientIsATimerByItself() throws Exception {
        ClientWebSocket socket = client.connect("ws://localhost:" + port + "/echo", options -> options.name("timed"));
        BlockingQueue<String> own = new LinkedBlockingQueue<>();
        socket.onOpen(() -> own.add("open"));
        assertThat(own.poll(10, TimeUnit.SECONDS)).isEqualTo("open");
        socket.terminate();
        ClientWebSocket refused = client.connect("ws://localhost:" + port + "/none", options -> options.name("timed"));
        refused.onClose((code, reason) -> own.add("closed"));
        assertThat(own.poll(10, TimeUnit.SECONDS)).isEqualTo("closed");

        await().untilAsserted(() -> assertThat(
                        meters.find("hawser.websocket.client.handshake").tag("uri", "timed").timers().stream()
                                .map(timer -> Stream.of("outcome", "status", "reason", "error")
                                                .map(timer.getId()::getTag)
                                                .reduce((a, b) -> a + " " + b)
                                                .orElseThrow()
                                        + " x" + timer.count()))
                .containsExactlyInAnyOrder(
                        "opened 101 none none x1", "failed 404 unexpected-status ConnectFailedException x1"));
    }

    @Test
    void whatTheApplicationSendsFromElsewhereIsItsOwnTrace() throws Exception {
        java.net.http.WebSocket socket = connect("/echo");
        WebSocket open = log.sockets.poll(10, TimeUnit.SECONDS);
        assertThat(open.send("from here")).isTrue();
        assertThat(MDC.get("traceId")).isNull();
        socket.abort();
        assertHeard(with("close"));
    }
}
