package dev.hawser.readme;

import static dev.hawser.readme.Log.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.Reconnect;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.WebSockets;
import dev.hawser.websocket.client.ClientOptions;
import dev.hawser.websocket.client.WebSocketClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The client. */
@ExtendWith(OutputCaptureExtension.class)
class ClientSampleTests {

    @RestController
    static class Server {

        @GetMapping("/feed")
        void feed(WebSocketRequest request) {
            request.accept("amqp").onMessage(message -> log.info("Server got {}", message.text()));
        }
    }

    @Test
    void aComponentConnects(CapturedOutput output) {
        try (SampleApplication server = SampleApplication.start(Server.class);
                SampleApplication application =
                        SampleApplication.start(Feed.class, "--feed.url=ws://127.0.0.1:" + server.port() + "/feed")) {
            assertThat(application.bean(Feed.class)).isNotNull();
            await().until(() -> output.getOut().contains("Server got Hello, world!"));
            server.bean(WebSockets.class).send("news");
            await().until(() -> output.getOut().contains("The feed says news"));
            server.bean(WebSockets.class).close(4000, "enough");
            await().until(() -> output.getOut().contains("The feed is closed: 4000 enough"));
        }
    }

    @Test
    void aPlainClientEchoes(CapturedOutput output) {
        try (SampleApplication server = SampleApplication.start(Demo.class)) {
            String url = "ws://127.0.0.1:" + server.port() + "/echo";

            WebSocketClient client =
                    WebSocketClient.create(ClientOptions.DEFAULT.with(options -> options.maxRedirects(3)));
            ClientWebSocket socket = client.connect(url); // such as ws://localhost:8080/echo
            socket.onMessage(message -> System.out.println(message.text()));
            socket.send("Hello, world!");

            await().until(() -> output.getOut().contains("Hello, world!"));
            client.close();
        }
    }

    @Test
    void aClientComesBack(CapturedOutput output) {
        try (SampleApplication server = SampleApplication.start(Server.class);
                WebSocketClient client = WebSocketClient.create(ClientOptions.DEFAULT)) {
            ClientWebSocket socket =
                    client.connect("ws://127.0.0.1:" + server.port() + "/feed", options -> options.protocols("amqp")
                            .reconnect(Reconnect.DEFAULT));

            socket.onReconnecting(
                    (attempt, delay, cause) -> log.info("Attempt {} in {}: {}", attempt, delay, cause.getMessage()));
            socket.onReconnect(() -> socket.send("Go on"));

            await().until(() -> server.bean(WebSockets.class).count() == 1);
            server.bean(WebSockets.class).terminate();
            await().until(() -> output.getOut().contains("Server got Go on"));
            assertThat(output.getOut()).contains("Attempt 1 in ");
        }
    }
}
