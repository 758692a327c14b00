package dev.hawser.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The JDK's client: one {@link HttpClient} for all connections. */
final class JdkLibrary implements ClientLibrary {

    private final HttpClient client = HttpClient.newHttpClient();

    @Override
    public void connect(URI server, Conversation conversation) {
        client.newWebSocketBuilder()
                .buildAsync(server, new Connection(conversation))
                .exceptionally(failure -> {
                    conversation.failed(failure);
                    throw new IllegalStateException(failure);
                });
    }

    private static final class Connection implements WebSocket.Listener {

        private final Conversation conversation;
        /** What waits until the message before it has left, as this client asks of its users. Guarded by itself. */
        private final Queue<byte[]> waiting = new ArrayDeque<>();

        private boolean sending;

        Connection(Conversation conversation) {
            this.conversation = conversation;
        }

        @Override
        public void onOpen(WebSocket socket) {
            socket.request(Long.MAX_VALUE);
            conversation.opened(message -> send(socket, message));
        }

        private void send(WebSocket socket, byte[] message) {
            synchronized (waiting) {
                if (sending) {
                    waiting.add(message);
                    return;
                }
                sending = true;
            }
            sendNow(socket, message);
        }

        private void sendNow(WebSocket socket, byte[] first) {
            byte[] next = first;
            while (next != null) {
                var sent = socket.sendBinary(ByteBuffer.wrap(next), true);
                if (!sent.isDone()) {
                    sent.whenComplete((done, failure) -> sendNext(socket, failure));
                    return;
                }
                next = next();
            }
        }

        private void sendNext(WebSocket socket, @Nullable Throwable failure) {
            if (failure != null) {
                conversation.failed(failure);
                return;
            }
            byte[] next = next();
            if (next != null) {
                sendNow(socket, next);
            }
        }

        private byte @Nullable [] next() {
            synchronized (waiting) {
                byte[] next = waiting.poll();
                sending = next != null;
                return next;
            }
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer part, boolean last) {
            conversation.received(part, last);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            conversation.failed(new IOException("Closed with " + code + " " + reason));
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable failure) {
            conversation.failed(failure);
        }
    }
}
