package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.spring.ConnectionLifetimes;
import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.protocol.ReadyState;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionListener;
import java.io.InputStream;
import java.net.HttpCookie;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.catalina.session.ManagerBase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** Connections end with the HTTP session that they were opened with, without Spring Security. */
class SessionEndTests {

    private final WebSocketClient client = WebSocketClient.create();
    private final HttpClient http = HttpClient.newHttpClient();
    private ConfigurableApplicationContext application;
    private Opened opened;

    static final class Opened {

        final BlockingQueue<WebSocket> sockets = new LinkedBlockingQueue<>();
        final BlockingQueue<EventSource> streams = new LinkedBlockingQueue<>();
        final BlockingQueue<WebSocketRequest> requests = new LinkedBlockingQueue<>();
        /** While it is there, a session that ends waits for it after all other listeners have been called. */
        volatile CountDownLatch ending = new CountDownLatch(0);

        volatile CountDownLatch mayEnd = new CountDownLatch(0);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import({Opened.class, Endpoints.class, SlowListener.class})
    static class Application {

        /** Looks for expired sessions each second, not each minute. */
        @Bean
        WebServerFactoryCustomizer<TomcatServletWebServerFactory> impatientTomcat() {
            return factory -> factory.addContextCustomizers(context -> {
                context.setBackgroundProcessorDelay(1);
                context.addLifecycleListener(event -> {
                    if (context.getManager() instanceof ManagerBase manager) {
                        manager.setProcessExpiresFrequency(1);
                    }
                });
            });
        }
    }

    /** Tomcat calls the first listener last when a session ends. */
    @Order(Ordered.HIGHEST_PRECEDENCE)
    static final class SlowListener implements HttpSessionListener {

        private final Opened opened;

        SlowListener(Opened opened) {
            this.opened = opened;
        }

        @Override
        public void sessionDestroyed(HttpSessionEvent event) {
            opened.ending.countDown();
            try {
                opened.mayEnd.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @RestController
    static class Endpoints {

        private final Opened opened;

        Endpoints(Opened opened) {
            this.opened = opened;
        }

        @GetMapping("/begin")
        String begin(HttpServletRequest request, @RequestParam(defaultValue = "600") int seconds) {
            HttpSession session = request.getSession();
            session.setMaxInactiveInterval(seconds);
            return session.getId();
        }

        @GetMapping("/renew")
        String renew(HttpServletRequest request) {
            return request.changeSessionId();
        }

        @GetMapping("/end")
        void end(HttpServletRequest request) {
            request.getSession(false).invalidate();
        }

        @GetMapping("/echo")
        void echo(WebSocket socket) {
            socket.onMessage(socket::send);
            socket.send("hello");
            opened.sockets.add(socket);
        }

        /** Serves nobody without a session. */
        @GetMapping("/private")
        void priv(WebSocketRequest request, HttpServletRequest http) {
            if (http.getSession(false) == null) {
                request.reject(401, "No session");
                return;
            }
            opened.sockets.add(request.accept());
        }

        @GetMapping("/later")
        void later(WebSocketRequest request) {
            request.defer();
            opened.requests.add(request);
        }

        @GetMapping("/throws")
        void throwing(WebSocket socket) {
            throw new ResponseStatusException(org.springframework.http.HttpStatus.GONE);
        }

        @GetMapping("/events")
        void events(EventSource events) {
            events.send("hello");
            opened.streams.add(events);
        }
    }

    /** What a client's socket hears. */
    private static final class Heard {

        final ClientWebSocket socket;
        final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        final CompletableFuture<String> closed = new CompletableFuture<>();

        Heard(ClientWebSocket socket) {
            this.socket = socket;
            socket.onError(error -> {});
            socket.onMessage(message -> messages.add(message.text()));
            socket.onClose((code, reason) -> closed.complete((code + " " + reason).strip()));
        }

        String next() throws InterruptedException {
            return messages.poll(10, TimeUnit.SECONDS);
        }

        String closed() {
            return closed.orTimeout(30, TimeUnit.SECONDS).join();
        }
    }

    private void start(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--server.port=0", "--server.address=127.0.0.1"));
        all.addAll(List.of(arguments));
        application = SpringApplication.run(Application.class, all.toArray(String[]::new));
        opened = application.getBean(Opened.class);
    }

    @AfterEach
    void stop() {
        client.close();
        application.close();
    }

    private String address(String scheme, String path) {
        return scheme + "://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port") + path;
    }

    private HttpResponse<String> get(String path, String cookie) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address("http", path)));
        if (!cookie.isEmpty()) {
            request.header("Cookie", cookie);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    /** The cookie that the response sets. */
    private static String cookie(HttpResponse<String> response) {
        HttpCookie cookie = HttpCookie.parse(
                        response.headers().firstValue("Set-Cookie").orElseThrow())
                .get(0);
        return cookie.getName() + "=" + cookie.getValue();
    }

    private Heard connect(String path, String cookie) {
        return new Heard(client.connect(address("ws", path), options -> Stream.of(cookie)
                .filter(value -> !value.isEmpty())
                .forEach(value -> options.header("Cookie", value))));
    }

    private Heard connected(String cookie) throws Exception {
        Heard heard = connect("/echo", cookie);
        assertThat(heard.next()).isEqualTo("hello");
        return heard;
    }

    private void assertOpen(Heard heard) throws Exception {
        heard.socket.send("still there?");
        assertThat(heard.next()).isEqualTo("still there?");
    }

    private int followed() {
        return application.getBean(ConnectionLifetimes.class).size();
    }

    @Test
    void aSessionThatIsInvalidatedClosesItsSocketsAndNoOthers() throws Exception {
        start();
        String mine = cookie(get("/begin", ""));
        Heard first = connected(mine);
        Heard second = connected(mine);
        Heard stranger = connected(cookie(get("/begin", "")));
        Heard nobody = connected("");

        get("/end", mine);
        assertThat(first.closed()).isEqualTo("1008 Session ended");
        assertThat(second.closed()).isEqualTo("1008 Session ended");
        assertOpen(stranger);
        assertOpen(nobody);
        await().until(() -> followed() == 1);
        await().untilAsserted(() -> assertThat(application
                        .getBean(MeterRegistry.class)
                        .get("hawser.websocket.connections.closed")
                        .tag("code", "1008")
                        .tag("cause", "authentication")
                        .counter()
                        .count())
                .isEqualTo(2));
    }

    private HttpResponse<InputStream> openEvents(String cookie) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(address("http", "/events")))
                        .header("Cookie", cookie)
                        .build(),
                BodyHandlers.ofInputStream());
    }

    @Test
    void aSessionThatEndsClosesItsStreams() throws Exception {
        start();
        String mine = cookie(get("/begin", ""));
        HttpResponse<InputStream> response = openEvents(mine);
        EventSource events = opened.streams.poll(10, TimeUnit.SECONDS);
        get("/end", mine);
        assertThat(new String(response.body().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                .endsWith("data: hello\n\n");
        await().until(() -> !events.isOpen() && followed() == 0);
    }

    @Test
    void anOpenSocketDoesNotKeepItsSessionFromExpiring() throws Exception {
        start();
        Heard heard = connected(cookie(get("/begin?seconds=2", "")));
        ClientWebSocket socket = heard.socket;
        await().until(() -> !socket.send("busy") && socket.state() == ReadyState.CLOSED);
        assertThat(heard.closed()).isEqualTo("1008 Session ended");
    }

    @Test
    void aSessionIsFollowedUnderItsNewId() throws Exception {
        start();
        String old = cookie(get("/begin", ""));
        Heard heard = connected(old);
        String renewed = cookie(get("/renew", old));
        assertThat(renewed).isNotEqualTo(old);
        assertOpen(heard);
        get("/end", renewed);
        assertThat(heard.closed()).isEqualTo("1008 Session ended");
    }

    @Test
    void aSessionThatEndsBeforeTheDecisionClosesTheSocket() throws Exception {
        start();
        String mine = cookie(get("/begin", ""));
        Heard heard = connect("/later", mine);
        WebSocketRequest request = opened.requests.poll(10, TimeUnit.SECONDS);
        get("/end", mine);
        request.accept();
        assertThat(heard.closed()).isEqualTo("1008 Session ended");
        await().until(() -> followed() == 0);
    }

    @Test
    void noSessionIsMadeForAConnection() throws Exception {
        start();
        Heard heard = connected("");
        assertThat(heard.socket.headers()).doesNotContainKey("Set-Cookie");
        assertThat(followed()).isZero();
    }

    @Test
    void aPropertyLeavesThemOpen() throws Exception {
        start("--hawser.websocket.close-on-session-end=false");
        String mine = cookie(get("/begin", ""));
        Heard heard = connected(mine);
        get("/end", mine);
        assertOpen(heard);
        assertThat(followed()).isZero();
    }

    @Test
    void aPropertyLeavesStreamsOpen() throws Exception {
        start("--hawser.eventsource.close-on-session-end=false");
        String mine = cookie(get("/begin", ""));
        HttpResponse<InputStream> response = openEvents(mine);
        EventSource events = opened.streams.poll(10, TimeUnit.SECONDS);
        get("/end", mine);
        assertThat(events.isOpen()).isTrue();
        response.body().close();
    }

    @Test
    void nothingIsKeptOfSocketsThatHaveEnded() throws Exception {
        start();
        String mine = cookie(get("/begin", ""));
        List<Heard> all = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            all.add(connect("/echo", mine));
            connect("/throws", mine);
        }
        for (Heard heard : all) {
            assertThat(heard.next()).isEqualTo("hello");
        }
        await().until(() -> followed() == 300);
        for (int i = 0; i < 300; i += 3) {
            all.get(i).socket.close();
            all.get(i + 1).socket.terminate();
        }
        await().until(() -> followed() == 100);
        get("/end", mine);
        await().until(() -> followed() == 0);
        assertThat(all.get(299).closed()).isEqualTo("1008 Session ended");
        await().until(() -> application.getBean(ConnectionGroup.class).size() == 0);
    }

    /** A dead session honoured, as in CVE-2026-76183: while its listeners are called, Tomcat still takes it for valid. */
    @Test
    void aHandshakeWithASessionThatIsEndingIsClosed() throws Exception {
        start();
        String mine = cookie(get("/begin", ""));
        opened.mayEnd = new CountDownLatch(1);
        opened.ending = new CountDownLatch(1);
        CompletableFuture<HttpResponse<String>> ended = http.sendAsync(
                HttpRequest.newBuilder(URI.create(address("http", "/end")))
                        .header("Cookie", mine)
                        .build(),
                BodyHandlers.ofString());
        assertThat(opened.ending.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(connect("/private", mine).closed()).isEqualTo("1008 Session ended");
        opened.mayEnd.countDown();
        assertThat(ended.join().statusCode()).isEqualTo(200);
    }

    @Test
    void aSessionThatEndsDuringTheHandshakeLeavesNoSocketOpen() throws Exception {
        start();
        for (int i = 0; i < 50; i++) {
            String mine = cookie(get("/begin", ""));
            List<Heard> racing = new ArrayList<>();
            CompletableFuture<?> ended = http.sendAsync(
                    HttpRequest.newBuilder(URI.create(address("http", "/end")))
                            .header("Cookie", mine)
                            .build(),
                    BodyHandlers.ofString());
            for (int j = 0; j < 4; j++) {
                racing.add(connect("/private", mine));
            }
            ended.join();
            for (Heard heard : racing) {
                assertThat(heard.closed()).isIn("1008 Session ended", "1006");
            }
        }
        await().until(() -> followed() == 0);
    }

    @Test
    void aSessionIdThatChangesDuringTheHandshakeIsFollowed() throws Exception {
        start();
        for (int i = 0; i < 50; i++) {
            String old = cookie(get("/begin", ""));
            CompletableFuture<HttpResponse<String>> renewed = http.sendAsync(
                    HttpRequest.newBuilder(URI.create(address("http", "/renew")))
                            .header("Cookie", old)
                            .build(),
                    BodyHandlers.ofString());
            Heard heard = connect("/private", old);
            get("/end", cookie(renewed.join()));
            assertThat(heard.closed()).isIn("1008 Session ended", "1006");
        }
    }
}
