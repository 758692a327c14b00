package dev.hawser.tests.tracing;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** An application whose endpoints note the traces that their listeners run within. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(TracedApplication.Endpoints.class)
class TracedApplication {

    /** What the endpoints heard. */
    static final class Log {

        private static final Logger log = LoggerFactory.getLogger("listeners");

        /** Such as {@code message 0af7651916cd43dd8448eb211c80319c}; without a trace, {@code message null}. */
        final List<String> traces = new CopyOnWriteArrayList<>();

        final BlockingQueue<WebSocketRequest> deferred = new LinkedBlockingQueue<>();
        final BlockingQueue<WebSocket> sockets = new LinkedBlockingQueue<>();
        final BlockingQueue<EventSource> streams = new LinkedBlockingQueue<>();
        final BlockingQueue<Map<String, String>> headers = new LinkedBlockingQueue<>();

        void note(String what) {
            traces.add(what + " " + MDC.get("traceId"));
            log.info("heard {}", what);
        }
    }

    @Bean
    Log log() {
        return new Log();
    }

    @RestController
    static class Endpoints {

        private final Log log;

        Endpoints(Log log) {
            this.log = log;
        }

        private void listen(WebSocket socket) {
            log.sockets.add(socket);
            socket.onOpen(() -> log.note("open"))
                    .onMessage(message -> {
                        log.note("message");
                        socket.send(message);
                    })
                    .onPing(payload -> log.note("ping"))
                    .onClose((code, reason) -> log.note("close"));
        }

        @GetMapping("/echo")
        void echo(WebSocket socket, @RequestHeader Map<String, String> headers) {
            log.headers.add(headers);
            log.note("controller");
            listen(socket);
        }

        @GetMapping("/later")
        void later(WebSocketRequest request) {
            log.note("controller");
            request.onAccepted(this::listen);
            request.defer();
            log.deferred.add(request);
        }

        @GetMapping("/events")
        void events(EventSource events) {
            log.note("controller");
            events.onClose(() -> log.note("close")).onDrain(() -> log.note("drain"));
            log.streams.add(events);
        }
    }
}
