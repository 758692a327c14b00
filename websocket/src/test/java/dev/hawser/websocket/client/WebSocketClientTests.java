package dev.hawser.websocket.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.servlet.ServletUpgrade;
import dev.hawser.websocket.servlet.TestServer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The client against our own server, over real sockets. */
class WebSocketClientTests {

    private final TestServer server = new TestServer((request, response) -> {
        WebSocket socket =
                ServletUpgrade.of(request, response, WebSocketOptions.DEFAULT).accept();
        socket.onMessage(socket::send);
    });
    private final WebSocketClient client = WebSocketClient.create();
    private final List<String> events = new CopyOnWriteArrayList<>();

    @AfterEach
    void end() {
        client.close();
        server.close();
    }

    private ClientWebSocket connect(String path) {
        ClientWebSocket socket = client.connect("ws://127.0.0.1:" + server.port() + path);
        socket.onOpen(() -> events.add("open"));
        socket.onMessage(message -> events.add(message.isText() ? message.text() : message.length() + " bytes"));
        socket.onError(error -> events.add("error " + error));
        socket.onClose((code, reason) -> events.add("close " + code + " " + reason));
        return socket;
    }

    @Test
    void sendsReceivesAndCloses() {
        ClientWebSocket socket = connect("/echo?a=b");
        socket.send("Hello");
        socket.send(new byte[3_000_000]);
        await().until(() -> events.size() == 3);
        socket.close(1000, "bye");
        await().until(() -> events.size() == 4);
        assertThat(events).containsExactly("open", "Hello", "3000000 bytes", "close 1000 bye");
        assertThat(socket.statusCode()).isEqualTo(101);
        assertThat(socket.headers().get("upgrade")).containsExactly("websocket");
        assertThat(socket.url()).isEqualTo("ws://127.0.0.1:" + server.port() + "/echo?a=b");
    }
}
