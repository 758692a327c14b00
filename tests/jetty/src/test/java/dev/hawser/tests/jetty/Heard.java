package dev.hawser.tests.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.ConnectFailedException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a socket of our client tells its listeners. */
final class Heard {

    final ClientWebSocket socket;
    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final BlockingQueue<Throwable> errors = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> codes = new LinkedBlockingQueue<>();

    Heard(ClientWebSocket socket) {
        this.socket = socket;
        socket.onMessage(message -> messages.add(message.text()));
        socket.onError(errors::add);
        socket.onClose((code, reason) -> codes.add(code));
    }

    String message() throws InterruptedException {
        String message = messages.poll(10, TimeUnit.SECONDS);
        assertThat(message).as(errors.toString()).isNotNull();
        return message;
    }

    int closeCode() throws InterruptedException {
        Integer code = codes.poll(10, TimeUnit.SECONDS);
        assertThat(code).isNotNull();
        return code;
    }

    /** The response with which the handshake was refused. */
    ConnectFailedException refusal() throws InterruptedException {
        Throwable error = errors.poll(10, TimeUnit.SECONDS);
        assertThat(error).isInstanceOf(ConnectFailedException.class);
        return (ConnectFailedException) error;
    }
}
