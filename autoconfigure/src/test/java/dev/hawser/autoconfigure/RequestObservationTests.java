package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.observation.ServerRequestObservationContext;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** What {@code http.server.requests} tells of connections, over real sockets. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        classes = RequestObservationTests.Application.class)
class RequestObservationTests {

    @LocalServerPort
    private int port;

    @Autowired
    private MeterRegistry meters;

    @Autowired
    private Application.Seen seen;

    private final HttpClient http = HttpClient.newHttpClient();

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Controllers.class)
    static class Application {

        /** What happened. */
        record Seen(
                List<String> stopped, BlockingQueue<WebSocketRequest> deferred, BlockingQueue<EventSource> streams) {}

        @Bean
        Seen seen() {
            return new Seen(new CopyOnWriteArrayList<>(), new LinkedBlockingQueue<>(), new LinkedBlockingQueue<>());
        }

        @Bean
        WebSocketEndpoint endpoint() {
            return WebSocketEndpoint.at("/endpoint/{room}", socket -> {});
        }

        /** As one who exports spans. */
        @Bean
        ObservationHandler<ServerRequestObservationContext> stops(Seen seen) {
            return new ObservationHandler<>() {

                @Override
                public boolean supportsContext(Observation.Context context) {
                    return context instanceof ServerRequestObservationContext;
                }

                @Override
                public void onStop(ServerRequestObservationContext context) {
                    seen.stopped()
                            .add(context.getLowCardinalityKeyValue("uri").getValue()
                                    + " "
                                    + context.getLowCardinalityKeyValue("status")
                                            .getValue()
                                    + " "
                                    + context.getHighCardinalityKeyValue("http.url")
                                            .getValue());
                }
            };
        }
    }

    @RestController
    static class Controllers {

        private final Application.Seen seen;

        Controllers(Application.Seen seen) {
            this.seen = seen;
        }

        @GetMapping("/echo/{room}")
        void echo(@PathVariable String room, WebSocket socket) {}

        @GetMapping("/accepts/{room}")
        void accepts(WebSocketRequest request) {
            request.accept();
        }

        @GetMapping("/rejects/{room}")
        void rejects(WebSocketRequest request) {
            request.reject(401, "Log in first");
        }

        @GetMapping("/throws/{room}")
        void fails(WebSocket socket) {
            throw new ResponseStatusException(HttpStatus.CONFLICT);
        }

        @GetMapping("/defers/{room}")
        void defers(WebSocketRequest request) {
            request.defer();
            seen.deferred().add(request);
        }

        @GetMapping("/defers-and-decides/{room}")
        void decides(WebSocketRequest request) {
            request.defer();
            request.reject(403, "No");
        }

        @GetMapping("/defers-and-throws/{room}")
        void defersAndThrows(WebSocketRequest request) {
            request.defer();
            throw new ResponseStatusException(HttpStatus.CONFLICT);
        }

        @GetMapping("/events/{topic}")
        void events(EventSource events) {
            seen.streams().add(events);
        }

        /** Asynchronous as others are. */
        @GetMapping("/result/{name}")
        DeferredResult<String> result(@PathVariable String name) {
            DeferredResult<String> result = new DeferredResult<>();
            CompletableFuture.runAsync(() -> result.setResult(name));
            return result;
        }

        @GetMapping("/emitter/{name}")
        SseEmitter emitter(@PathVariable String name) {
            SseEmitter emitter = new SseEmitter();
            CompletableFuture.runAsync(() -> {
                try {
                    emitter.send(name);
                    emitter.complete();
                } catch (IOException gone) {
                    throw new UncheckedIOException(gone);
                }
            });
            return emitter;
        }

        @GetMapping("/no-events/{topic}")
        void noEvents(EventSource events) {
            throw new ResponseStatusException(HttpStatus.GONE);
        }
    }

    @BeforeEach
    void forget() {
        meters.find("http.server.requests").meters().forEach(meters::remove);
        seen.stopped().clear();
        seen.deferred().clear();
        seen.streams().clear();
    }

    private List<String> timers() {
        return meters.find("http.server.requests").timers().stream()
                .map(timer -> Stream.of("method", "uri", "status", "outcome", "exception")
                                .map(timer.getId()::getTag)
                                .reduce((a, b) -> a + " " + b)
                                .orElseThrow()
                        + " x" + timer.count())
                .sorted()
                .toList();
    }

    private void assertObserved(String... expected) {
        await().untilAsserted(() -> assertThat(timers()).containsExactly(expected));
        await().untilAsserted(() -> assertThat(meters.find("http.server.requests.active").longTaskTimers().stream()
                        .mapToInt(LongTaskTimer::activeTasks)
                        .sum())
                .isZero());
    }

    @Test
    void aWebSocketParameterIsA101AtItsPattern() {
        TestClient client = TestClient.connect(port, "/echo/lobby");
        assertObserved("GET /echo/{room} 101 INFORMATIONAL none x1");
        client.close(1000);
        client.closeCode();
        assertThat(timers()).containsExactly("GET /echo/{room} 101 INFORMATIONAL none x1");
        assertThat(seen.stopped()).containsExactly("/echo/{room} 101 /echo/lobby");
    }

    @Test
    void aRequestThatIsAcceptedIsA101AndOneThatIsRejectedHasItsStatus() {
        TestClient.connect(port, "/accepts/lobby").abort();
        assertObserved("GET /accepts/{room} 101 INFORMATIONAL none x1");
        assertThat(TestClient.refusal(port, "/rejects/lobby", builder -> builder))
                .isEqualTo(401);
        assertObserved("GET /accepts/{room} 101 INFORMATIONAL none x1", "GET /rejects/{room} 401 CLIENT_ERROR none x1");
    }

    @Test
    void anEndpointIsA101AtItsPattern() {
        TestClient.connect(port, "/endpoint/lobby").abort();
        assertObserved("GET /endpoint/{room} 101 INFORMATIONAL none x1");
    }

    @Test
    void handshakesThatAreRefusedHaveTheirStatusAndTheirPattern() throws Exception {
        assertThat(handshake("/echo/lobby", "Origin: https://evil.example")).startsWith("HTTP/1.1 403 ");
        assertObserved("GET /echo/{room} 403 CLIENT_ERROR none x1");
        assertThat(TestClient.exchange(port, "GET /echo/lobby HTTP/1.1", "Connection: close"))
                .startsWith("HTTP/1.1 426 ");
        assertObserved("GET /echo/{room} 403 CLIENT_ERROR none x1", "GET /echo/{room} 426 CLIENT_ERROR none x1");
    }

    @Test
    void aControllerThatThrowsIsObservedAsAnyOther() {
        assertThat(TestClient.refusal(port, "/throws/lobby", builder -> builder))
                .isEqualTo(409);
        assertObserved("GET /throws/{room} 409 CLIENT_ERROR none x1");
    }

    @Test
    void aDeferredHandshakeIsObservedOnceItIsDecided() throws Exception {
        try (Handshake accepted = new Handshake("/defers/lobby");
                Handshake rejected = new Handshake("/defers/cellar")) {
            WebSocketRequest first = seen.deferred().poll(10, TimeUnit.SECONDS);
            WebSocketRequest second = seen.deferred().poll(10, TimeUnit.SECONDS);
            assertThat(timers()).isEmpty();
            (first.path().endsWith("lobby") ? first : second).accept();
            assertThat(accepted.statusLine()).startsWith("HTTP/1.1 101 ");
            assertObservedDeferred("GET /defers/{room} 101 INFORMATIONAL none x1");
            (first.path().endsWith("lobby") ? second : first).reject(402, "Pay first");
            assertThat(rejected.statusLine()).startsWith("HTTP/1.1 402 ");
            assertObserved(
                    "GET /defers/{room} 101 INFORMATIONAL none x1", "GET /defers/{room} 402 CLIENT_ERROR none x1");
        }
        assertThat(seen.stopped())
                .containsExactly("/defers/{room} 101 /defers/lobby", "/defers/{room} 402 /defers/cellar");
    }

    private void assertObservedDeferred(String expected) {
        await().untilAsserted(() -> assertThat(timers()).containsExactly(expected));
    }

    @Test
    void aDeferredHandshakeThatIsDecidedAtOnceHasTheStatusOfThat() throws Exception {
        assertThat(handshake("/defers-and-decides/lobby")).startsWith("HTTP/1.1 403 ");
        assertObserved("GET /defers-and-decides/{room} 403 CLIENT_ERROR none x1");
        assertThat(handshake("/defers-and-throws/lobby")).startsWith("HTTP/1.1 409 ");
        assertObserved(
                "GET /defers-and-decides/{room} 403 CLIENT_ERROR none x1",
                "GET /defers-and-throws/{room} 409 CLIENT_ERROR none x1");
    }

    @Test
    void anEventStreamIsARequestUntilItIsOpenAndNoLonger() throws Exception {
        HttpResponse<Stream<String>> response = http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/events/news"))
                        .build(),
                HttpResponse.BodyHandlers.ofLines());
        assertThat(response.statusCode()).isEqualTo(200);
        assertObserved("GET /events/{topic} 200 SUCCESS none x1");
        Timer timer = meters.get("http.server.requests").timer();
        double begun = timer.totalTime(TimeUnit.NANOSECONDS);
        EventSource stream = seen.streams().poll(10, TimeUnit.SECONDS);
        assertThat(stream.isOpen()).isTrue();

        stream.close();

        assertThat(response.body()).contains("retry: 5000");
        assertObserved("GET /events/{topic} 200 SUCCESS none x1");
        assertThat(timer.totalTime(TimeUnit.NANOSECONDS)).isEqualTo(begun);
        assertThat(seen.stopped()).containsExactly("/events/{topic} 200 /events/news");
    }

    @Test
    void anEventStreamThatNeverOpensIsObservedAsAnyOtherRequest() throws Exception {
        assertThat(TestClient.exchange(port, "GET /no-events/news HTTP/1.1", "Connection: close"))
                .startsWith("HTTP/1.1 410 ");
        assertObserved("GET /no-events/{topic} 410 CLIENT_ERROR none x1");
    }

    @ParameterizedTest
    @CsvSource({
        "/result/right, GET /result/{name} 200 SUCCESS none x1",
        "/emitter/one, GET /emitter/{name} 200 SUCCESS none x1"
    })
    void whatIsAsynchronousAndNoneOfOursIsObservedOnceAsEver(String path, String expected) throws Exception {
        assertThat(TestClient.exchange(port, "GET " + path + " HTTP/1.1", "Connection: close"))
                .startsWith("HTTP/1.1 " + expected.split(" ")[2]);
        assertObserved(expected);
        assertThat(seen.stopped()).hasSize(1);
    }

    private String handshake(String path, String... more) throws IOException {
        try (Handshake made = new Handshake(path, more)) {
            return made.statusLine();
        }
    }

    /** A handshake, of which only the first line of the answer is read. */
    private final class Handshake implements AutoCloseable {

        private final Socket socket = new Socket("localhost", port);
        private final BufferedReader answer =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));

        Handshake(String path, String... more) throws IOException {
            socket.setSoTimeout(10_000);
            String request = "GET " + path + " HTTP/1.1\r\nHost: localhost:" + port
                    + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + String.join("\r\n", more)
                    + (more.length == 0 ? "\r\n" : "\r\n\r\n");
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        }

        String statusLine() throws IOException {
            return answer.readLine();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
