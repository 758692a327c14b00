package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.handshake.ConnectFailure;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The client as a bean, against a server in an application of its own, with TLS by SSL bundles. */
class ClientApplicationTests {

    @TempDir
    private Path folder;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Echo.class)
    static class Server {}

    @RestController
    static class Echo {

        @GetMapping("/echo")
        void echo(WebSocket socket) {
            socket.onMessage(socket::send);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Client {}

    private static final class Talk {

        private final CompletableFuture<String> answer = new CompletableFuture<>();
        private final CompletableFuture<String> thread = new CompletableFuture<>();
        private final CompletableFuture<Throwable> error = new CompletableFuture<>();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();

        Talk(ConfigurableApplicationContext application, String url) {
            ClientWebSocket socket = application.getBean(WebSocketClient.class).connect(url);
            socket.send("Hello");
            socket.onMessage(message -> {
                thread.complete(Thread.currentThread().toString());
                answer.complete(message.text());
            });
            socket.onError(failure -> {
                error.complete(failure);
                answer.completeExceptionally(failure);
            });
            socket.onClose((code, reason) -> closed.complete(code));
        }

        String answer() throws Exception {
            return answer.get(20, TimeUnit.SECONDS);
        }

        ConnectFailedException failure() throws Exception {
            return (ConnectFailedException) error.get(20, TimeUnit.SECONDS);
        }
    }

    private static ConfigurableApplicationContext server(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--server.port=0", "--server.address=127.0.0.1"));
        all.addAll(List.of(arguments));
        return SpringApplication.run(Server.class, all.toArray(String[]::new));
    }

    private static ConfigurableApplicationContext client(String... arguments) {
        return new SpringApplicationBuilder(Client.class)
                .web(WebApplicationType.NONE)
                .run(arguments);
    }

    private static int port(ConfigurableApplicationContext server) {
        return Integer.parseInt(server.getEnvironment().getRequiredProperty("local.server.port"));
    }

    @Test
    void talksIsCountedAndGoesAwayWithItsApplication() throws Exception {
        try (ConfigurableApplicationContext server = server()) {
            ConfigurableApplicationContext application = client();
            Talk talk = new Talk(application, "ws://127.0.0.1:" + port(server) + "/echo");
            assertThat(talk.answer()).isEqualTo("Hello");
            MeterRegistry meters = application.getBean(MeterRegistry.class);
            assertThat(meters.get("hawser.websocket.connections.active")
                            .tags("uri", "client")
                            .gauge()
                            .value())
                    .isEqualTo(1);
            assertThat(meters.get("hawser.websocket.messages")
                            .tags("uri", "client", "direction", "inbound", "type", "text")
                            .counter()
                            .count())
                    .isEqualTo(1);

            application.close();

            assertThat(talk.closed.get(1, TimeUnit.SECONDS)).isEqualTo(1001);
            await().untilAsserted(() -> assertThat(server.getBean(MeterRegistry.class)
                            .get("hawser.websocket.connections.closed")
                            .tags("uri", "/echo", "code", "1001", "cause", "peer")
                            .counter()
                            .count())
                    .isEqualTo(1));
            await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> thread.getName().startsWith("hawser-client"))
                    .isEmpty());
        }
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void listenersRunOnVirtualThreadsWhereTheApplicationWantsThem() throws Exception {
        try (ConfigurableApplicationContext server = server();
                ConfigurableApplicationContext application = client("--spring.threads.virtual.enabled=true")) {
            Talk talk = new Talk(application, "ws://127.0.0.1:" + port(server) + "/echo");
            assertThat(talk.answer()).isEqualTo("Hello");
            assertThat(talk.thread.join()).startsWith("VirtualThread");
        }
    }

    @Test
    void anApplicationThatIsServerAndClientStopsAtOnce() throws Exception {
        ConfigurableApplicationContext both = server("--server.shutdown=graceful");
        Talk talk = new Talk(both, "ws://127.0.0.1:" + port(both) + "/echo");
        assertThat(talk.answer()).isEqualTo("Hello");
        both.close();
        assertThat(talk.closed.get(1, TimeUnit.SECONDS)).isEqualTo(1001);
    }

    private Path certificate(String name) throws Exception {
        Path store = folder.resolve(name + ".p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "test",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "SAN=dns:localhost",
                        "-keystore",
                        store.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .start();
        keytool.getInputStream().readAllBytes();
        assertThat(keytool.waitFor()).isZero();
        return store;
    }

    @Test
    void anSslBundleSaysWhomToTrustAndIsReloaded() throws Exception {
        Path first = certificate("first");
        Path second = certificate("second");
        Path trusted = Files.copy(first, folder.resolve("trusted.p12"));
        String[] tls = {"--server.ssl.key-store-password=changeit", "--server.ssl.key-store="};
        try (ConfigurableApplicationContext one = server(tls[0], tls[1] + first);
                ConfigurableApplicationContext two = server(tls[0], tls[1] + second);
                ConfigurableApplicationContext application = client(
                        "--spring.ssl.bundle.jks.feed.truststore.location=" + trusted.toUri(),
                        "--spring.ssl.bundle.jks.feed.truststore.password=changeit",
                        "--spring.ssl.bundle.jks.feed.reload-on-update=true",
                        "--spring.ssl.bundle.watch.file.quiet-period=100ms",
                        "--hawser.websocket.client.ssl.bundle=feed")) {
            String ofOne = "wss://localhost:" + port(one) + "/echo";
            String ofTwo = "wss://localhost:" + port(two) + "/echo";
            assertThat(new Talk(application, ofOne).answer()).isEqualTo("Hello");
            assertThat(new Talk(application, ofTwo).failure().failure()).isEqualTo(ConnectFailure.TLS_FAILED);
            assertThat(new Talk(application, "wss://127.0.0.1:" + port(one) + "/echo")
                            .failure()
                            .failure())
                    .as("another host")
                    .isEqualTo(ConnectFailure.TLS_FAILED);

            Files.copy(second, trusted, StandardCopyOption.REPLACE_EXISTING);

            await().atMost(Duration.ofSeconds(30)).ignoreExceptions().untilAsserted(() -> assertThat(
                            new Talk(application, ofTwo).answer())
                    .isEqualTo("Hello"));
            assertThat(new Talk(application, ofOne).failure().failure()).isEqualTo(ConnectFailure.TLS_FAILED);
        }
    }

    @Test
    void theJvmTrustsNoSelfSignedCertificateUnlessItIsTold() throws Exception {
        Path store = certificate("first");
        try (ConfigurableApplicationContext server =
                        server("--server.ssl.key-store-password=changeit", "--server.ssl.key-store=" + store);
                ConfigurableApplicationContext application =
                        client("--hawser.websocket.client.ssl.insecure-skip-hostname-verification=true")) {
            assertThat(new Talk(application, "wss://localhost:" + port(server) + "/echo")
                            .failure()
                            .failure())
                    .isEqualTo(ConnectFailure.TLS_FAILED);
        }
    }
}
