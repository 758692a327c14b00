package dev.hawser.websocket.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.protocol.HybiDriver;
import java.security.Principal;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is open is found by user, whatever its principal does, and who is not is not. */
class OpenWebSocketsTests {

    private final ConnectionGroup group = ConnectionGroup.create();

    @AfterEach
    void close() {
        group.close();
    }

    private WebSocketConnection connection(Principal principal) {
        return new WebSocketConnection(
                new HybiDriver(WebSocketOptions.DEFAULT.limits()),
                new WebSocketConnection.Peer("ws://test/", "/", "", List.of(), principal, "127.0.0.1"),
                WebSocketOptions.DEFAULT,
                WebSocketObserver.NONE,
                group);
    }

    @Test
    void aUserWhoseNameChangesLeavesNothingBehind() {
        AtomicReference<String> name = new AtomicReference<>("ann");
        WebSocketConnection socket = connection(name::get);
        socket.open(new Pipe());
        assertThat(group.webSockets().of("ann")).containsExactly(socket);
        name.set("eve");
        socket.terminate();
        assertThat(group.webSockets().of("ann")).isEmpty();
        assertThat(group.webSockets().of("ann").count()).isZero();
    }

    @Test
    void aConnectionThatEndsWhileItIsOpenedLeavesNothingBehind() {
        AtomicReference<@Nullable WebSocket> opening = new AtomicReference<>();
        WebSocketConnection socket = connection(() -> {
            WebSocket ending = opening.getAndSet(null);
            if (ending != null) {
                ending.terminate(); // as another thread may
            }
            return "ann";
        });
        opening.set(socket);
        socket.open(new Pipe());
        assertThat(group.webSockets()).isEmpty();
        assertThat(group.webSockets().at("/")).isEmpty();
        assertThat(group.webSockets().of("ann")).isEmpty();
    }

    @Test
    @SuppressWarnings("NullAway") // there are principals without a name, though Java does not say so
    void aUserWithoutANameIsNobody() {
        WebSocketConnection socket = connection(() -> null);
        socket.open(new Pipe());
        assertThat(group.webSockets().of("ann")).isEmpty();
        assertThat(group.webSockets().at("/").of("ann")).isEmpty();
    }
}
