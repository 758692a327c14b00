package dev.hawser.benchmarks;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.client.ClientOptions;
import dev.hawser.websocket.client.WebSocketClient;
import java.io.IOException;
import java.net.URI;

/** Hawser's client. */
final class HawserLibrary implements ClientLibrary {

    private final WebSocketClient client =
            WebSocketClient.create(ClientOptions.DEFAULT.with(options -> options.extensions()));

    @Override
    public void connect(URI server, Conversation conversation) {
        WebSocket socket = client.connect(server.toString());
        socket.onOpen(() -> conversation.opened(socket::send));
        socket.onMessage(message -> conversation.received(message.bytes(), true));
        socket.onError(conversation::failed);
        socket.onClose((code, reason) -> conversation.failed(new IOException("Closed with " + code + " " + reason)));
    }
}
