package dev.hawser.websocket.connection;

import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketSet;
import dev.hawser.websocket.protocol.Frame;
import java.security.Principal;
import java.util.Iterator;
import java.util.Set;
import java.util.function.Predicate;

/** Some of the open connections: those among a few candidates that a condition selects. */
interface WebSocketSelection extends WebSocketSet {

    /** A set that others change meanwhile. */
    Set<WebSocket> candidates();

    boolean selects(WebSocket socket);

    /** Those of a selection that another condition selects too. */
    record Narrowed(WebSocketSelection from, Predicate<WebSocket> condition) implements WebSocketSelection {

        @Override
        public Set<WebSocket> candidates() {
            return from.candidates();
        }

        @Override
        public boolean selects(WebSocket socket) {
            return from.selects(socket) && condition.test(socket);
        }
    }

    @Override
    default int count() {
        return (int) candidates().stream().filter(this::selects).count();
    }

    @Override
    default Iterator<WebSocket> iterator() {
        return candidates().stream().filter(this::selects).iterator();
    }

    @Override
    default WebSocketSelection where(Predicate<WebSocket> condition) {
        return new Narrowed(this, condition);
    }

    @Override
    default WebSocketSelection at(String endpoint) {
        return where(socket -> socket.endpoint().equals(endpoint));
    }

    @Override
    default WebSocketSelection of(String user) {
        return where(socket -> {
            Principal principal = socket.principal();
            return principal != null && user.equals(principal.getName());
        });
    }

    @Override
    default WebSocketSelection except(WebSocket socket) {
        return where(other -> other != socket);
    }

    @Override
    default void send(Message message) {
        forEach(socket -> socket.send(message));
    }

    @Override
    default void close(int code, String reason) {
        WebSocketConnection.requireForApplications(code);
        Frame.close(code, reason); // refuses a reason that is too long, whether there is somebody to hear it or not
        forEach(socket -> socket.close(code, reason));
    }

    @Override
    default void terminate() {
        forEach(WebSocket::terminate);
    }
}
