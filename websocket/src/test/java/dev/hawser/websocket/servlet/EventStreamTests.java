package dev.hawser.websocket.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.eventsource.EventSourceObserver;
import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.websocket.connection.ConnectionGroup;
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
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

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
            ServletEventStream stream = ServletEventStream.of(
                    request, response, new ServletEventStream.Setup(options, EventSourceObserver.NONE, group, null));
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
