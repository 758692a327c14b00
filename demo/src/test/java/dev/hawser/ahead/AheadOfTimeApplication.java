package dev.hawser.ahead;

import dev.hawser.spring.TypedWebSocket;
import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.spring.WebSocketHandler;
import dev.hawser.spring.WebSocketMapping;
import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.client.WebSocketClient;
import jakarta.annotation.PreDestroy;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.aot.hint.annotation.RegisterReflectionForBinding;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Endpoints, handlers, typed messages, compression and the client. */
@SpringBootApplication
public class AheadOfTimeApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(AheadOfTimeApplication.class, arguments);
    }

    @Bean
    WebSocketEndpoint echo() {
        return WebSocketEndpoint.at("/echo", socket -> socket.onMessage(socket::send));
    }

    @Bean
    WebSocketEndpoint later() {
        return WebSocketEndpoint.onRequest("/later", request -> {
            request.defer();
            Thread decision = new Thread(() -> {
                WebSocket socket = request.accept();
                socket.onMessage(message -> socket.send("late " + message.text()));
            });
            decision.setDaemon(true);
            decision.start();
        });
    }

    /** How many handlers there are. */
    @Component
    static class Handlers {

        private final AtomicInteger count = new AtomicInteger();
    }

    /** Numbers messages. */
    @WebSocketMapping("/count/{start}")
    static class Counter implements WebSocketHandler {

        private final Handlers handlers;
        private int count;

        Counter(Handlers handlers) {
            this.handlers = handlers;
            handlers.count.incrementAndGet();
        }

        @Override
        public void onRequest(WebSocketRequest request) {
            count = Integer.parseInt(request.pathVariables().get("start"));
            request.accept();
        }

        @Override
        public void onMessage(WebSocket socket, Message message) {
            socket.send(message.text() + " " + ++count);
        }

        @PreDestroy
        void destroyed() {
            handlers.count.decrementAndGet();
        }
    }

    record Order(String item, int pieces) {}

    record Receipt(String item, int total) {}

    @RestController
    @RegisterReflectionForBinding(Receipt.class) // what is sent is not seen in any signature
    static class Controller {

        private final Handlers handlers;
        private final WebSocketClient client;
        private final Environment environment;

        Controller(Handlers handlers, WebSocketClient client, Environment environment) {
            this.handlers = handlers;
            this.client = client;
            this.environment = environment;
        }

        @GetMapping("/handlers")
        int handlers() {
            return handlers.count.get();
        }

        @GetMapping("/orders")
        void orders(TypedWebSocket<List<Order>> socket) {
            socket.onMessage(
                    orders -> orders.forEach(order -> socket.send(new Receipt(order.item(), order.pieces() * 3))));
        }

        /** Passes on what the echo says, and first which extensions are used with it. */
        @GetMapping("/relay")
        void relay(WebSocket socket) {
            String port = environment.getRequiredProperty("local.server.port");
            ClientWebSocket echo = client.connect("ws://127.0.0.1:" + port + "/echo");
            echo.onOpen(() -> socket.send(echo.extensions().toString()));
            echo.onMessage(socket::send);
            socket.onMessage(echo::send);
            socket.onClose((code, reason) -> echo.close());
        }
    }
}
