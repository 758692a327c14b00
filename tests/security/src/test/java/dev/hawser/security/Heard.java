package dev.hawser.security;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.ConnectFailedException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a client's socket hears. */
final class Heard {

    final ClientWebSocket socket;
    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<String> closed = new CompletableFuture<>();
    private final CompletableFuture<ConnectFailedException> failed = new CompletableFuture<>();

    Heard(ClientWebSocket socket) {
        this.socket = socket;
        socket.onMessage(message -> messages.add(message.text()));
        socket.onError(error -> {
            if (error instanceof ConnectFailedException failure) {
                failed.complete(failure);
            }
        });
        socket.onClose((code, reason) -> closed.complete((code + " " + reason).strip()));
    }

    /** The next message; also the sign that the socket is open. */
    String next() throws InterruptedException {
        String message = messages.poll(10, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("Expected a message, but none came; closed with " + closed.getNow("nothing"));
        }
        return message;
    }

    /** How the handshake was refused. */
    ConnectFailedException refusal() {
        return failed.orTimeout(10, TimeUnit.SECONDS).join();
    }

    /** The code and the reason with which the socket was closed. */
    String closed() {
        return closed.orTimeout(30, TimeUnit.SECONDS).join();
    }

    boolean isClosed() {
        return closed.isDone();
    }
}
