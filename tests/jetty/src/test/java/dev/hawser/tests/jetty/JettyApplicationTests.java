package dev.hawser.tests.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.client.ClientOptions;
import dev.hawser.websocket.client.WebSocketClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jetty.JettyWebServer;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;

/** What the README promises, on Jetty. */
@SpringBootTest(classes = JettyApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT)
class JettyApplicationTests {

    @Autowired
    private ServletWebServerApplicationContext application;

    @Autowired
    private WebSocketClient client;

    @Autowired
    private MeterRegistry meters;

    @Autowired
    private JettyApplication.Log log;

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void forget() {
        log.closed().clear();
    }

    private int port() {
        return application.getWebServer().getPort();
    }

    private Heard connect(String path, Consumer<ClientOptions.Builder> options) {
        return new Heard(client.connect("ws://localhost:" + port() + path, options));
    }

    private Heard connect(String path) {
        return connect(path, options -> {});
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + port() + path));
        return http.send(
                headers.length == 0 ? request.build() : request.headers(headers).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** The response to a request for the echo with these headers. */
    private String raw(String... headers) throws IOException {
        try (Socket socket = new Socket("localhost", port())) {
            socket.setSoTimeout(10_000);
            String request = "GET /echo HTTP/1.1\r\nHost: localhost\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
        }
    }

    private double count(String meter, String tag, String value) {
        return meters.find(meter).tag(tag, value).counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    @Test
    void itRunsOnJettyAndThereIsNoTomcat() {
        assertThat(application.getWebServer()).isInstanceOf(JettyWebServer.class);
        assertThatThrownBy(() -> Class.forName("org.apache.catalina.connector.Request"))
                .isInstanceOf(ClassNotFoundException.class);
        assertThat(application.containsBean("hawserHandshakeValveCustomizer")).isFalse();
    }

    @Test
    void anEchoComesBackAndTheClosingHandshakeIsKept() throws Exception {
        Heard echo = connect("/echo");
        echo.socket.send("Grüße");
        String large = "x".repeat(3_000_000);
        echo.socket.send(large);
        assertThat(echo.message()).isEqualTo("Grüße");
        assertThat(echo.message()).isEqualTo(large);
        echo.socket.close(4001, "bye");
        assertThat(echo.closeCode()).isEqualTo(4001);
        assertThat(log.closed().poll(10, TimeUnit.SECONDS)).isEqualTo("echo 4001");
    }

    @Test
    void aClientThatWeDidNotWriteConnectsToo() {
        CompletableFuture<String> message = new CompletableFuture<>();
        WebSocket socket = http.newWebSocketBuilder()
                .buildAsync(URI.create("ws://localhost:" + port() + "/echo"), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
                        message.complete(text.toString());
                        return null;
                    }
                })
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
        socket.sendText("hello", true).join();
        assertThat(message.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo("hello");
        socket.abort();
    }

    @Test
    void pathVariablesAndSubprotocolsArriveAndTheMetersKnowThePattern() throws Exception {
        double before = count("hawser.websocket.connections.opened", "uri", "/chat/{room}");
        Heard chat = connect(
                "/chat/lobby", options -> options.header("X-User", "Ann").protocols("chat", "chat.v2"));
        chat.socket.send("hello");
        assertThat(chat.message()).isEqualTo("lobby/Ann: hello");
        assertThat(chat.socket.protocol()).isEqualTo("chat.v2");
        assertThat(count("hawser.websocket.connections.opened", "uri", "/chat/{room}"))
                .isEqualTo(before + 1);
        chat.socket.close();
        assertThat(chat.closeCode()).isEqualTo(1000);
    }

    @Test
    void whatIsRejectedIsAnswered() throws Exception {
        ConnectFailedException refused = connect("/chat/lobby").refusal();
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers()).containsKey("www-authenticate");
        assertThat(connect("/echo", options -> options.origin("https://evil.example"))
                        .refusal()
                        .statusCode())
                .isEqualTo(403);
        HttpResponse<String> plain = get("/echo");
        assertThat(plain.statusCode()).isEqualTo(426);
        assertThat(plain.headers().firstValue("Upgrade")).hasValue("websocket");
        assertThat(raw(
                        "Upgrade: websocket",
                        "Connection: Upgrade",
                        "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: short"))
                .startsWith("HTTP/1.1 400 ");
        assertThat(count("hawser.websocket.handshakes.refused", "reason", "forbidden-origin"))
                .isPositive();
    }

    @Test
    void aControllerThatThrowsIsAnsweredAsUsual() throws Exception {
        assertThat(connect("/throws").refusal().statusCode()).isEqualTo(500);
        assertThat(log.closed().poll(10, TimeUnit.SECONDS)).isEqualTo("throws 1006");
    }

    @Test
    void theDecisionCanComeLaterFromAnotherThread() throws Exception {
        Heard later = connect("/later");
        WebSocketRequest request = log.deferred().poll(10, TimeUnit.SECONDS);
        CompletableFuture.runAsync(() -> request.accept().send("accepted")).join();
        assertThat(later.message()).isEqualTo("accepted");
        later.socket.close();
        assertThat(later.closeCode()).isEqualTo(1000);

        Heard rejected = connect("/later");
        log.deferred().poll(10, TimeUnit.SECONDS).reject(402, "Pay first");
        assertThat(rejected.refusal().statusCode()).isEqualTo(402);
    }

    /** Its filter asks whether the request is asynchronous, and then for the context. */
    @Test
    void springsObservationsSeeTheHandshakes() throws Exception {
        Heard echo = connect("/echo");
        echo.socket.send("hello");
        echo.message();
        await().untilAsserted(() -> assertThat(meters.find("http.server.requests")
                        .tags("uri", "/echo", "status", "101")
                        .timer())
                .isNotNull());
        echo.socket.close();
        echo.closeCode();
    }

    private void assertObserved(String uri, String... statuses) {
        await().untilAsserted(() -> assertThat(meters.find("http.server.requests").tag("uri", uri).timers().stream()
                        .map(timer -> timer.getId().getTag("status") + " x" + timer.count())
                        .sorted())
                .containsExactly(statuses));
    }

    @Test
    void springsObservationsHaveTheStatusOfWhatWasDecidedLater() throws Exception {
        meters.find("http.server.requests").meters().forEach(meters::remove);
        Heard accepted = connect("/later");
        WebSocketRequest request = log.deferred().poll(10, TimeUnit.SECONDS);
        assertThat(meters.find("http.server.requests").tag("uri", "/later").timers())
                .isEmpty();
        request.accept().send("accepted");
        accepted.message();
        assertObserved("/later", "101 x1");
        Heard rejected = connect("/later");
        log.deferred().poll(10, TimeUnit.SECONDS).reject(402, "Pay first");
        rejected.refusal();
        assertObserved("/later", "101 x1", "402 x1");
        accepted.socket.close();
        accepted.closeCode();
        assertObserved("/later", "101 x1", "402 x1");
    }

    @Test
    void springsObservationsSeeRefusalsAndRejections() throws Exception {
        meters.find("http.server.requests").meters().forEach(meters::remove);
        connect("/echo", options -> options.origin("https://evil.example")).refusal();
        get("/echo");
        connect("/chat/lobby").refusal();
        assertObserved("/echo", "403 x1", "426 x1");
        assertObserved("/chat/{room}", "401 x1");
    }

    @Test
    void forSpringsObservationsAnEventStreamEndsWhenItIsOpen() throws Exception {
        meters.find("http.server.requests").meters().forEach(meters::remove);
        HttpResponse<InputStream> response = http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port() + "/news/cricket"))
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertObserved("/news/{topic}", "200 x1");
        response.body().close();
        await().atMost(Duration.ofSeconds(30)).until(() -> log.closed().contains("news cricket"));
        assertObserved("/news/{topic}", "200 x1");
    }

    @Test
    void anEventStreamBeginsAtOnceAndItsEndIsNoticed() throws Exception {
        HttpResponse<InputStream> response = http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port() + "/news/sports"))
                        .header("Last-Event-ID", "41")
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        assertThat(lines.lines().limit(6))
                .containsExactly("retry: 5000", "", "event: start", "id: 1", "data: sports after 41", "");
        response.body().close();
        assertThat(log.closed().poll(30, TimeUnit.SECONDS)).isEqualTo("news sports");
    }

    @Test
    void nothingIsBelievedOfForwardedHeaders() throws Exception {
        Heard who = connect("/who", options -> options.header("X-Forwarded-For", "203.0.113.7")
                .header("X-Forwarded-Proto", "https")
                .header("Forwarded", "for=203.0.113.8"));
        assertThat(who.message()).isEqualTo("127.0.0.1 ws://localhost:" + port() + "/who /who /who");
        who.socket.close();
        who.closeCode();
    }
}
