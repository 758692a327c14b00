package dev.hawser.websocket.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.eventsource.EventSourceObserver;
import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.handshake.OriginPolicy;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Event streams in each container, over real sockets. */
@ParameterizedClass
@EnumSource
class EventStreamTests {

    private final ConnectionGroup group = ConnectionGroup.create();
    private final BlockingQueue<EventSource> streams = new LinkedBlockingQueue<>();
    private final AtomicInteger closed = new AtomicInteger();
    private final Container container;
    private RunningServer server;

    EventStreamTests(Container container) {
        this.container = container;
        this.server = serve(EventSourceOptions.DEFAULT);
    }

    private RunningServer serve(EventSourceOptions options) {
        return container.start((request, response) -> {
            ServletEventStream stream = ServletEventStream.check(
                    request, response, new ServletEventStream.Setup(options, EventSourceObserver.NONE, group, null));
            if (stream == null) {
                return;
            }
            stream.events().onClose(closed::incrementAndGet);
            stream.events().send("queued", "first", "1");
            stream.complete();
            streams.add(stream.events());
        });
    }

    private EventSource stream() throws InterruptedException {
        EventSource stream = streams.poll(10, TimeUnit.SECONDS);
        assertThat(stream).isNotNull();
        return stream;
    }

    private HttpResponse<InputStream> get(String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/news?x=1"));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    private static BufferedReader lines(HttpResponse<InputStream> response) {
        return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    @AfterEach
    void stop() {
        group.close();
        server.close();
    }

    @Test
    void theResponseIsAnEventStreamThatProxiesDoNotCollect() throws Exception {
        HttpResponse<InputStream> response = get("Last-Event-ID", "41");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-cache, no-transform");
        assertThat(response.headers().firstValue("X-Accel-Buffering")).hasValue("no");
        BufferedReader lines = lines(response);
        EventSource stream = stream();
        stream.send("zwei\nZeilen");
        stream.close();
        assertThat(lines.lines())
                .containsExactly(
                        "retry: 5000",
                        "",
                        "event: first",
                        "id: 1",
                        "data: queued",
                        "",
                        "data: zwei",
                        "data: Zeilen",
                        "");
        assertThat(stream.lastEventId()).isEqualTo("41");
        assertThat(stream.url()).isEqualTo("http://127.0.0.1:" + server.port() + "/news?x=1");
        await().until(() -> closed.get() == 1);
        assertThat(stream.send("late")).isFalse();
        assertThat(stream.isOpen()).isFalse();
    }

    /** As a browser sends it: in UTF-8, of which a container makes characters of its own. */
    @ParameterizedTest
    @ValueSource(strings = {"41", "häh", "😀 und mehr", "a%20b", "\u2028"})
    void theLastEventIdIsReadAsUtf8(String id) throws Exception {
        try (RawClient client = new RawClient(server.port())) {
            client.send(client.request("GET /news?lastEventId=other HTTP/1.1" + "\r\nLast-Event-ID: "
                    + new String(id.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)));
            assertThat(client.response()).startsWith("HTTP/1.1 200");
            assertThat(stream().lastEventId()).isEqualTo(id);
        }
    }

    @Test
    void aLastEventIdThatIsNotUtf8IsReadAsLatin1() throws Exception {
        try (RawClient client = new RawClient(server.port())) {
            client.send(client.request("GET /news HTTP/1.1\r\nLast-Event-ID: h\u00E4h"));
            assertThat(client.response()).startsWith("HTTP/1.1 200");
            assertThat(stream().lastEventId()).isIn("h\u00E4h", "h\uFFFDh");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lastEventId=41, 41",
        "x=1&lastEventId=h%C3%A4h+b, häh b",
        "lastEventId=1&lastEventId=2, 1",
        "last%45ventId=7, 7",
        "lastEventId=, ''",
        "lastEventId, ''",
        "other=5, ''"
    })
    void theParameterIsForClientsThatCannotSetAHeader(String query, String id) throws Exception {
        try (RawClient client = new RawClient(server.port())) {
            client.send(client.request("GET /news?" + query + " HTTP/1.1"));
            assertThat(client.response()).startsWith("HTTP/1.1 200");
            assertThat(stream().lastEventId()).isEqualTo(id);
        }
    }

    @Test
    void theParameterHasTheNameOfTheOptionsOrNone() throws Exception {
        for (String parameter : new String[] {"from", ""}) {
            server.close();
            server = serve(with(OriginPolicy.allow(List.of("*")), parameter));
            try (RawClient client = new RawClient(server.port())) {
                client.send(client.request("GET /news?lastEventId=1&from=2&=3 HTTP/1.1"));
                assertThat(client.response()).startsWith("HTTP/1.1 200");
                assertThat(stream().lastEventId()).isEqualTo(parameter.isEmpty() ? "" : "2");
            }
        }
    }

    private static EventSourceOptions with(OriginPolicy origins, String parameter) {
        return new EventSourceOptions(Duration.ZERO, Duration.ZERO, 1000, Map.of(), origins, parameter);
    }

    /** CVE-2026-22735 and its like: what an application sends back as an id cannot break its stream. */
    @ParameterizedTest
    @ValueSource(strings = {"7%0Adata:%20evil", "7%0D", "%00", "%7F"})
    void anIdThatNoEventCanHaveHadIsABadRequest(String id) throws Exception {
        try (RawClient client = new RawClient(server.port())) {
            client.send(client.request("GET /news?lastEventId=" + id + " HTTP/1.1"));
            assertThat(client.responseWithBody())
                    .startsWith("HTTP/1.1 400")
                    .endsWith("\r\n\r\nExpected a lastEventId without control characters\n");
        }
        assertThat(streams).isEmpty();
        assertThat(group.size()).isZero();
    }

    @Test
    void anIdThatIsTooLongIsABadRequest() throws Exception {
        server.close();
        server = container.start((request, response) -> {
            HttpServletRequest large = new HttpServletRequestWrapper(request) {
                @Override
                public String getHeader(String name) {
                    return name.equals("Last-Event-ID") ? "x".repeat(8193) : super.getHeader(name);
                }
            };
            streams.add(ServletEventStream.open(large, response, EventSourceOptions.DEFAULT));
        });
        try (RawClient client = new RawClient(server.port())) {
            client.send(client.request("GET /news HTTP/1.1"));
            assertThat(client.responseWithBody())
                    .startsWith("HTTP/1.1 400")
                    .endsWith("Expected a Last-Event-ID of at most 8192 characters but it has 8193\n");
        }
        EventSource refused = stream();
        assertThat(refused.isOpen()).isFalse();
        assertThat(refused.send("nobody hears")).isFalse();
    }

    /** What OriginPolicyTests says of it holds here, too. */
    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:{port}, 200",
        "https://app.example.com, 200",
        "HTTPS://APP.example.com:443, 200",
        "https://evil-example.com, 403",
        "https://app.example.com.evil.example, 403",
        "https://app.example.com:8443, 403",
        "http://app.example.com, 403",
        "null, 403",
        "'https://app.example.com\r\nOrigin: https://app.example.com', 403",
        "'https://app.example.com\r\nOrigin: https://evil.example', 403"
    })
    void aPageOfAnotherOriginGetsNoStreamWhereThatIsNotAllowed(String origin, int status) throws Exception {
        server.close();
        server = serve(with(OriginPolicy.allow(List.of("https://*.example.com")), ""));
        try (RawClient client = new RawClient(server.port())) {
            client.send(client.request(
                    "GET /news HTTP/1.1", "Origin: " + origin.replace("{port}", Integer.toString(server.port()))));
            assertThat(client.response()).startsWith("HTTP/1.1 " + status);
            if (status == 200) {
                stream();
            }
        }
        assertThat(streams).isEmpty();
        try (RawClient client = new RawClient(server.port())) {
            client.send(client.request("GET /news HTTP/1.1"));
            assertThat(client.response()).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void commentsArriveAndAreNoEvents() throws Exception {
        HttpResponse<InputStream> response = get();
        EventSource stream = stream();
        assertThat(stream.comment("one\r\n\ndata: two")).isTrue();
        assertThat(stream.ping()).isTrue();
        stream.close();
        assertThat(stream.comment("late")).isFalse();
        assertThat(lines(response).lines().skip(6)).containsExactly(": one", ":", ": data: two", "", ":", "");
    }

    /** CVE-2026-22735, CVE-2026-47890, CVE-2026-59313 (Spring), javalin#2579: whatever a stranger has written. */
    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r", "\r\n", "\n\n", "\0", "\r\rdata: x\n\n", ":\nid: 9\nretry: 1\n"})
    void nothingThatIsSentMakesAnotherEvent(String evil) throws Exception {
        HttpResponse<InputStream> response = get();
        EventSource stream = stream();
        String bad = "a" + evil + "data: evil";
        for (Consumer<EventSource.Event> field :
                List.<Consumer<EventSource.Event>>of(event -> event.id(bad), event -> event.name(bad))) {
            try {
                stream.send("refused or harmless", field);
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageContaining("of an event");
            }
        }
        stream.comment(bad);
        stream.send("mark");
        stream.send(bad, "last", "2");
        stream.close();
        List<String> lines = lines(response).lines().skip(6).toList();
        List<String> after = lines.subList(lines.indexOf("data: mark") + 2, lines.size());
        assertThat(lines.subList(0, lines.indexOf("data: mark")))
                .allMatch(line -> line.isEmpty()
                        || line.startsWith(":")
                        || line.equals("data: refused or harmless")
                        || line.equals("event: " + bad));
        assertThat(after.subList(0, 2)).containsExactly("event: last", "id: 2");
        assertThat(after.subList(2, after.size() - 1)).allMatch(line -> line.startsWith("data: "));
        assertThat(after).endsWith("");
    }

    @Test
    void aClientThatVanishesIsNoticedAtTheNextPingAndOnCloseIsCalledOnce() throws Exception {
        server.close();
        server = serve(new EventSourceOptions(Duration.ZERO, Duration.ofMillis(100), 1_000_000, Map.of()));
        RawClient client = new RawClient(server.port());
        client.send(client.request("GET /news HTTP/1.1", "Accept: text/event-stream"));
        assertThat(client.response()).startsWith("HTTP/1.1 200");
        EventSource stream = stream();
        client.reset();
        await().until(() -> closed.get() == 1);
        assertThat(stream.isOpen()).isFalse();
        assertThat(group.size()).isZero();
        stream.close();
        assertThat(closed.get()).isEqualTo(1);
    }

    @Test
    void anIdleStreamGetsComments() throws Exception {
        server.close();
        server = serve(new EventSourceOptions(
                Duration.ofSeconds(3), Duration.ofMillis(100), 1_000_000, Map.of("X-More", "yes")));
        HttpResponse<InputStream> response = get();
        assertThat(response.headers().firstValue("X-More")).hasValue("yes");
        try (BufferedReader lines = lines(response)) {
            assertThat(lines.lines().filter(":"::equals).limit(3)).hasSize(3);
        }
    }

    @Test
    void manyEventsArriveInOrderThroughAFullSocket() throws Exception {
        HttpResponse<InputStream> response = get();
        EventSource stream = stream();
        String block = "x".repeat(10_000);
        CountDownLatch drained = new CountDownLatch(1);
        stream.onDrain(drained::countDown);
        int count = 0;
        while (stream.send(block, "n", Integer.toString(count++))) {
            assertThat(count).isLessThan(100_000);
        }
        int sent = count;
        BufferedReader lines = lines(response);
        for (int i = 0; i < sent; ) {
            if (lines.readLine().equals("id: " + i)) {
                i++;
            }
        }
        assertThat(drained.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(stream.isOpen()).isTrue();
        response.body().close();
    }

    @Test
    void aClientThatDoesNotReadIsCutOffAtTheLimit() throws Exception {
        server.close();
        server = serve(new EventSourceOptions(Duration.ZERO, Duration.ZERO, 500_000, Map.of()));
        try (RawClient client = new RawClient(server.port())) {
            client.send(client.request("GET /news HTTP/1.1", "Accept: text/event-stream"));
            EventSource stream = stream();
            String block = "x".repeat(50_000);
            long most = 0;
            for (int i = 0; i < 10_000 && stream.isOpen(); i++) {
                stream.send(block);
                most = Math.max(most, stream.bufferedAmount());
            }
            assertThat(stream.isOpen()).isFalse();
            assertThat(most).isBetween(500_000L, 600_000L);
            assertThat(stream.bufferedAmount()).isZero();
            await().until(() -> closed.get() == 1);
        }
    }
}
