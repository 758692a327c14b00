package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.client.ClientOptions;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.protocol.ReadyState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** An application behind nginx. */
class NginxTests {

    private static final String PEER = "203.0.113.7";

    /** As if nginx were asked from {@link #PEER}. */
    private static final String[] FORWARDED = {
        "proxy_set_header X-Forwarded-For \"$http_x_forwarded_for, " + PEER + "\";",
        "proxy_set_header X-Forwarded-Proto $scheme;",
        "proxy_set_header X-Forwarded-Host $http_host;",
        "proxy_set_header X-Forwarded-Port $server_port;"
    };

    private static final BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();
    private static final BlockingQueue<EventSource> streams = new LinkedBlockingQueue<>();

    private final List<AutoCloseable> opened = new ArrayList<>();
    private ServletWebServerApplicationContext application;
    private ProxyPrograms programs;
    private int port;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Endpoints.class)
    static class Application {}

    @RestController
    static class Endpoints {

        @GetMapping("/echo")
        void echo(WebSocket socket) {
            socket.onMessage(message -> {
                if (message.isText() && message.text().equals("close")) {
                    socket.close(4002, "As you like");
                } else {
                    socket.send(message);
                }
            });
            socket.onClose((code, reason) -> closed.add(code));
        }

        @GetMapping("/who")
        void who(WebSocketRequest request) {
            request.accept().send(request.remoteAddress() + " " + request.url());
        }

        @GetMapping("/news")
        void news(EventSource events) {
            events.send("first");
            streams.add(events);
        }
    }

    /** What a socket tells. */
    private static final class Heard {

        final ClientWebSocket socket;
        final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        final BlockingQueue<Throwable> errors = new LinkedBlockingQueue<>();
        final BlockingQueue<Integer> codes = new LinkedBlockingQueue<>();

        Heard(ClientWebSocket socket) {
            this.socket = socket;
            socket.onMessage(message -> messages.add(message.text()));
            socket.onError(errors::add);
            socket.onClose((code, reason) -> codes.add(code));
        }

        String message() throws InterruptedException {
            String message = messages.poll(20, TimeUnit.SECONDS);
            assertThat(message).as(errors.toString()).isNotNull();
            return message;
        }
    }

    private void start(String... properties) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("--server.port=0", "--spring.main.banner-mode=off"));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        application = (ServletWebServerApplicationContext)
                new SpringApplication(Application.class).run(arguments.toArray(String[]::new));
        opened.add(application);
        closed.clear();
        programs = new ProxyPrograms();
        opened.add(programs::remove);
    }

    private Service nginx(boolean secure, String... directives) throws Exception {
        return nginx("1.1", secure, directives);
    }

    private Service nginx(String version, boolean secure, String... directives) throws Exception {
        port = Service.freePort();
        Service nginx = programs.nginx(version, port, application.getWebServer().getPort(), secure, directives);
        opened.add(nginx);
        return nginx;
    }

    private Heard connect(String path, String... headers) throws Exception {
        WebSocketClient client = WebSocketClient.create(ClientOptions.DEFAULT.with(options -> {
            options.socket(socket -> socket.ping(Duration.ZERO));
            for (int i = 0; i < headers.length; i += 2) {
                if (headers[i].equals("Origin")) {
                    options.origin(headers[i + 1]);
                } else {
                    options.header(headers[i], headers[i + 1]);
                }
            }
        }));
        opened.add(client);
        return new Heard(client.connect("ws://localhost:" + port + path));
    }

    private Heard connectSecurely(String path, String origin) throws Exception {
        WebSocketClient client = WebSocketClient.create(
                ClientOptions.DEFAULT.with(options -> options.tls(trusting()).origin(origin)));
        opened.add(client);
        return new Heard(client.connect("wss://localhost:" + port + path));
    }

    private javax.net.ssl.SSLContext trusting() {
        try {
            return programs.trusting();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @Test
    void messagesAndCloseCodesPassBothWays() throws Exception {
        start();
        nginx(false);
        Heard first = connect("/echo");
        String large = "x".repeat(2_000_000);
        first.socket.send(large);
        assertThat(first.message()).isEqualTo(large);
        first.socket.close(4001, "bye");
        assertThat(first.codes.poll(20, TimeUnit.SECONDS)).isEqualTo(4001);
        assertThat(closed.poll(20, TimeUnit.SECONDS)).isEqualTo(4001);

        Heard second = connect("/echo");
        second.socket.send("close");
        assertThat(second.codes.poll(20, TimeUnit.SECONDS)).isEqualTo(4002);
        assertThat(closed.poll(20, TimeUnit.SECONDS)).isEqualTo(4002);
    }

    @Test
    void anNginxThatEndsEndsItsConnectionsWith1006() throws Exception {
        start();
        Service nginx = nginx(false);
        Heard echo = connect("/echo");
        echo.socket.send("hello");
        assertThat(echo.message()).isEqualTo("hello");
        nginx.close();
        assertThat(echo.codes.poll(20, TimeUnit.SECONDS)).isEqualTo(1006);
        assertThat(closed.poll(20, TimeUnit.SECONDS)).isEqualTo(1006);
    }

    @Test
    void pingsThatAreMoreFrequentThanItsTimeoutKeepAConnection() throws Exception {
        start("hawser.websocket.ping=200ms");
        nginx(false, "proxy_read_timeout 1s;", "proxy_send_timeout 1s;");
        Heard echo = connect("/echo");
        await().until(() -> echo.socket.state() == ReadyState.OPEN);
        await().during(Duration.ofMillis(2_500)).until(() -> echo.socket.state() == ReadyState.OPEN);
        echo.socket.send("still here");
        assertThat(echo.message()).isEqualTo("still here");
    }

    @Test
    void withoutPingsItsTimeoutCutsAConnection() throws Exception {
        start("hawser.websocket.ping=0");
        nginx(false, "proxy_read_timeout 1s;");
        Heard echo = connect("/echo");
        assertThat(echo.codes.poll(20, TimeUnit.SECONDS)).isEqualTo(1006);
        assertThat(closed.poll(20, TimeUnit.SECONDS)).isEqualTo(1006);
    }

    private HttpResponse<InputStream> news(String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/news"))
                .timeout(Duration.ofSeconds(20));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    private static final String[] GZIP = {
        "gzip on;", "gzip_types text/event-stream;", "gzip_min_length 0;", "gzip_proxied any;"
    };

    /** Its proxy_buffering is on, as it is by default. */
    @ParameterizedTest
    @CsvSource({"1.1, identity", "1.1, gzip", "1.0, identity", "1.0, gzip"})
    void eventsAreNotCollected(String version, String encoding) throws Exception {
        start("hawser.eventsource.ping=0");
        nginx(version, false, GZIP);
        HttpResponse<InputStream> response = news("Accept-Encoding", encoding);
        assertThat(response.headers().firstValue("Content-Encoding").orElse("identity"))
                .isEqualTo(encoding);
        InputStream body = encoding.equals("gzip") ? new GZIPInputStream(response.body()) : response.body();
        assertThat(List.of(line(body), line(body), line(body), line(body)))
                .containsExactly("retry: 5000", "", "data: first", "");
        EventSource events = streams.poll(20, TimeUnit.SECONDS);
        for (int i = 0; i < 10; i++) {
            events.send("event " + i);
            assertThat(line(body)).isEqualTo("data: event " + i);
            assertThat(line(body)).isEmpty();
        }
        String large = "x".repeat(200_000); // more than all its buffers
        events.send(large);
        assertThat(line(body)).isEqualTo("data: " + large);
        response.body().close();
    }

    /** So it is the header that the test before needs; without it, all but what is neither compressed nor from an HTTP/1.0 server waits. */
    @ParameterizedTest
    @CsvSource({"1.1, gzip", "1.0, identity", "1.0, gzip"})
    void withoutTheHeaderThatItObeysEventsAreCollected(String version, String encoding) throws Exception {
        start("hawser.eventsource.ping=0");
        nginx(
                version,
                false,
                Stream.concat(Stream.of(GZIP), Stream.of("proxy_ignore_headers X-Accel-Buffering;"))
                        .toArray(String[]::new));
        CompletableFuture<Integer> firstByte = CompletableFuture.supplyAsync(() -> {
            try {
                HttpResponse<InputStream> response = news("Accept-Encoding", encoding);
                opened.add(response.body());
                return response.body().read();
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
        });
        EventSource events = streams.poll(20, TimeUnit.SECONDS);
        await().during(Duration.ofSeconds(1)).until(() -> !firstByte.isDone());
        Random random = new Random(1); // more than any buffer, compressed, too
        events.send(random.ints(300_000, 'a', 'z').mapToObj(Character::toString).collect(Collectors.joining()));
        assertThat(firstByte.get(20, TimeUnit.SECONDS)).isEqualTo(encoding.equals("gzip") ? 0x1F : 'r');
    }

    /** The next line, which must come by itself. */
    private static String line(InputStream body) throws Exception {
        return CompletableFuture.supplyAsync(() -> lineNow(body)).get(20, TimeUnit.SECONDS);
    }

    private static String lineNow(InputStream body) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            for (int c = body.read(); c >= 0 && c != '\n'; c = body.read()) {
                line.write(c);
            }
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    @Test
    void whatItForwardsIsNotBelievedUnlessTheStrategySaysSo() throws Exception {
        start();
        nginx(true, FORWARDED);
        assertThat(connectSecurely("/who", null).message()).isEqualTo("127.0.0.1 ws://localhost:" + port + "/who");

        Service plain = nginx(false, "proxy_set_header Forwarded \"for=203.0.113.8;proto=https\";");
        assertThat(plain.port()).isEqualTo(port);
        assertThat(connect("/who", "X-Forwarded-For", "6.6.6.6", "X-Real-IP", "6.6.6.6")
                        .message())
                .isEqualTo("127.0.0.1 ws://localhost:" + port + "/who");
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "framework"})
    void whatItForwardsIsBelievedIfTheStrategySaysSo(String strategy) throws Exception {
        start("server.forward-headers-strategy=" + strategy);
        String[] directives = FORWARDED.clone();
        directives[0] = "proxy_set_header X-Forwarded-For " + PEER + ";";
        nginx(true, directives);
        assertThat(connectSecurely("/who", "https://localhost:" + port).message())
                .isEqualTo(PEER + " wss://localhost:" + port + "/who");

        for (String origin : new String[] {"http://localhost:" + port, "https://evil.example"}) {
            Throwable refused = connectSecurely("/who", origin).errors.poll(20, TimeUnit.SECONDS);
            assertThat(refused)
                    .isInstanceOfSatisfying(ConnectFailedException.class, failed -> assertThat(failed.statusCode())
                            .isEqualTo(403));
        }
    }

    /** Whoever can reach nginx can claim to be anybody; what nginx has added itself counts. */
    @Test
    void whatAClientClaimsIsNotBelieved() throws Exception {
        start("server.forward-headers-strategy=native");
        nginx(false, FORWARDED);
        assertThat(connect("/who", "X-Forwarded-For", "6.6.6.6").message())
                .isEqualTo(PEER + " ws://localhost:" + port + "/who");
    }
}
