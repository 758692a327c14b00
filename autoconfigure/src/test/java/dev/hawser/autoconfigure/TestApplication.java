package dev.hawser.autoconfigure;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.Principal;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** An application with every kind of endpoint. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({TestApplication.WebSockets.class, TestApplication.EventSources.class, TestApplication.Log.class, LogIn.class})
class TestApplication {

    /** What the endpoints saw. */
    static final class Log {

        final AtomicInteger calls = new AtomicInteger();
        final BlockingQueue<String> closed = new LinkedBlockingQueue<>();
    }

    @Bean
    WebMvcConfigurer failingInterceptor() {
        return new WebMvcConfigurer() {
            @Override
            public void addInterceptors(InterceptorRegistry registry) {
                registry.addInterceptor(new HandlerInterceptor() {
                            @Override
                            public void postHandle(
                                    HttpServletRequest request,
                                    HttpServletResponse response,
                                    Object handler,
                                    ModelAndView view) {
                                throw new ResponseStatusException(HttpStatus.BAD_GATEWAY);
                            }
                        })
                        .addPathPatterns("/intercepted");
            }
        };
    }

    @RestController
    static class WebSockets {

        private final Log log;

        WebSockets(Log log) {
            this.log = log;
        }

        @GetMapping("/echo")
        void echo(WebSocket socket) {
            log.calls.incrementAndGet();
            socket.onMessage(socket::send);
            socket.onClose((code, reason) -> log.closed.add("echo " + code));
        }

        @GetMapping("/greeting")
        void greeting(WebSocket socket) {
            socket.send("hello");
        }

        @GetMapping("/chat/{room}")
        void chat(@PathVariable String room, WebSocketRequest request, Principal user) {
            if (user == null) {
                request.reject(401, "Log in first");
                return;
            }
            WebSocket socket = request.accept("chat.v2");
            socket.onMessage(message -> socket.send(room + "/" + user.getName() + ": " + message.text()));
        }

        @GetMapping("/number/{number}")
        void number(@PathVariable int number, WebSocket socket) {
            socket.send("got " + number);
        }

        @GetMapping("/throws")
        void fails(WebSocket socket) {
            socket.onClose((code, reason) -> log.closed.add("throws " + code));
            throw new IllegalStateException("thrown after accept");
        }

        @GetMapping("/gone")
        void gone(WebSocketRequest request) {
            request.accept();
            throw new ResponseStatusException(HttpStatus.GONE);
        }

        @GetMapping("/intercepted")
        void intercepted(WebSocket socket) {
            socket.onClose((code, reason) -> log.closed.add("intercepted " + code));
        }

        @GetMapping("/undecided")
        void undecided(WebSocketRequest request) {}

        @GetMapping("/entity")
        ResponseEntity<String> entity(WebSocketRequest request) {
            return ResponseEntity.status(404).body("no such room");
        }

        @GetMapping("/redirect")
        void redirect(WebSocketRequest request, HttpServletResponse response) throws IOException {
            response.sendRedirect("/elsewhere");
        }

        @GetMapping("/later")
        CompletableFuture<Void> later(WebSocket socket) {
            socket.onClose((code, reason) -> log.closed.add("later " + code));
            return CompletableFuture.runAsync(() -> {});
        }

        @GetMapping("/fragile")
        void fragile(WebSocket socket) {
            socket.onError(error -> {}).onMessage(message -> {
                throw new IllegalStateException("thrown by a listener");
            });
        }

        @GetMapping("/plain")
        String plain() {
            return "plain";
        }
    }

    @Controller
    static class EventSources {

        private final Log log;
        final Map<String, EventSource> open = new java.util.concurrent.ConcurrentHashMap<>();

        EventSources(Log log) {
            this.log = log;
        }

        @GetMapping("/news/{topic}")
        void news(@PathVariable String topic, EventSource events) {
            log.calls.incrementAndGet();
            events.onClose(() -> log.closed.add("news " + topic));
            events.send(topic + " after " + events.lastEventId(), event -> event.name("start")
                    .id("1"));
            open.put(topic, events);
        }

        @GetMapping("/short")
        void oneEvent(EventSource events) {
            events.send("only");
            events.close();
            events.onClose(() -> log.closed.add("short"));
        }

        @GetMapping("/news-throws")
        void fails(EventSource events) {
            events.onClose(() -> log.closed.add("news-throws"));
            events.send("never arrives");
            throw new IllegalStateException("thrown after the first event");
        }

        @GetMapping("/news-gone")
        void gone(EventSource events) {
            events.onClose(() -> log.closed.add("news-gone"));
            throw new ResponseStatusException(HttpStatus.GONE);
        }

        @GetMapping("/news-entity")
        ResponseEntity<String> entity(EventSource events) {
            events.onClose(() -> log.closed.add("news-entity"));
            return ResponseEntity.status(404).body("no such topic");
        }

        /** What a client is told that shall not reconnect (WHATWG HTML, section 9.2.3). */
        @GetMapping("/no-news")
        void noNews(EventSource events, HttpServletResponse response) {
            events.onClose(() -> log.closed.add("no-news"));
            response.setStatus(204);
        }

        @GetMapping("/flood")
        void flood(EventSource events) {
            events.onClose(() -> log.closed.add("flood"));
            String megabyte = "x".repeat(1 << 20);
            for (int i = 0; i < 20; i++) {
                events.send(megabyte);
            }
        }
    }
}
