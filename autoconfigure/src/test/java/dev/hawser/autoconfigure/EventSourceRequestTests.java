package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hawser.eventsource.EventSource;
import dev.hawser.spring.TypedEventSource;
import dev.hawser.spring.WebSocketConverter;
import dev.hawser.websocket.connection.ConnectionGroup;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.CrossOrigin;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.config.annotation.CorsRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** What is asked for with an event stream, and what is answered, byte by byte. */
@ExtendWith(OutputCaptureExtension.class)
class EventSourceRequestTests {

    private static final BlockingQueue<String> closed = new LinkedBlockingQueue<>();

    private ServletWebServerApplicationContext application;

    record Order(String item, int count) {}

    /** Cannot be written. */
    static final class Broken {

        public String getName() {
            throw new IllegalStateException("no name");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Streams.class)
    static class Application {

        @Bean
        WebMvcConfigurer cors() {
            return new WebMvcConfigurer() {
                @Override
                public void addCorsMappings(CorsRegistry registry) {
                    registry.addMapping("/registered").allowedOrigins("https://app.example.com");
                }
            };
        }
    }

    @RestController
    static class Streams {

        private final WebSocketConverter converter;

        Streams(WebSocketConverter converter) {
            this.converter = converter;
        }

        @GetMapping({"/plain", "/registered"})
        void plain(EventSource events) {
            events.send("after " + events.lastEventId());
            events.close();
        }

        @CrossOrigin(
                origins = "https://app.example.com",
                allowCredentials = "true",
                allowedHeaders = {"Last-Event-ID", "Cache-Control"})
        @GetMapping("/crossing")
        void crossing(EventSource events) {
            plain(events);
        }

        @GetMapping("/set")
        void set(EventSource events, HttpServletResponse response) {
            events.onClose(() -> closed.add("set"));
            events.send("never arrives");
            response.setStatus(204);
        }

        @GetMapping("/thrown")
        void thrown(EventSource events) {
            events.onClose(() -> closed.add("thrown"));
            throw new ResponseStatusException(HttpStatus.NO_CONTENT);
        }

        @GetMapping("/returned")
        ResponseEntity<Void> returned(EventSource events) {
            events.onClose(() -> closed.add("returned"));
            return ResponseEntity.noContent().build();
        }

        @GetMapping("/annotated")
        @ResponseStatus(HttpStatus.NO_CONTENT)
        void annotated(EventSource events) {
            events.onClose(() -> closed.add("annotated"));
        }

        @GetMapping("/orders")
        void orders(TypedEventSource orders) {
            orders.send(new Order("rope", 1));
            orders.send(new Order("two\nlines", 2), "order", "7");
            orders.send(List.of(new Order("oar", 3)), event -> event.name("orders"));
            orders.send("text");
            orders.events().send(List.of(converter.event(new Order("sail", 4), event -> event.id("8"))));
            orders.events().close();
        }
    }

    private void start(String... properties) {
        List<String> arguments = new ArrayList<>(List.of("--server.port=0", "--hawser.eventsource.ping=0"));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        application = (ServletWebServerApplicationContext)
                new SpringApplication(Application.class).run(arguments.toArray(String[]::new));
        closed.clear();
    }

    /** The lines of the whole response, its head in lower case. */
    private List<String> ask(String request, String... headers) throws IOException {
        int port = application.getWebServer().getPort();
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write((request + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nConnection: close\r\n"
                                    + String.join("\r\n", headers) + (headers.length == 0 ? "" : "\r\n") + "\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                    .lines()
                    .toList();
        }
    }

    @AfterEach
    void stop() {
        application.close();
    }

    @Test
    void aPageOfAnOriginThatIsAllowedMaySeeTheStreamWithItsCookies() throws Exception {
        start();
        assertThat(ask("GET /crossing", "Origin: https://app.example.com", "Last-Event-ID: 41"))
                .contains(
                        "HTTP/1.1 200 ",
                        "Content-Type: text/event-stream",
                        "Access-Control-Allow-Origin: https://app.example.com",
                        "Access-Control-Allow-Credentials: true",
                        "data: after 41");
        assertThat(ask("GET /registered", "Origin: https://app.example.com"))
                .contains("HTTP/1.1 200 ", "Access-Control-Allow-Origin: https://app.example.com", "data: after ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/crossing", "/registered"})
    void aPageOfAnotherOriginIsForbiddenWhereOriginsAreNamed(String path) throws Exception {
        start();
        assertThat(ask("GET " + path, "Origin: https://evil.example.com"))
                .startsWith("HTTP/1.1 403 ")
                .contains("Invalid CORS request")
                .noneMatch(line -> line.startsWith("data:") || line.startsWith("Access-Control-Allow-Origin"));
    }

    /** As a browser asks for polyfills, which send headers that it does not know of event streams. */
    @Test
    void aPreflightIsAnsweredWithoutAStream() throws Exception {
        start();
        int before = application.getBean(ConnectionGroup.class).size();
        assertThat(ask(
                        "OPTIONS /crossing",
                        "Origin: https://app.example.com",
                        "Access-Control-Request-Method: GET",
                        "Access-Control-Request-Headers: cache-control,last-event-id"))
                .contains(
                        "HTTP/1.1 200 ",
                        "Access-Control-Allow-Origin: https://app.example.com",
                        "Access-Control-Allow-Headers: cache-control, last-event-id",
                        "Access-Control-Allow-Credentials: true",
                        "Content-Length: 0")
                .noneMatch(line -> line.startsWith("data:") || line.contains("text/event-stream"));
        assertThat(ask(
                        "OPTIONS /crossing",
                        "Origin: https://app.example.com",
                        "Access-Control-Request-Method: GET",
                        "Access-Control-Request-Headers: x-other"))
                .startsWith("HTTP/1.1 403 ");
        assertThat(application.getBean(ConnectionGroup.class).size()).isEqualTo(before);
    }

    @Test
    void headersOfThePropertiesAreThoseOfEveryStream() throws Exception {
        start("hawser.eventsource.headers.Access-Control-Allow-Origin=*", "hawser.eventsource.headers.X-More=yes");
        assertThat(ask("GET /plain", "Origin: https://anywhere.example"))
                .contains("HTTP/1.1 200 ", "Access-Control-Allow-Origin: *", "X-More: yes", "data: after ");
    }

    /** The check that WebSockets have (CVE-2026-41700, CVE-2020-14368, CVE-2023-2886), before a controller runs. */
    @Test
    void pagesThatGetAStreamCanBeNamedForAll() throws Exception {
        start("hawser.eventsource.allowed-origins=https://*.example.com");
        assertThat(ask("GET /plain", "Origin: https://app.example.com")).startsWith("HTTP/1.1 200 ");
        assertThat(ask("GET /plain")).startsWith("HTTP/1.1 200 ");
        assertThat(ask("GET /plain", "Origin: null")).startsWith("HTTP/1.1 403 ");
        assertThat(ask("GET /plain", "Origin: https://evil-example.com"))
                .startsWith("HTTP/1.1 403 ")
                .contains(
                        "Origin \"https://evil-example.com\" is not allowed here (hawser.eventsource.allowed-origins)");
    }

    @Test
    void thePageOfTheHostItselfGetsAStreamWhereNoOriginIsNamed() throws Exception {
        start("hawser.eventsource.allowed-origins=");
        assertThat(ask(
                        "GET /plain",
                        "Origin: http://127.0.0.1:" + application.getWebServer().getPort()))
                .startsWith("HTTP/1.1 200 ");
        assertThat(ask("GET /plain", "Origin: http://127.0.0.1:1")).startsWith("HTTP/1.1 403 ");
    }

    @ParameterizedTest
    @CsvSource({
        "lastEventId, GET /plain?lastEventId=4%201, after 4 1",
        "from, GET /plain?lastEventId=1&from=2, after 2",
        "'', GET /plain?lastEventId=1&=2, 'after '"
    })
    void theIdComesFromTheParameterOfTheProperties(String parameter, String request, String data) throws Exception {
        start("hawser.eventsource.last-event-id-parameter=" + parameter);
        assertThat(ask(request)).contains("data: " + data);
        assertThat(ask(request, "Last-Event-ID: h\u00E4h")).contains("data: after h\u00E4h");
    }

    /** "A 204 No Content response": the client does not come back (WHATWG HTML, section 9.2.3). */
    @ParameterizedTest
    @ValueSource(strings = {"set", "thrown", "returned", "annotated"})
    void aControllerTellsAClientNotToComeBack(String how, CapturedOutput output) throws Exception {
        start();
        List<String> response = ask("GET /" + how, "Accept: text/event-stream");
        assertThat(response).startsWith("HTTP/1.1 204 ");
        assertThat(response).noneMatch(line -> line.startsWith("data:") || line.startsWith("Content-Type"));
        assertThat(closed.poll(20, TimeUnit.SECONDS)).isEqualTo(how);
        assertThat(application.getBean(ConnectionGroup.class).size()).isZero();
        assertThat(output).doesNotContain("ERROR");
    }

    @Test
    void objectsAreSentAsSpringMvcWritesThem() throws Exception {
        start();
        assertThat(ask("GET /orders"))
                .containsSubsequence(
                        "data: {\"item\":\"rope\",\"count\":1}",
                        "",
                        "event: order",
                        "id: 7",
                        "data: {\"item\":\"two\\nlines\",\"count\":2}",
                        "",
                        "event: orders",
                        "data: [{\"item\":\"oar\",\"count\":3}]",
                        "",
                        "data: text",
                        "",
                        "id: 8",
                        "data: {\"item\":\"sail\",\"count\":4}",
                        "");
        application.close();
        start(
                "spring.jackson.serialization.indent-output=true",
                "spring.jackson.property-naming-strategy=UPPER_CAMEL_CASE");
        assertThat(ask("GET /orders"))
                .containsSubsequence("data: {", "data:   \"Item\" : \"rope\",", "data:   \"Count\" : 1", "data: }", "");
    }

    @Test
    void whatIsNotTextCannotBeSent() {
        start();
        WebSocketConverter converter = application.getBean(WebSocketConverter.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> converter.event(new Broken(), event -> {}))
                .withMessageContaining("no name");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> converter.mediaType(MediaType.APPLICATION_CBOR).event(new Order("rope", 1), event -> {}))
                .withMessage("Event streams are text, but application/cbor is not: use"
                        + " mediaType(MediaType.APPLICATION_JSON) for them");
    }
}
