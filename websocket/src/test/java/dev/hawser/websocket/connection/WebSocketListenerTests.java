package dev.hawser.websocket.connection;

import static dev.hawser.websocket.protocol.Bytes.close;
import static dev.hawser.websocket.protocol.Bytes.frame;
import static dev.hawser.websocket.protocol.Bytes.text;
import static dev.hawser.websocket.protocol.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketListener;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.Version;
import dev.hawser.websocket.protocol.Framing;
import dev.hawser.websocket.protocol.HybiDriver;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** All listeners in one object. */
class WebSocketListenerTests {

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final ConnectionGroup group = ConnectionGroup.create();
    private final ConnectionFixture peer = new ConnectionFixture(WebSocketOptions.DEFAULT, group);

    /** Writes down what it hears. */
    private class Recorder implements WebSocketListener {

        @Override
        public void onOpen(WebSocket socket) {
            heard.add("open " + socket.endpoint());
        }

        @Override
        public void onMessage(WebSocket socket, Message message) {
            heard.add("message " + message.text());
            if (message.text().equals("throw")) {
                throw new IllegalStateException("on purpose");
            }
            socket.send(message);
        }

        @Override
        public void onPing(WebSocket socket, ByteBuffer payload) {
            heard.add("ping " + StandardCharsets.UTF_8.decode(payload));
        }

        @Override
        public void onPong(WebSocket socket, ByteBuffer payload) {
            heard.add("pong " + StandardCharsets.UTF_8.decode(payload));
        }

        @Override
        public void onClose(WebSocket socket, int code, String reason) {
            heard.add("close " + code + " " + reason);
        }
    }

    @AfterEach
    void end() {
        group.close();
    }

    @Test
    void hearsEverything() {
        assertThat(peer.socket.listen(new Recorder())).isSameAs(peer.socket);
        peer.open();
        peer.receive(text("hello"), frame(0x89, utf8("a")), frame(0x8A, utf8("b")), close(4000, "bye"));
        assertThat(heard).containsExactly("open /", "message hello", "ping a", "pong b", "close 4000 bye");
        assertThat(peer.pipe.received()).contains("text hello");
    }

    @Test
    void hearsErrorsOnlyIfItWantsTo() {
        ConnectionFixture other = new ConnectionFixture(WebSocketOptions.DEFAULT, group);
        other.socket.listen(new Recorder() {

            @Override
            public void onError(WebSocket socket, Throwable error) {
                heard.add("error " + error.getMessage());
            }
        });
        other.open();
        other.receive(text("throw"));
        other.receive(close(1011, ""));
        assertThat(heard).containsExactly("open /", "message throw", "error on purpose", "close 1011 Internal error");
    }

    @Test
    void oneThatDoesNotWantToLeavesThemToTheLog() {
        WebSocketConnection socket = new WebSocketConnection(
                new HybiDriver(Version.HYBI_13, WebSocketOptions.DEFAULT.limits(), Framing.DEFAULT, Pipeline.NONE),
                new WebSocketConnection.Peer("ws://test/", "/", "", List.of(), null, "127.0.0.1"),
                WebSocketOptions.DEFAULT,
                WebSocketObserver.NONE,
                group);
        socket.listen(new Recorder());
        assertThat(socket).extracting("listeners.message").isNotNull();
        assertThat(socket).extracting("listeners.error").isNull();
    }
}
