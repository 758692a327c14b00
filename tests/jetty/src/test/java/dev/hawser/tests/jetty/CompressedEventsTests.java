package dev.hawser.tests.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.eventsource.EventSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Event streams where Jetty compresses responses. */
class CompressedEventsTests {

    private static final BlockingQueue<EventSource> streams = new LinkedBlockingQueue<>();

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(News.class)
    static class Application {}

    @RestController
    static class News {

        @GetMapping("/news")
        void news(EventSource events) {
            streams.add(events);
        }

        @GetMapping("/text")
        String text() {
            return "text ".repeat(1000);
        }
    }

    private static String line(InputStream body) throws Exception {
        return CompletableFuture.supplyAsync(() -> {
                    ByteArrayOutputStream line = new ByteArrayOutputStream();
                    try {
                        for (int c = body.read(); c >= 0 && c != '\n'; c = body.read()) {
                            line.write(c);
                        }
                    } catch (IOException cut) {
                        return "cut";
                    }
                    return line.toString(StandardCharsets.UTF_8);
                })
                .get(20, TimeUnit.SECONDS);
    }

    @Test
    void eachEventLeavesByItselfAndUncompressedForJettyWouldHoldItBack() throws Exception {
        try (ServletWebServerApplicationContext application =
                (ServletWebServerApplicationContext) new SpringApplication(Application.class)
                        .run(
                                "--server.port=0",
                                "--hawser.eventsource.ping=0",
                                "--server.compression.enabled=true",
                                "--server.compression.min-response-size=1B",
                                "--server.compression.mime-types=text/event-stream,text/plain")) {
            String url = "http://localhost:" + application.getWebServer().getPort();
            HttpClient http = HttpClient.newHttpClient();
            HttpResponse<InputStream> text = http.send(
                    HttpRequest.newBuilder(URI.create(url + "/text"))
                            .header("Accept-Encoding", "gzip")
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            assertThat(text.headers().firstValue("Content-Encoding")).hasValue("gzip");
            text.body().close();
            HttpResponse<InputStream> response = http.send(
                    HttpRequest.newBuilder(URI.create(url + "/news"))
                            .header("Accept-Encoding", "gzip")
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            assertThat(response.headers().firstValue("Content-Encoding")).hasValue("identity");
            EventSource events = streams.poll(20, TimeUnit.SECONDS);
            InputStream body = response.body();
            assertThat(line(body)).isEqualTo("retry: 5000");
            assertThat(line(body)).isEmpty();
            for (int i = 0; i < 100; i++) {
                events.send("event " + i);
                assertThat(line(body)).isEqualTo("data: event " + i);
                assertThat(line(body)).isEmpty();
            }
            events.close();
            assertThat(line(body)).isEmpty();
        }
    }
}
