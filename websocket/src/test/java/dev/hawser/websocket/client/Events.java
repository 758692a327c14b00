package dev.hawser.websocket.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.handshake.ConnectFailure;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What the listeners of a socket hear. */
final class Events {

    final ClientWebSocket socket;
    final CompletableFuture<Void> open = new CompletableFuture<>();
    final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    final CompletableFuture<Throwable> error = new CompletableFuture<>();
    final CompletableFuture<String> closed = new CompletableFuture<>();

    Events(ClientWebSocket socket) {
        this.socket = socket;
        socket.onOpen(() -> open.complete(null));
        socket.onMessage(messages::add);
        socket.onError(error::complete);
        socket.onClose((code, reason) -> closed.complete((code + " " + reason).strip()));
    }

    String text() throws Exception {
        Message message = messages.poll(20, TimeUnit.SECONDS);
        assertThat(message).as("a message").isNotNull();
        return message.text();
    }

    String closed() throws Exception {
        return closed.get(20, TimeUnit.SECONDS);
    }

    void opened() throws Exception {
        open.get(20, TimeUnit.SECONDS);
    }

    /** The failure, after which the socket is closed with 1006. */
    ConnectFailedException failed(ConnectFailure failure) throws Exception {
        Throwable thrown = error.get(20, TimeUnit.SECONDS);
        assertThat(thrown).isInstanceOfSatisfying(ConnectFailedException.class, failed -> assertThat(failed.failure())
                .as(failed.toString())
                .isEqualTo(failure));
        assertThat(thrown).hasMessageStartingWith(failure.id() + ": ");
        assertThat(closed()).isEqualTo("1006");
        assertThat(open).isNotDone();
        return (ConnectFailedException) thrown;
    }
}
