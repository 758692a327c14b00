package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.connection.ConnectionGroup;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.test.util.ReflectionTestUtils;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * What clients and listeners see of an application that stops, on a real Tomcat. Spring waits an hour where a test does not
 * say otherwise: what does not end by itself fails by the time-out of the test.
 */
@Timeout(120)
class ShutdownTests {

    private static final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private static final HttpClient http = HttpClient.newHttpClient();
    private static CountDownLatch slow = new CountDownLatch(1);

    private final CountDownLatch onward = new CountDownLatch(1);

    private ConfigurableApplicationContext application;
    private CompletableFuture<Void> closing = CompletableFuture.completedFuture(null);

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Endpoints.class)
    static class Application {}

    @RestController
    static class Endpoints {

        private final ConnectionGroup group;
        private final ConfigurableApplicationContext context;

        Endpoints(ConnectionGroup group, ConfigurableApplicationContext context) {
            this.group = group;
            this.context = context;
        }

        @EventListener
        void readiness(AvailabilityChangeEvent<ReadinessState> event) {
            if (event.getState() == ReadinessState.REFUSING_TRAFFIC) {
                events.add("refusing traffic, connections told to go: " + group.isShuttingDown());
            }
        }

        @GetMapping("/echo")
        void echo(WebSocket socket) {
            socket.onMessage(socket::send);
            socket.onClose((code, reason) -> events.add("closed " + code));
        }

        @GetMapping("/quiet")
        void quiet(WebSocket socket) {}

        @GetMapping("/stopper")
        void stopper(WebSocket socket) {
            socket.onMessage(message -> {
                context.close();
                events.add("close has returned");
            });
        }

        @GetMapping("/flooded")
        void flooded(WebSocket socket) {
            socket.onClose((code, reason) -> events.add("closed " + code));
            socket.send("x".repeat(12 << 20));
            events.add("flooded");
        }

        @GetMapping("/news")
        void news(EventSource stream) {
            stream.onClose(() -> events.add("stream closed"));
            stream.send("news");
        }

        @GetMapping("/flooded-news")
        void floodedNews(EventSource stream) {
            stream.onClose(() -> events.add("stream closed"));
            stream.send("x".repeat(12 << 20));
            events.add("flooded");
        }

        @GetMapping("/deferred")
        void deferred(WebSocketRequest request) {
            request.defer(Duration.ofDays(1));
            events.add("deferred");
        }

        @GetMapping("/slow")
        String slow() throws InterruptedException {
            events.add("slow");
            slow.await();
            return "done";
        }

        @GetMapping("/slow-socket")
        void slowSocket(WebSocket socket) throws InterruptedException {
            socket.onClose((code, reason) -> events.add("never opened, closed " + code));
            events.add("slow");
            slow.await();
        }
    }

    private void start(String... arguments) {
        events.clear();
        slow = new CountDownLatch(1);
        application = builder(Application.class).run(arguments);
    }

    private static SpringApplicationBuilder builder(Class<?>... types) {
        return new SpringApplicationBuilder(types)
                .properties(
                        "server.port=0",
                        "server.address=127.0.0.1",
                        "management.endpoint.health.probes.enabled=true",
                        "spring.lifecycle.timeout-per-shutdown-phase=1h");
    }

    @AfterEach
    void stop() {
        slow.countDown();
        onward.countDown();
        closing.orTimeout(60, TimeUnit.SECONDS).join();
        if (application != null) {
            application.close();
        }
    }

    private void close() {
        closing = CompletableFuture.runAsync(application::close);
    }

    private int port() {
        return port(application);
    }

    private static int port(ConfigurableApplicationContext of) {
        return of.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    private static String event() throws InterruptedException {
        return events.poll(30, TimeUnit.SECONDS);
    }

    private static HttpResponse<String> get(int port, String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(Duration.ofSeconds(30))
                        .build(),
                BodyHandlers.ofString());
    }

    private void awaitConnections(int count) {
        await().until(() -> application.getBean(ConnectionGroup.class).size() == count);
    }

    @ParameterizedTest
    @ValueSource(strings = {"graceful", "immediate"})
    void readinessIsRefusedThenSocketsAreClosedWhileTheServerStillAnswersThenItStops(String shutdown) throws Exception {
        start("--server.shutdown=" + shutdown, "--hawser.websocket.close-timeout=1h");
        int port = port();
        assertThat(get(port, "/actuator/health/readiness").statusCode()).isEqualTo(200);
        try (RawSocket client = RawSocket.open(port, "/echo")) {
            awaitConnections(1);
            close();
            assertThat(event()).isEqualTo("refusing traffic, connections told to go: false");
            assertThat(client.closeCode()).isEqualTo(1001);
            assertThat(get(port, "/actuator/health/readiness"))
                    .returns(503, HttpResponse::statusCode)
                    .returns(true, response -> response.body().contains("OUT_OF_SERVICE"));
            try (RawSocket late = RawSocket.handshake(port, "/echo")) {
                assertThat(late.head()).startsWith("HTTP/1.1 503 ").contains("\r\nRetry-After: 1\r\n");
            }
            assertThat(closing).isNotDone();
            client.answerClose();
            assertThat(event()).isEqualTo("closed 1001");
            assertThat(client.rest()).isEmpty();
        }
        closing.join();
        assertThatThrownBy(() -> RawSocket.get(port, "/echo")).isInstanceOf(ConnectException.class);
        assertThat(events).isEmpty();
    }

    @Test
    void readinessCanBeSeenOnAPortOfItsOwnToo() throws Exception {
        start(
                "--management.server.port=0",
                "--management.server.address=127.0.0.1",
                "--hawser.websocket.close-timeout=1h");
        int management = application.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
        assertThat(management).isNotEqualTo(port());
        assertThat(get(management, "/actuator/health/readiness").statusCode()).isEqualTo(200);
        assertThat(get(management, "/echo").statusCode()).isEqualTo(404);
        try (RawSocket client = RawSocket.open(port(), "/echo")) {
            awaitConnections(1);
            close();
            assertThat(client.closeCode()).isEqualTo(1001);
            assertThat(get(management, "/actuator/health/readiness").statusCode())
                    .isEqualTo(503);
            client.answerClose();
        }
        closing.join();
    }

    @Test
    void controllersInFlightFinish() throws Exception {
        start();
        int port = port();
        CompletableFuture<HttpResponse<String>> response = http.sendAsync(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/slow"))
                        .build(),
                BodyHandlers.ofString());
        assertThat(event()).isEqualTo("slow");
        try (RawSocket accepting = RawSocket.handshake(port, "/slow-socket");
                RawSocket client = RawSocket.open(port, "/echo")) {
            assertThat(event()).isEqualTo("slow");
            awaitConnections(1);
            close();
            assertThat(client.closeCode()).isEqualTo(1001);
            client.answerClose();
            assertThat(client.rest()).isEmpty();
            slow.countDown();
            assertThat(response.get(30, TimeUnit.SECONDS).body()).isEqualTo("done");
            assertThat(accepting.head()).startsWith("HTTP/1.1 503 ").contains("\r\nRetry-After: 1\r\n");
            assertThat(events).contains("closed 1001", "never opened, closed 1006");
        }
        closing.join();
    }

    /** Its servlet is through, but Tomcat has not handed the socket over: once it is told to shut down it would not any more. */
    @Test
    void aSocketOnItsWayIsWaitedFor() throws Exception {
        startWithDetour();
        try (RawSocket client = RawSocket.handshake(port(), "/quiet?detour")) {
            assertThat(event()).isEqualTo("the servlet is through");
            close();
            assertThat(event()).startsWith("refusing traffic");
            assertThat(events.poll(300, TimeUnit.MILLISECONDS)).isNull();
            onward.countDown();
            assertThat(client.head()).startsWith("HTTP/1.1 101 ");
            assertThat(client.closeCode()).isEqualTo(1001);
            client.answerClose();
            assertThat(client.rest()).isEmpty();
            assertThat(event()).isEqualTo("the grace begins");
        }
        closing.join();
    }

    private void startWithDetour() {
        events.clear();
        application = builder(Application.class)
                .initializers(context -> {
                    GenericApplicationContext beans = (GenericApplicationContext) context;
                    beans.registerBean("detour", Detour.class, () -> new Detour(onward));
                    beans.registerBean("grace", Grace.class, Grace::new);
                })
                .run();
    }

    /** Keeps a request after its servlet is through. */
    private record Detour(CountDownLatch onward) implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

        @Override
        public void customize(TomcatServletWebServerFactory factory) {
            factory.addEngineValves(new ValveBase(true) {
                @Override
                public void invoke(Request request, Response response) throws IOException, ServletException {
                    getNext().invoke(request, response);
                    if ("detour".equals(request.getQueryString())) {
                        events.add("the servlet is through");
                        awaitUninterruptibly();
                    }
                }
            });
        }

        private void awaitUninterruptibly() {
            try {
                onward.await();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Stops just before the web server's graceful shutdown. */
    private static final class Grace implements SmartLifecycle {

        private volatile boolean running;

        @Override
        public void start() {
            running = true;
        }

        @Override
        public void stop() {
            running = false;
            events.add("the grace begins");
        }

        @Override
        public boolean isRunning() {
            return running;
        }

        @Override
        public int getPhase() {
            return DEFAULT_PHASE - 1023;
        }
    }

    @Test
    void oneThatIsDeferredOnItsWayIsWaitedForToo() throws Exception {
        startWithDetour();
        try (RawSocket client = RawSocket.handshake(port(), "/deferred?detour")) {
            assertThat(event()).isEqualTo("deferred");
            assertThat(event()).isEqualTo("the servlet is through");
            close();
            assertThat(event()).startsWith("refusing traffic");
            assertThat(events.poll(300, TimeUnit.MILLISECONDS)).isNull();
            onward.countDown();
            assertThat(client.head()).startsWith("HTTP/1.1 503 ").contains("\r\nRetry-After: 1\r\n");
            assertThat(event()).isEqualTo("the grace begins");
        }
        closing.join();
    }

    @Test
    void aRequestThatIsNotDecidedIsRefusedAtOnceAndCounted() throws Exception {
        start();
        Counter refused = application // before Boot closes the registry, which is the first thing it does
                .getBean(MeterRegistry.class)
                .counter(HawserMeters.REFUSED, "uri", "/deferred", "reason", "shutting-down");
        try (RawSocket client = RawSocket.handshake(port(), "/deferred")) {
            assertThat(event()).isEqualTo("deferred");
            close();
            assertThat(client.head()).startsWith("HTTP/1.1 503 ").contains("\r\nRetry-After: 1\r\n");
            assertThat(client.rest()).contains("The server is shutting down");
        }
        closing.join();
        assertThat(refused.count()).isEqualTo(1);
    }

    @Test
    void aClientThatIgnoresTheCloseIsCutAfterCloseTimeout() throws Exception {
        start("--hawser.websocket.close-timeout=500ms");
        try (RawSocket client = RawSocket.open(port(), "/echo")) {
            awaitConnections(1);
            close();
            assertThat(client.closeCode()).isEqualTo(1001);
            assertThat(client.rest()).isEmpty();
            closing.join();
            assertThat(events).contains("closed 1006");
        }
    }

    @Test
    void aClientThatDoesNotReadIsCutAfterCloseTimeout() throws Exception {
        start("--hawser.websocket.close-timeout=500ms");
        try (RawSocket client = RawSocket.open(port(), "/flooded")) {
            assertThat(event()).isEqualTo("flooded");
            awaitConnections(1);
            close();
            closing.join();
            assertThat(events).contains("closed 1006");
            assertThat(client.rest()).hasSizeLessThan(12 << 20);
        }
    }

    @Test
    void aStreamThatIsNotReadIsCutAndDoesNotKeepTheServer() throws Exception {
        start();
        try (RawSocket client = RawSocket.get(port(), "/flooded-news")) {
            assertThat(event()).isEqualTo("flooded");
            awaitConnections(1);
            close();
            closing.join();
            assertThat(events).contains("stream closed");
            assertThat(client.rest()).startsWith("HTTP/1.1 200 ").hasSizeLessThan(12 << 20);
        }
    }

    @Test
    void streamsEndWithATimeToReconnectThatIsNotTheSameForAll() throws Exception {
        start();
        List<RawSocket> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 10; i++) {
                clients.add(RawSocket.get(port(), "/news"));
            }
            awaitConnections(10);
            close();
            Set<String> ends = clients.stream()
                    .map(client -> client.rest().replaceAll("(?s).*\nretry: (\\d+)\n.*", "$1"))
                    .collect(Collectors.toSet());
            assertThat(ends).hasSizeGreaterThan(1).allSatisfy(retry -> assertThat(Integer.parseInt(retry))
                    .isBetween(5000, 10000));
        } finally {
            for (RawSocket client : clients) {
                client.close();
            }
        }
        closing.join();
    }

    @Test
    void whenTheTimeOfThePhaseIsOverAllIsCutAndNothingIsLeft() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        start(
                "--spring.lifecycle.timeout-per-shutdown-phase=1s",
                "--hawser.websocket.close-timeout=1h",
                "--hawser.websocket.client.close-timeout=1h");
        int port = port();
        ConnectionGroup group = application.getBean(ConnectionGroup.class);
        try (RawSocket client = RawSocket.open(port, "/echo");
                RawSocket stream = RawSocket.get(port, "/flooded-news");
                ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            application
                    .getBean(WebSocketClient.class)
                    .connect("ws://127.0.0.1:" + deaf.getLocalPort() + "/")
                    .onOpen(() -> events.add("client open"))
                    .onClose((code, reason) -> events.add("client closed " + code));
            try (Socket accepted = deaf.accept()) {
                answer(accepted);
                awaitConnections(2);
                await().until(() -> events.contains("client open"));
                close();
                assertThat(client.closeCode()).isEqualTo(1001);
                closing.join();
                assertThat(client.rest()).isEmpty();
                assertThat(stream.rest()).startsWith("HTTP/1.1 200 ");
                await().untilAsserted(() ->
                        assertThat(events).contains("closed 1006", "stream closed", "client closed 1006"));
            }
        }
        assertThat(group.size()).isZero();
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                        Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> !before.contains(thread) && thread.isAlive())
                .extracting(Thread::getName)
                .noneMatch(name -> name.contains("hawser") || name.contains("-" + port) || name.startsWith("task-")));
    }

    /** A handshake of a server that never says anything else. */
    private static void answer(Socket accepted) throws Exception {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            head.append((char) accepted.getInputStream().read());
        }
        String key = head.toString().replaceAll("(?is).*\r\nsec-websocket-key: *([^\r]*)\r\n.*", "$1");
        byte[] digest = MessageDigest.getInstance("SHA-1")
                .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
        accepted.getOutputStream()
                .write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade"
                                + "\r\nSec-WebSocket-Accept: "
                                + Base64.getEncoder().encodeToString(digest) + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void aListenerMayCloseTheApplication() throws Exception {
        start("--hawser.websocket.close-timeout=500ms", "--spring.lifecycle.timeout-per-shutdown-phase=5s");
        try (RawSocket client = RawSocket.open(port(), "/stopper")) {
            client.send('x');
            assertThat(client.closeCode()).isEqualTo(1001);
            assertThat(client.rest()).isEmpty();
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> events.contains("close has returned"));
        assertThat(application.isActive()).isFalse();
    }

    @Test
    void anApplicationMayBeClosedTwiceAndAtOnce() throws Exception {
        start();
        TestClient client = TestClient.connect(port(), "/echo");
        awaitConnections(1);
        CompletableFuture.allOf(IntStream.range(0, 4)
                        .mapToObj(i -> CompletableFuture.runAsync(application::close))
                        .toArray(CompletableFuture<?>[]::new))
                .join();
        application.close();
        assertThat(client.closeCode()).isEqualTo(1001);
        await().until(() -> events.contains("closed 1001"));
        assertThat(events).filteredOn("closed 1001"::equals).hasSize(1);
    }

    @Test
    void anApplicationThatIsStoppedAndStartedAgainGoesOn() throws Exception {
        start();
        for (int i = 0; i < 3; i++) {
            TestClient client = TestClient.connect(port(), "/echo");
            assertThat(client.send("hello").receive()).isEqualTo("hello");
            application.stop();
            assertThat(client.closeCode()).isEqualTo(1001);
            application.start();
        }
        for (int i = 0; i < 3; i++) { // as before and after a checkpoint of the JVM
            TestClient client = TestClient.connect(port(), "/echo");
            assertThat(client.send("hello").receive()).isEqualTo("hello");
            Object lifecycle = application.getBean("lifecycleProcessor");
            ReflectionTestUtils.invokeMethod(lifecycle, "stopForRestart");
            assertThat(client.closeCode()).isEqualTo(1001);
            ReflectionTestUtils.invokeMethod(lifecycle, "restartAfterStop");
        }
    }

    @Test
    void anApplicationThatIsPausedKeepsItsConnectionsAsItsServerDoes() {
        start();
        TestClient client = TestClient.connect(port(), "/echo");
        assertThat(client.send("before").receive()).isEqualTo("before");
        application.pause();
        assertThat(client.send("meanwhile").receive()).isEqualTo("meanwhile");
        assertThat(TestClient.connect(port(), "/echo").send("new").receive()).isEqualTo("new");
        application.restart();
        assertThat(client.send("after").receive()).isEqualTo("after");
    }

    @Configuration(proxyBeanMethods = false)
    static class ClosedByItself {

        private static TestClient client;

        private final ConfigurableApplicationContext context;

        ClosedByItself(ConfigurableApplicationContext context) {
            this.context = context;
        }

        @EventListener(org.springframework.boot.context.event.ApplicationStartedEvent.class)
        void started() {
            client = TestClient.connect(port(context), "/echo");
            throw new IllegalStateException("on purpose");
        }
    }

    @Test
    void anApplicationThatFailsToStartClosesWhatWasOpenAlready() {
        assertThatThrownBy(
                        () -> builder(Application.class, ClosedByItself.class).run())
                .hasMessage("on purpose");
        assertThat(ClosedByItself.client.closeCode()).isEqualTo(1001);
    }

    @Test
    void anApplicationThatIsShutDownByItsActuatorClosesItsSockets() throws Exception {
        start(
                "--management.endpoint.shutdown.access=unrestricted",
                "--management.endpoints.web.exposure.include=shutdown");
        TestClient client = TestClient.connect(port(), "/echo");
        assertThat(http.send(
                                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/actuator/shutdown"))
                                        .POST(HttpRequest.BodyPublishers.noBody())
                                        .build(),
                                BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
        assertThat(client.closeCode()).isEqualTo(1001);
        await().until(() -> !application.isActive());
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Parent {}

    @Test
    void siblingsUnderOneParentHaveConnectionsOfTheirOwnAndShareItsClient() {
        events.clear();
        SpringApplicationBuilder parent = builder(Parent.class).web(WebApplicationType.NONE);
        parent.run();
        try {
            ConfigurableApplicationContext first = child(parent);
            ConfigurableApplicationContext second = child(parent);
            TestClient ofFirst = TestClient.connect(port(first), "/echo");
            TestClient ofSecond = TestClient.connect(port(second), "/echo");
            assertThat(ofFirst.send("one").receive()).isEqualTo("one");
            assertThat(ofSecond.send("two").receive()).isEqualTo("two");
            assertThat(first.getBean(ConnectionGroup.class).size()).isEqualTo(1);
            assertThat(first.getBean(WebSocketClient.class)).isSameAs(second.getBean(WebSocketClient.class));
            first.close();
            assertThat(ofFirst.closeCode()).isEqualTo(1001);
            assertThat(ofSecond.send("three").receive()).isEqualTo("three");
            assertThat(second.getBean(WebSocketClient.class)
                            .connect("ws://127.0.0.1:" + port(second) + "/echo")
                            .send("still open"))
                    .isTrue();
            second.close();
            assertThat(ofSecond.closeCode()).isEqualTo(1001);
        } finally {
            parent.context().close();
        }
    }

    private static ConfigurableApplicationContext child(SpringApplicationBuilder parent) {
        return builder(Application.class)
                .parent(parent.context())
                .web(WebApplicationType.SERVLET)
                .run();
    }
}
