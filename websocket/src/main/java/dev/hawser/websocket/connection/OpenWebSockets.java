package dev.hawser.websocket.connection;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSockets;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The open connections of a group, found by endpoint and by user without looking at the others. Thread-safe. */
final class OpenWebSockets implements WebSockets, WebSocketSelection {

    private final Runnable shutDown;
    private final Set<WebSocket> all = ConcurrentHashMap.newKeySet();
    private final Map<String, Set<WebSocket>> byEndpoint = new ConcurrentHashMap<>();
    private final Map<String, Set<WebSocket>> byUser = new ConcurrentHashMap<>();
    /** The names under which they are found, which their principals may have changed since. */
    private final Map<WebSocket, String> users = new ConcurrentHashMap<>();

    private final List<Consumer<WebSocket>> acceptListeners = new CopyOnWriteArrayList<>();

    OpenWebSockets(Runnable shutDown) {
        this.shutDown = shutDown;
    }

    void add(WebSocket socket) {
        put(byEndpoint, socket.endpoint(), socket);
        String user = user(socket);
        if (user != null) {
            users.put(socket, user);
            put(byUser, user, socket);
        }
        all.add(socket); // last: who removes it meanwhile, since it has ended, does so again
    }

    void remove(WebSocket socket) {
        if (all.remove(socket)) {
            take(byEndpoint, socket.endpoint(), socket);
            String user = users.remove(socket);
            if (user != null) {
                take(byUser, user, socket);
            }
        }
    }

    private static @Nullable String user(WebSocket socket) {
        Principal principal = socket.principal();
        return principal == null ? null : principal.getName();
    }

    private static void put(Map<String, Set<WebSocket>> index, String key, WebSocket socket) {
        index.compute(key, (same, sockets) -> {
            Set<WebSocket> added = sockets == null ? ConcurrentHashMap.newKeySet(1) : sockets;
            added.add(socket);
            return added;
        });
    }

    private static void take(Map<String, Set<WebSocket>> index, String key, WebSocket socket) {
        index.computeIfPresent(key, (same, sockets) -> {
            sockets.remove(socket);
            return sockets.isEmpty() ? null : sockets;
        });
    }

    void accepted(WebSocket socket) {
        acceptListeners.forEach(listener -> listener.accept(socket));
    }

    @Override
    public WebSockets onAccept(Consumer<WebSocket> listener) {
        acceptListeners.add(listener);
        return this;
    }

    @Override
    public void shutDown() {
        shutDown.run();
    }

    @Override
    public Set<WebSocket> candidates() {
        return all;
    }

    @Override
    public boolean selects(WebSocket socket) {
        return true;
    }

    @Override
    public int count() {
        return all.size();
    }

    @Override
    public WebSocketSelection at(String endpoint) {
        return new Indexed(byEndpoint, endpoint);
    }

    @Override
    public WebSocketSelection of(String user) {
        return new Indexed(byUser, user);
    }

    /** Those of one endpoint or user. */
    private record Indexed(Map<String, Set<WebSocket>> index, String key) implements WebSocketSelection {

        @Override
        public Set<WebSocket> candidates() {
            return index.getOrDefault(key, Set.of());
        }

        @Override
        public boolean selects(WebSocket socket) {
            return true;
        }

        @Override
        public int count() {
            return candidates().size();
        }
    }
}
