package dev.hawser.readme;

import static dev.hawser.readme.Log.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.test.TestSocket;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.servlet.ServletUpgrade;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.Principal;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** WebSockets and event streams in controllers and servlets. */
@ExtendWith(OutputCaptureExtension.class)
class WebSocketSampleTests {

    @RestController
    static class Chat {

        @GetMapping("/chat/{room}")
        void chat(@PathVariable String room, WebSocketRequest request, Principal user) {
            if (user == null) {
                request.reject(401, "Log in first");
                return;
            }
            WebSocket socket =
                    request.accept("chat.v2"); // a subprotocol that the client asked for; the origin is checked already
            socket.onMessage(message -> socket.send(user.getName() + ": " + message.text()));
            socket.onClose((code, reason) -> log.debug("{} left {}: {}", user.getName(), room, code));
        }
    }

    @RestController
    static class Deferring {

        private final Tokens tokens = new Tokens();

        @GetMapping("/feed/{name}")
        void feed(@PathVariable String name, WebSocketRequest request) {
            request.defer();
            tokens.check(request.header("Authorization")).whenComplete((user, wrong) -> {
                if (wrong == null) {
                    request.accept().onMessage(message -> log.info("{} of {}: {}", name, user, message.text()));
                } else {
                    request.reject(401, "Log in first", Map.of("WWW-Authenticate", "Bearer"));
                }
            });
        }

        private static final class Tokens {

            CompletableFuture<String> check(String authorization) {
                return CompletableFuture.supplyAsync(() -> {
                    if (authorization == null) {
                        throw new IllegalArgumentException("no token");
                    }
                    return authorization.substring("Bearer ".length());
                });
            }
        }
    }

    static class Upgrading extends HttpServlet {

        private static final long serialVersionUID = 1L;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            if (ServletUpgrade.isWebSocket(request)) {
                WebSocket socket = ServletUpgrade.of(request, response, WebSocketOptions.DEFAULT)
                        .accept();
                socket.onMessage(socket::send);
            }
        }

        @Bean
        static ServletRegistrationBean<HttpServlet> servlet() {
            return new ServletRegistrationBean<>(new Upgrading(), "/servlet");
        }
    }

    @RestController
    static class News {

        @GetMapping("/news")
        void news(EventSource events) {
            events.send("Breaking News!", event -> event.name("notification").id("99"));
        }
    }

    @Test
    void theFirstSampleEchoes() {
        try (SampleApplication application = SampleApplication.start(Demo.class)) {
            application.client.connect("/echo").send("hello").expectText("hello");
        }
    }

    @Test
    void aRequestIsDecidedOn() {
        try (SampleApplication application = SampleApplication.start(Chat.class)) {
            application
                    .client
                    .expectRefusal("/chat/lobby", options -> options.protocols("chat.v2"))
                    .expectStatus(401)
                    .expectReason("Log in first");
            TestSocket socket =
                    application.client.connect("/chat/lobby", options -> options.protocols("chat.v1", "chat.v2")
                            .header("X-User", "ann"));
            assertThat(socket.protocol()).isEqualTo("chat.v2");
            socket.send("hello").expectText("ann: hello");
        }
    }

    @Test
    void aRequestIsDecidedOnLater(CapturedOutput output) {
        try (SampleApplication application = SampleApplication.start(Deferring.class)) {
            application.client.expectRefusal("/feed/a").expectStatus(401).expectReason("Log in first");
            application
                    .client
                    .connect("/feed/a", options -> options.header("Authorization", "Bearer ann"))
                    .send("tick");
            await().until(() -> output.getOut().contains("a of ann: tick"));
        }
    }

    @Test
    void aServletUpgrades() {
        try (SampleApplication application = SampleApplication.start(Upgrading.class)) {
            application.client.connect("/servlet").send("hello").expectText("hello");
        }
    }

    @Test
    void anEventStreamSends() {
        try (SampleApplication application = SampleApplication.start(News.class)) {
            application.client.stream("/news").expectEvent("Breaking News!");
        }
    }
}
