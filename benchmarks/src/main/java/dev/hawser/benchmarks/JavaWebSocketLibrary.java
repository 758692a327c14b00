package dev.hawser.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.handshake.ServerHandshake;

/** Java-WebSocket: threads of its own for each connection. */
final class JavaWebSocketLibrary implements ClientLibrary {

    @Override
    public void connect(URI server, Conversation conversation) {
        new Connection(server, conversation).connect();
    }

    private static final class Connection extends WebSocketClient {

        private final Conversation conversation;

        Connection(URI server, Conversation conversation) {
            super(server);
            this.conversation = conversation;
            setTcpNoDelay(true); // as the others have it by themselves
        }

        @Override
        public void onOpen(ServerHandshake response) {
            conversation.opened(this::send);
        }

        @Override
        public void onMessage(String text) {
            conversation.failed(new IOException("Expected a binary message but was text"));
        }

        @Override
        public void onMessage(ByteBuffer message) {
            conversation.received(message, true);
        }

        @Override
        public void onClose(int code, String reason, boolean remote) {
            conversation.failed(new IOException("Closed with " + code + " " + reason));
        }

        @Override
        public void onError(Exception failure) {
            conversation.failed(failure);
        }
    }
}
