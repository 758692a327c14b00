package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.connection.ConnectionGroup;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.search.MeterNotFoundException;
import io.micrometer.core.instrument.search.RequiredSearch;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** Controllers with connections in a whole application, over real sockets, with the JDK's client. */
class ControllerTests {

    private static final BlockingQueue<String> happened = new LinkedBlockingQueue<>();
    private static final BlockingQueue<WebSocket> sockets = new LinkedBlockingQueue<>();

    private final HttpClient http = HttpClient.newHttpClient();
    private ConfigurableApplicationContext application;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Controllers.class)
    static class Application {}

    @RestController
    static class Controllers {

        @GetMapping("/echo")
        void echo(WebSocket socket) {
            socket.onMessage(socket::send);
            socket.onClose((code, reason) -> happened.add("closed " + code + " " + reason));
            sockets.add(socket);
        }

        @GetMapping("/chat/{room}")
        void chat(@PathVariable String room, WebSocketRequest request, Principal user) {
            if (user == null && room.equals("secret")) {
                request.reject(401, "Log in first");
                return;
            }
            WebSocket socket = request.accept("chat.v2");
            socket.onMessage(message -> socket.send(room + ": " + message.text()));
        }

        @GetMapping("/throws")
        void throwing(WebSocket socket) {
            socket.onClose((code, reason) -> happened.add("never opened " + code));
            throw new ResponseStatusException(HttpStatus.INTERNAL_SERVER_ERROR, "on purpose");
        }

        @GetMapping("/undecided")
        void undecided(WebSocketRequest request) {}

        @GetMapping("/news")
        void news(EventSource events) {
            events.send("Breaking News!", event -> event.name("notification").id("99"));
            events.onClose(() -> happened.add("stream closed"));
        }

        @GetMapping("/throwing-news")
        void throwingNews(EventSource events) {
            events.onClose(() -> happened.add("stream never opened"));
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }

        @GetMapping("/plain")
        String plain() {
            return "plain";
        }
    }

    @BeforeEach
    void start() {
        happened.clear();
        sockets.clear();
        application = SpringApplication.run(Application.class, "--server.port=0", "--server.address=127.0.0.1");
    }

    @AfterEach
    void stop() {
        application.close();
    }

    private URI uri(String scheme, String path) {
        return URI.create(
                scheme + "://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port") + path);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(HttpRequest.newBuilder(uri("http", path)).build(), BodyHandlers.ofString());
    }

    private Client connect(String path, String... protocols) {
        Client client = new Client();
        java.net.http.WebSocket.Builder builder = http.newWebSocketBuilder();
        if (protocols.length == 1) {
            builder.subprotocols(protocols[0]);
        }
        client.socket = builder.buildAsync(uri("ws", path), client).join();
        return client;
    }

    private static final class Client implements java.net.http.WebSocket.Listener {

        private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
        private java.net.http.WebSocket socket;

        @Override
        public CompletionStage<?> onText(java.net.http.WebSocket from, CharSequence data, boolean last) {
            received.add(data.toString());
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(java.net.http.WebSocket from, ByteBuffer data, boolean last) {
            received.add(data.remaining() + " bytes");
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(java.net.http.WebSocket from, int code, String reason) {
            received.add("close " + code + " " + reason);
            return null;
        }

        String next() throws InterruptedException {
            return received.poll(10, TimeUnit.SECONDS);
        }
    }

    private static String next() throws InterruptedException {
        return happened.poll(10, TimeUnit.SECONDS);
    }

    private void assertRefused(String path, int status) {
        assertThatThrownBy(() -> connect(path))
                .isInstanceOfSatisfying(CompletionException.class, refused -> assertThat(refused.getCause())
                        .isInstanceOfSatisfying(WebSocketHandshakeException.class, handshake -> assertThat(
                                        handshake.getResponse().statusCode())
                                .isEqualTo(status)));
    }

    @Test
    void aWebSocketParameterEchoes() throws Exception {
        Client client = connect("/echo");
        client.socket.sendText("Grüße", true).join();
        assertThat(client.next()).isEqualTo("Grüße");
        client.socket.sendBinary(ByteBuffer.allocate(5), true).join();
        assertThat(client.next()).isEqualTo("5 bytes");
        client.socket.sendClose(4000, "bye").join();
        assertThat(client.next()).isEqualTo("close 4000 bye");
        assertThat(next()).isEqualTo("closed 4000 bye");
    }

    @Test
    void aRequestParameterAcceptsWithAProtocolAndPathVariables() throws Exception {
        Client client = connect("/chat/lobby", "chat.v2");
        assertThat(client.socket.getSubprotocol()).isEqualTo("chat.v2");
        client.socket.sendText("hello", true).join();
        assertThat(client.next()).isEqualTo("lobby: hello");
        client.socket.abort();
    }

    @Test
    void aRequestParameterRejects() {
        assertRefused("/chat/secret", 401);
    }

    @Test
    void aControllerThatThrowsIsAnsweredAsUsual() throws Exception {
        assertRefused("/throws", 500);
        assertThat(next()).isEqualTo("never opened 1006");
        assertThat(get("/throwing-news").statusCode()).isEqualTo(404);
        assertThat(next()).isEqualTo("stream never opened");
        assertThat(application.getBean(ConnectionGroup.class).size()).isZero();
    }

    @Test
    void aControllerThatDoesNotDecideIsAnInternalError() {
        assertRefused("/undecided", 500);
    }

    @Test
    void aPlainGetIsToldToUpgradeAndTheControllerDoesNotRun() throws Exception {
        HttpResponse<String> response = get("/echo");
        assertThat(response.statusCode()).isEqualTo(426);
        assertThat(response.headers().firstValue("Upgrade")).hasValue("websocket");
        assertThat(response.body()).startsWith("This is a WebSocket endpoint").endsWith("\n");
        assertThat(sockets).isEmpty();
        assertThat(get("/plain").body()).isEqualTo("plain");
    }

    @Test
    void anEventSourceParameterStreams() throws Exception {
        HttpResponse<InputStream> response =
                http.send(HttpRequest.newBuilder(uri("http", "/news")).build(), BodyHandlers.ofInputStream());
        BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        assertThat(lines.readLine()).isEqualTo("retry: 5000");
        assertThat(lines.readLine()).isEmpty();
        assertThat(lines.readLine()).isEqualTo("event: notification");
        assertThat(lines.readLine()).isEqualTo("id: 99");
        assertThat(lines.readLine()).isEqualTo("data: Breaking News!");
        application.close();
        assertThat(next()).isEqualTo("stream closed");
        assertThat(lines.readLine()).isEmpty();
        assertThat(lines.readLine()).matches("retry: ([5-9]\\d{3}|10000)");
        assertThat(lines.lines()).containsExactly("");
    }

    @Test
    void anApplicationThatStopsSaysGoodbyeAndDoesNotWaitForItsStreams() throws Exception {
        Client client = connect("/echo");
        http.sendAsync(HttpRequest.newBuilder(uri("http", "/news")).build(), BodyHandlers.ofInputStream())
                .join();
        await().until(() -> application.getBean(ConnectionGroup.class).size() == 2);
        ConnectionGroup group = application.getBean(ConnectionGroup.class);

        application.close();

        assertThat(client.next()).isEqualTo("close 1001 Going away");
        assertThat(group.size()).isZero();
        assertThat(happened).contains("stream closed");
    }

    @Test
    void everythingIsMeasuredByPattern() throws Exception {
        Client client = connect("/chat/lobby", "chat.v2");
        client.socket.sendText("hello", true).join();
        client.next();
        client.socket.sendClose(4999, "").join();
        client.next();
        Client other = connect("/echo");
        await().until(() -> value("hawser.websocket.connections.active", "uri", "/echo") == 1);
        get("/echo");
        assertRefused("/chat/secret", 401);

        await().until(() -> value(
                        "hawser.websocket.connections.closed",
                        "uri",
                        "/chat/{room}",
                        "code",
                        "3000-4999",
                        "cause",
                        "peer")
                == 1);
        assertThat(value("hawser.websocket.connections.opened", "uri", "/chat/{room}"))
                .isEqualTo(1);
        assertThat(value("hawser.websocket.connections.active", "uri", "/chat/{room}"))
                .isZero();
        assertThat(value("hawser.websocket.messages", "uri", "/chat/{room}", "direction", "inbound", "type", "text"))
                .isEqualTo(1);
        assertThat(value("hawser.websocket.bytes", "uri", "/chat/{room}", "direction", "outbound", "type", "text"))
                .isEqualTo("lobby: hello".length());
        assertThat(value("hawser.websocket.handshakes.refused", "uri", "/echo", "reason", "not-a-websocket"))
                .isEqualTo(1);
        assertThat(value("hawser.websocket.handshakes.refused", "uri", "/chat/{room}", "reason", "rejected"))
                .isEqualTo(1);
        assertThat(registry()
                        .get("hawser.websocket.connection.duration")
                        .tag("uri", "/chat/{room}")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(registry().getMeters().stream().map(Meter::getId).map(Object::toString))
                .noneMatch(id -> id.contains("lobby") || id.contains("secret"));
        other.socket.abort();
        await().until(() ->
                value("hawser.websocket.connections.closed", "uri", "/echo", "code", "1006", "cause", "network") == 1);
    }

    @Test
    void streamsAreMeasuredToo() throws Exception {
        HttpResponse<InputStream> response =
                http.send(HttpRequest.newBuilder(uri("http", "/news")).build(), BodyHandlers.ofInputStream());
        await().until(() -> value("hawser.eventsource.connections.active", "uri", "/news") == 1);
        assertThat(value("hawser.eventsource.events", "uri", "/news")).isEqualTo(1);
        assertThat(value("hawser.eventsource.bytes", "uri", "/news")).isGreaterThan(20);
        assertThat(response.statusCode()).isEqualTo(200);
        application.getBean(ConnectionGroup.class).goAway();
        await().atMost(Duration.ofSeconds(10))
                .until(() -> value("hawser.eventsource.connections.closed", "uri", "/news", "cause", "shutdown") == 1);
    }

    private MeterRegistry registry() {
        return application.getBean(MeterRegistry.class);
    }

    private double value(String name, String... tags) {
        try {
            return RequiredSearch.in(registry()).name(name).tags(tags).meters().stream()
                    .mapToDouble(meter -> meter.measure().iterator().next().getValue())
                    .sum();
        } catch (MeterNotFoundException notYet) {
            return -1;
        }
    }
}
