package dev.hawser.benchmarks;

import dev.hawser.autoconfigure.HawserAutoConfiguration;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.tomcat.websocket.server.WsSci;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketHandlerRegistry;
import org.springframework.web.socket.handler.AbstractWebSocketHandler;
import org.springframework.web.socket.handler.ConcurrentWebSocketSessionDecorator;

/** A loop over Spring's WebSocket sessions, each in the decorator that bounds what waits, or over its event streams. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(exclude = HawserAutoConfiguration.class)
@EnableWebSocket
@Import({FanOutServer.class, SpringFanOut.Emitters.class})
public class SpringFanOut implements WebSocketConfigurer {

    private static final int SEND_TIME_LIMIT_MILLIS = 10_000;

    private final Sessions sessions;

    SpringFanOut(@Value("${max-waiting}") int maxWaiting) {
        sessions = new Sessions(maxWaiting);
    }

    public static void main(String[] arguments) {
        SpringApplication.run(SpringFanOut.class, arguments);
    }

    @Override
    public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
        registry.addHandler(sessions, "/socket");
    }

    /** What Boot's own auto-configuration for WebSockets does. */
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> webSockets() {
        return factory ->
                factory.addContextCustomizers(context -> context.addServletContainerInitializer(new WsSci(), null));
    }

    @Bean
    FanOutServer.Sender sender(Emitters emitters) {
        return text -> {
            sessions.send(text);
            emitters.send(text);
        };
    }

    private static final class Sessions extends AbstractWebSocketHandler {

        private final int maxWaiting;
        private final Map<String, WebSocketSession> all = new ConcurrentHashMap<>();

        Sessions(int maxWaiting) {
            this.maxWaiting = maxWaiting;
        }

        @Override
        public void afterConnectionEstablished(WebSocketSession session) {
            all.put(
                    session.getId(),
                    new ConcurrentWebSocketSessionDecorator(session, SEND_TIME_LIMIT_MILLIS, maxWaiting));
        }

        @Override
        public void afterConnectionClosed(WebSocketSession session, CloseStatus status) {
            all.remove(session.getId());
            URI uri = session.getUri();
            if (uri != null && FanOutServer.STUCK.equals(uri.getQuery())) {
                FanOutServer.stuckIsGone();
            }
        }

        void send(String text) {
            TextMessage message = new TextMessage(text);
            all.forEach((id, session) -> {
                try {
                    session.sendMessage(message);
                } catch (IOException | RuntimeException failed) {
                    all.remove(id);
                    close(session);
                }
            });
        }

        private static void close(WebSocketSession session) {
            try {
                session.close(CloseStatus.SESSION_NOT_RELIABLE);
            } catch (IOException | RuntimeException gone) {
                // The container was first.
            }
        }
    }

    @RestController
    static class Emitters {

        private final Set<SseEmitter> all = ConcurrentHashMap.newKeySet();

        @GetMapping("/events")
        SseEmitter events() throws IOException {
            SseEmitter emitter = new SseEmitter(0L);
            emitter.onCompletion(() -> all.remove(emitter));
            emitter.send(SseEmitter.event().comment("")); // or the response would not begin before the first event
            all.add(emitter);
            return emitter;
        }

        @GetMapping(path = "/events", params = FanOutServer.STUCK)
        SseEmitter stuckEvents() throws IOException {
            SseEmitter emitter = events();
            emitter.onCompletion(() -> {
                all.remove(emitter);
                FanOutServer.stuckIsGone();
            });
            return emitter;
        }

        void send(String text) {
            all.forEach(emitter -> {
                try {
                    emitter.send(text);
                } catch (IOException | IllegalStateException gone) {
                    all.remove(emitter); // the container completes it
                }
            });
        }
    }
}
