package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.connection.ConnectionGroup;
import jakarta.servlet.http.HttpServletRequest;
import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What Tomcat does with event streams: compression and HTTP/2. */
@ExtendWith(OutputCaptureExtension.class)
class EventStreamTransportTests {

    private static final String PASSWORD = "changeit";

    @TempDir
    private Path folder;

    private ServletWebServerApplicationContext application;
    private HttpClient http = HttpClient.newHttpClient();
    private String scheme = "http";

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(News.class)
    static class Application {

        @Bean
        WebServerFactoryCustomizer<TomcatServletWebServerFactory> connector(
                @Value("${connector:Http11NioProtocol}") String connector) {
            return factory -> factory.setProtocol("org.apache.coyote.http11." + connector);
        }
    }

    @RestController
    static class News {

        final BlockingQueue<EventSource> streams = new LinkedBlockingQueue<>();
        final BlockingQueue<EventSource> closed = new LinkedBlockingQueue<>();

        @GetMapping("/news")
        void news(EventSource events, HttpServletRequest request) {
            events.onClose(() -> closed.add(events));
            events.send("from port " + request.getRemotePort() + " with " + request.getProtocol());
            streams.add(events);
        }

        EventSource next() throws InterruptedException {
            EventSource next = streams.poll(20, TimeUnit.SECONDS);
            assertThat(next).isNotNull();
            return next;
        }
    }

    /** A stream as its client sees it. */
    private record Heard(HttpResponse<InputStream> response, BufferedReader lines) {

        /** The next line that has something, which must come by itself. */
        String next() throws Exception {
            return CompletableFuture.supplyAsync(() -> {
                        try {
                            String line = lines.readLine();
                            while (line != null && line.isEmpty()) {
                                line = lines.readLine();
                            }
                            return String.valueOf(line);
                        } catch (IOException gone) {
                            throw new UncheckedIOException(gone);
                        }
                    })
                    .get(20, TimeUnit.SECONDS);
        }

        void leave() throws IOException {
            response.body().close();
        }
    }

    private News start(String... properties) {
        List<String> arguments = new ArrayList<>(List.of("--server.port=0", "--hawser.eventsource.ping=0"));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        application = (ServletWebServerApplicationContext)
                new SpringApplication(Application.class).run(arguments.toArray(String[]::new));
        return application.getBean(News.class);
    }

    private Heard listen(String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(
                        scheme + "://localhost:" + application.getWebServer().getPort() + "/news"))
                .header("Accept", "text/event-stream");
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        HttpResponse<InputStream> response = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        boolean compressed = response.headers().firstValue("Content-Encoding").isPresent();
        InputStream body = compressed ? inflated(response.body()) : response.body();
        Heard heard = new Heard(response, new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8)));
        assertThat(heard.next()).isEqualTo("retry: 5000");
        return heard;
    }

    private static InputStream inflated(InputStream compressed) throws IOException {
        return new FilterInputStream(new GZIPInputStream(compressed)) {

            /** Not always 1, for which a reader would wait. */
            @Override
            public int available() {
                return 0;
            }
        };
    }

    @AfterEach
    void stop() {
        application.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Http11NioProtocol", "Http11Nio2Protocol"})
    void whereStreamsAreCompressedEachEventLeavesByItself(String connector) throws Exception {
        News news = start(
                "connector=" + connector,
                "server.compression.enabled=true",
                "server.compression.mime-types=text/event-stream");
        Heard heard = listen("Accept-Encoding", "gzip");
        assertThat(heard.response.headers().firstValue("Content-Encoding")).hasValue("gzip");
        assertThat(heard.next()).endsWith("with HTTP/1.1");
        EventSource events = news.next();
        for (int i = 0; i < 100; i++) {
            events.send("event " + i);
            assertThat(heard.next()).isEqualTo("data: event " + i);
        }
        String large = "abc ".repeat(100_000);
        for (int i = 0; i < 10; i++) {
            events.send(large + i);
        }
        for (int i = 0; i < 10; i++) {
            assertThat(heard.next()).isEqualTo("data: " + large + i);
        }
        events.close();
        assertThat(heard.next()).isEqualTo("null");
    }

    private void secure() throws Exception {
        Path store = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD,
                        "-alias",
                        "localhost",
                        "-dname",
                        "CN=localhost",
                        "-keyalg",
                        "EC",
                        "-ext",
                        "san=dns:localhost")
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(keys);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        http = HttpClient.newBuilder().sslContext(tls).build();
        scheme = "https";
    }

    @Test
    void manyStreamsShareAConnectionOfHttp2AndEndOneByOne(CapturedOutput output) throws Exception {
        secure();
        News news = start(
                "server.http2.enabled=true",
                "spring.ssl.bundle.jks.web.keystore.location=" + folder.resolve("keys.p12"),
                "spring.ssl.bundle.jks.web.keystore.password=" + PASSWORD,
                "server.ssl.bundle=web");
        ConnectionGroup group = application.getBean(ConnectionGroup.class);
        List<Heard> heard = new ArrayList<>();
        List<EventSource> streams = new ArrayList<>();
        List<String> greetings = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Heard next = listen();
            assertThat(next.response.version()).isEqualTo(HttpClient.Version.HTTP_2);
            greetings.add(next.next());
            heard.add(next);
            streams.add(news.next());
        }
        assertThat(greetings).allMatch(greeting -> greeting.endsWith("with HTTP/2.0"));
        assertThat(greetings.stream().distinct()).hasSize(1);

        streams.get(0).close();
        assertThat(heard.get(0).next()).isEqualTo("null");
        assertThat(news.closed.poll(20, TimeUnit.SECONDS)).isSameAs(streams.get(0));

        heard.get(1).leave(); // resets its stream
        assertThat(news.closed.poll(20, TimeUnit.SECONDS)).isSameAs(streams.get(1));

        String large = "x".repeat(200_000); // more than a window
        for (int i = 2; i < streams.size(); i++) {
            streams.get(i).send(large + i);
        }
        for (int i = 2; i < streams.size(); i++) {
            assertThat(heard.get(i).next()).isEqualTo("data: " + large + i);
        }
        assertThat(news.closed).isEmpty();
        for (int i = 2; i < streams.size(); i++) {
            heard.get(i).leave();
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> group.size() == 0);
        application.close();
        assertThat(output.toString().lines())
                .filteredOn(line -> line.contains(" WARN ") || line.contains(" ERROR "))
                .filteredOn(line -> !line.contains("dev.hawser.diagnostics")) // there are no pings here
                .allMatch(line -> line.contains("WebappClassLoaderBase")); // the executor's threads end a little later
    }
}
