package dev.hawser.websocket;

import dev.hawser.websocket.protocol.CloseCode;
import java.util.function.Predicate;

/**
 * The connections that are open now, or those of them that a view selects: a view is made once and shows at any time what
 * is open then. Going through them shows each that is open all the while; others may be shown or not.
 *
 * <p>May be used from any thread; nothing here waits.
 */
public interface WebSocketSet extends Iterable<WebSocket> {

    /** How many they are. Of all connections, of an endpoint's and of a user's, known without counting. */
    int count();

    /** Those of one endpoint, such as {@code /chat/{room}}; see {@link WebSocket#endpoint()}. */
    WebSocketSet at(String endpoint);

    /** Those of one user, by {@linkplain java.security.Principal#getName() name}. */
    WebSocketSet of(String user);

    /** Those that a condition selects, such as a room: {@code socket -> socket.pathVariables().get("room").equals("tea")}. */
    WebSocketSet where(Predicate<WebSocket> condition);

    /** All but one: those that a message of its is for. */
    WebSocketSet except(WebSocket socket);

    /** Sends a text message to each; see {@link #send(Message)}. */
    default void send(String text) {
        send(Message.text(text));
    }

    /** Sends a message to each that is open, as it is: connections on which the same becomes of it share the work. */
    void send(Message message);

    /** Closes each with 1000. */
    default void close() {
        close(CloseCode.NORMAL, "");
    }

    /**
     * Closes each.
     *
     * @throws IllegalArgumentException as {@link WebSocket#close(int, String)}, even if there is none
     */
    void close(int code, String reason);

    /** Cuts each. */
    void terminate();
}
