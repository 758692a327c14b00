package dev.hawser.readme;

import static dev.hawser.readme.Log.log;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.client.WebSocketClient;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

@Component
class Feed {

    Feed(WebSocketClient client, @Value("${feed.url}") String url) { // such as wss://example.com/feed
        ClientWebSocket socket = client.connect(url, options -> options.protocols("irc", "amqp"));
        socket.onOpen(() -> socket.send("Hello, world!"));
        socket.onMessage(message -> log.info("The feed says {}", message.text()));
        socket.onClose((code, reason) -> log.info("The feed is closed: {} {}", code, reason));
    }
}
