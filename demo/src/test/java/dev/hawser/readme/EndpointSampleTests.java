package dev.hawser.readme;

import static dev.hawser.readme.Log.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.spring.WebSocketEndpoints;
import dev.hawser.test.TestSocket;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSockets;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Endpoints without a controller, and all connections. */
class EndpointSampleTests {

    static class Endpoints {

        @Bean
        WebSocketEndpoint echo() {
            return WebSocketEndpoint.at("/echo", socket -> socket.onMessage(socket::send));
        }

        @Bean
        WebSocketEndpoint feed() {
            return WebSocketEndpoint.onRequest("/feed/{name}", request -> request.accept("feed.v2"))
                    .with(options -> options.maxBuffered(64 * 1024).origins("https://*.example.com"));
        }
    }

    @RestController
    static class Chat {

        @GetMapping("/chat/{room}")
        void chat(WebSocket socket) {}
    }

    @Test
    void beansAreEndpoints() {
        try (SampleApplication application = SampleApplication.start(Endpoints.class)) {
            application.client.connect("/echo").send("hello").expectText("hello");
            TestSocket feed = application.client.connect(
                    "/feed/a", options -> options.protocols("feed.v2").origin("https://a.example.com"));
            assertThat(feed.protocol()).isEqualTo("feed.v2");
            application
                    .client
                    .expectRefusal(
                            "/feed/a", options -> options.protocols("feed.v2").origin("https://other.example"))
                    .expectStatus(403);
        }
    }

    @Test
    void aClassCounts() {
        try (SampleApplication application = SampleApplication.start(Counter.class)) {
            TestSocket socket = application.client.connect("/count/10");
            socket.send("a").expectText("a 11");
            socket.send("b").expectText("b 12");
            application.client.connect("/count/0").send("c").expectText("c 1");
        }
    }

    @Test
    void endpointsComeAndGo() {
        try (SampleApplication application = SampleApplication.start(Chat.class)) {
            WebSocketEndpoints endpoints = application.bean(WebSocketEndpoints.class);
            endpoints.mount(WebSocketEndpoint.at("/beta", socket -> socket.send("welcome")));
            endpoints.unmount("/beta");
            application.client.expectRefusal("/beta").expectStatus(404);
        }
    }

    @Test
    void allConnectionsAreAtHand() {
        try (SampleApplication application = SampleApplication.start(Chat.class)) {
            WebSockets sockets = application.bean(WebSockets.class);
            TestSocket first = application.client.connect("/chat/a", options -> options.header("X-User", "ann"));
            await().until(() -> sockets.count() == 1);
            WebSocket sender = sockets.iterator().next();
            TestSocket second = application.client.connect("/chat/b");
            await().until(() -> sockets.count() == 2);
            Message message = Message.text("from ann");

            sockets.count();
            sockets.send("to all");
            sockets.at("/chat/{room}")
                    .except(sender)
                    .send(message); // to all others of this endpoint, whatever their room
            sockets.of("ann").close(4001, "Logged in elsewhere"); // all of one user
            sockets.onAccept(socket -> log.info("{}", socket.url())); // whatever accepts it, before it opens
            sockets.shutDown(); // 1001 to all, 503 to new ones

            first.expectText("to all").expectClose(4001, "Logged in elsewhere");
            second.expectText("to all").expectText("from ann").expectClose(1001, "Going away");
            application.client.expectRefusal("/chat/c").expectStatus(503);
        }
    }
}
