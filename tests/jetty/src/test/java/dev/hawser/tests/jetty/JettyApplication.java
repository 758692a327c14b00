package dev.hawser.tests.jetty;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** An application with an endpoint of each kind. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(JettyApplication.Endpoints.class)
class JettyApplication {

    /** What the endpoints heard. */
    record Log(BlockingQueue<String> closed, BlockingQueue<WebSocketRequest> deferred, BlockingQueue<Thread> threads) {}

    @Bean
    Log log() {
        return new Log(new LinkedBlockingQueue<>(), new LinkedBlockingQueue<>(), new LinkedBlockingQueue<>());
    }

    @RestController
    static class Endpoints {

        private final Log log;

        Endpoints(Log log) {
            this.log = log;
        }

        @GetMapping("/echo")
        void echo(WebSocket socket) {
            socket.onMessage(message -> {
                log.threads().add(Thread.currentThread());
                socket.send(message);
            });
            socket.onClose((code, reason) -> log.closed().add("echo " + code));
        }

        @GetMapping("/chat/{room}")
        void chat(@PathVariable String room, WebSocketRequest request) {
            if (request.header("X-User") == null) {
                request.reject(401, "Log in first", Map.of("WWW-Authenticate", "Bearer"));
                return;
            }
            String user = request.header("X-User");
            WebSocket socket = request.accept("chat.v2");
            socket.onMessage(message -> socket.send(room + "/" + user + ": " + message.text()));
        }

        @GetMapping("/later")
        void later(WebSocketRequest request) {
            request.defer();
            log.deferred().add(request);
        }

        @GetMapping("/who")
        void who(WebSocketRequest request) {
            WebSocket socket = request.accept();
            socket.send(request.remoteAddress() + " " + request.url() + " " + request.path() + " " + socket.endpoint());
        }

        @GetMapping("/throws")
        void fails(WebSocket socket) {
            socket.onClose((code, reason) -> log.closed().add("throws " + code));
            throw new IllegalStateException("thrown on purpose");
        }

        @GetMapping("/news/{topic}")
        void news(@PathVariable String topic, EventSource events) {
            events.onClose(() -> log.closed().add("news " + topic));
            events.send(topic + " after " + events.lastEventId(), event -> event.name("start")
                    .id("1"));
        }
    }
}
