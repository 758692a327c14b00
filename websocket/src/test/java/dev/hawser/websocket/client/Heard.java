package dev.hawser.websocket.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.handshake.ConnectFailure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a socket tells its listeners. */
final class Heard {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<String> messages = new CopyOnWriteArrayList<>();
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final List<String> closes = new CopyOnWriteArrayList<>();
    private final ClientWebSocket socket;

    Heard(ClientWebSocket socket) {
        this.socket = socket;
        socket.onMessage(message -> messages.add(message.isText() ? message.text() : message.length() + " bytes"));
        socket.onError(errors::add);
        socket.onClose((code, reason) -> closes.add((code + " " + reason).strip()));
    }

    /** An echo comes back, and the closing handshake is kept. */
    void echoesAndCloses() {
        socket.send("Grüße");
        await().atMost(PATIENCE).until(() -> !messages.isEmpty() || !closes.isEmpty());
        assertThat(errors).isEmpty();
        assertThat(messages).containsExactly("Grüße");
        socket.close(4001, "bye");
        closesWith("4001 bye");
        assertThat(errors).isEmpty();
    }

    /** The code, and the reason if there is one. */
    void closesWith(String codeAndReason) {
        await().atMost(PATIENCE).until(() -> !closes.isEmpty());
        assertThat(closes).as(errors.toString()).containsExactly(codeAndReason);
    }

    List<String> messages() {
        return messages;
    }

    /** The connection is not made, for this reason. */
    ConnectFailedException fails(ConnectFailure failure) {
        closesWith("1006");
        assertThat(errors).hasSize(1);
        assertThat(errors.get(0)).isInstanceOf(ConnectFailedException.class);
        ConnectFailedException failed = (ConnectFailedException) errors.get(0);
        assertThat(failed.failure()).as(failed.getMessage()).isEqualTo(failure);
        assertThat(failed).hasMessageStartingWith(failure.id() + ": ");
        return failed;
    }
}
