package dev.hawser.security;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.client.ClientOptions;
import dev.hawser.websocket.client.WebSocketClient;
import java.io.IOException;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** An application on a port of its own, and those who talk to it: a browser with its cookies, and a WebSocket client. */
final class Server implements AutoCloseable {

    private static final Pattern CSRF = Pattern.compile("name=\"_csrf\"[^>]*value=\"([^\"]+)\"");

    final ConfigurableApplicationContext application;
    private final WebSocketClient client = WebSocketClient.create();
    private final CookieManager cookies = new CookieManager();
    private final HttpClient browser = HttpClient.newBuilder()
            .cookieHandler(cookies)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    Server(Class<?> application, String... arguments) {
        SpringApplication spring = new SpringApplication(application);
        spring.setDefaultProperties(java.util.Map.of("server.port", "0", "server.address", "127.0.0.1"));
        this.application = spring.run(arguments);
    }

    int port() {
        return Integer.parseInt(application.getEnvironment().getRequiredProperty("local.server.port"));
    }

    <T> T bean(Class<T> type) {
        return application.getBean(type);
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    // ---- The browser.

    HttpResponse<String> get(String path) throws Exception {
        return browser.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
    }

    /** Posts a form, with the token against forged requests that a page of ours has given it. */
    HttpResponse<String> post(String path, String form) throws Exception {
        Matcher csrf = CSRF.matcher(get("/login").body());
        String token = csrf.find() ? "&_csrf=" + csrf.group(1) : "";
        return browser.send(
                HttpRequest.newBuilder(uri(path))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form + token))
                        .build(),
                BodyHandlers.ofString());
    }

    /** Fills in the form of Spring Security. */
    void logIn(String user) throws Exception {
        HttpResponse<String> response = post("/login", "username=" + user + "&password=secret");
        if (!response.headers().firstValue("Location").orElse("").equals(uri("/").toString())
                && !response.headers().firstValue("Location").orElse("").equals("/")) {
            throw new AssertionError("Expected to be logged in, but was " + response.statusCode() + " "
                    + response.headers().map());
        }
    }

    /** The cookies that the browser has, as a header. */
    String cookies() {
        return cookies.getCookieStore().getCookies().stream()
                .map(HttpCookie::toString)
                .collect(Collectors.joining("; "));
    }

    // ---- WebSockets.

    Heard connect(String path, Consumer<ClientOptions.Builder> options) {
        return new Heard(client.connect("ws://127.0.0.1:" + port() + path, options));
    }

    /** With the browser's cookies. */
    Heard connect(String path) {
        return connect(path, options -> options.header("Cookie", cookies()));
    }

    ClientWebSocket socket(String path, Consumer<ClientOptions.Builder> options) {
        return client.connect("ws://127.0.0.1:" + port() + path, options);
    }

    // ---- Byte by byte.

    /** The whole response to a request of these lines, after which the server is asked to close. */
    String exchange(String... lines) throws IOException {
        try (Socket raw = new Socket("127.0.0.1", port())) {
            raw.setSoTimeout(10_000);
            String request =
                    String.join("\r\n", lines) + "\r\nHost: 127.0.0.1:" + port() + "\r\nConnection: close\r\n\r\n";
            raw.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(raw.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The status line and the headers of the response to a handshake for this path, as it stands. */
    String handshake(String path, String... headers) throws IOException {
        try (Socket raw = ask(path, headers)) {
            return head(raw);
        }
    }

    /** A connection on which the handshake has succeeded. */
    Socket upgraded(String path, String... headers) throws IOException {
        Socket raw = ask(path, headers);
        String head = head(raw);
        if (!head.startsWith("HTTP/1.1 101 ")) {
            raw.close();
            throw new AssertionError("Expected to be upgraded, but was " + head);
        }
        return raw;
    }

    private Socket ask(String path, String... headers) throws IOException {
        Socket raw = new Socket("127.0.0.1", port());
        raw.setSoTimeout(10_000);
        StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port()
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        raw.getOutputStream().write(request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        return raw;
    }

    private static String head(Socket raw) throws IOException {
        StringBuilder response = new StringBuilder();
        while (response.indexOf("\r\n\r\n") < 0) {
            int next = raw.getInputStream().read();
            if (next < 0) {
                break;
            }
            response.append((char) next);
        }
        return response.toString();
    }

    @Override
    public void close() {
        client.close();
        application.close();
    }
}
