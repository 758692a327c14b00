package dev.hawser.websocket;

import dev.hawser.websocket.protocol.CloseCode;
import dev.hawser.websocket.protocol.ReadyState;
import java.nio.ByteBuffer;
import java.security.Principal;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket connection, with the small interface of a browser's.
 *
 * <p>Every method may be called from any thread, and none blocks. Listeners are called in order and never two at once;
 * messages come on the thread that read them, other events on the executor of the connection. A listener that throws
 * closes this connection with 1011 and no other. Each {@code on…} method adds a listener; those of one event are called
 * in the order in which they were added. Add them before the controller returns: what comes before a listener is
 * there is not kept for it.
 */
public interface WebSocket {

    /** Where the connection stands. */
    ReadyState state();

    /** The URL that the client asked for, such as {@code ws://example.com/chat?room=1}. */
    String url();

    /** The path pattern of the endpoint, such as {@code /chat/{room}}; the path itself where there is no pattern. */
    String endpoint();

    /** The subprotocol agreed on (RFC 6455, section 1.9); empty if none. */
    String protocol();

    /** The version of the WebSocket protocol: {@code hybi-13}. */
    String version();

    /** Who made the handshake request; null if nobody was logged in. */
    @Nullable
    Principal principal();

    /** The address of the client, as the container gives it. */
    String remoteAddress();

    /**
     * Sends a text message; unpaired surrogates become {@code ?}. Before the connection is open, messages are queued.
     *
     * @return true: go on. False: either the connection is closing and nothing was sent, or the message is queued behind
     *     so much that you should wait for {@link #onDrain}
     */
    boolean send(String text);

    /** Sends a binary message, as {@link #send(String)}. The bytes are copied. */
    boolean send(byte[] data);

    /** Sends what remains in {@code data} as a binary message, as {@link #send(String)}. Its position stays. */
    boolean send(ByteBuffer data);

    /** Sends a message as it is, text as text and binary as binary, without copying it. */
    boolean send(Message message);

    /** Sends an empty ping; see {@link #ping(String, Runnable)}. */
    default boolean ping() {
        return ping("", () -> {});
    }

    /**
     * Sends a ping (RFC 6455, section 5.5.2).
     *
     * @param message at most 125 bytes of UTF-8
     * @param onPong called once when a pong with the same message arrives; pings before this one without a pong of
     *     their own are taken as answered too (section 5.5.3)
     * @return whether the ping was sent: only an open connection sends one
     * @throws IllegalArgumentException if the message is too long
     */
    boolean ping(String message, Runnable onPong);

    /** Closes with 1000; see {@link #close(int, String)}. */
    default void close() {
        close(CloseCode.NORMAL, "");
    }

    /** Closes with a code and no reason; see {@link #close(int, String)}. */
    default void close(int code) {
        close(code, "");
    }

    /**
     * Begins the closing handshake; what was sent before still goes out. If the peer does not answer within {@code
     * close-timeout}, the connection is cut. Does nothing when the connection is closing already.
     *
     * @param code 1000, or 3000 to 4999, as in a browser
     * @param reason at most 123 bytes of UTF-8
     * @throws IllegalArgumentException if the code or the reason is not allowed
     */
    void close(int code, String reason);

    /** Cuts the connection at once, without a closing handshake. The peer and {@link #onClose} see 1006. */
    void terminate();

    /** How many bytes are queued and not yet taken by the operating system. */
    long bufferedAmount();

    /** Called once, when the connection is open. */
    WebSocket onOpen(Runnable listener);

    /** Called for each message. */
    WebSocket onMessage(Consumer<Message> listener);

    /** Called for each ping, with its payload, after the pong was sent. */
    WebSocket onPing(Consumer<ByteBuffer> listener);

    /** Called for each pong, with its payload. */
    WebSocket onPong(Consumer<ByteBuffer> listener);

    /**
     * Called when something goes wrong: a {@link WebSocketException} when the peer breaks the protocol, an {@link
     * java.io.IOException} when the network does, or whatever a listener threw. {@link #onClose} follows.
     */
    WebSocket onError(Consumer<Throwable> listener);

    /** Called once, when the connection has ended, however it ended. */
    WebSocket onClose(CloseListener listener);

    /** Called when what was queued has been sent, after a {@code send} that returned false. */
    WebSocket onDrain(Runnable listener);

    /** Hears how a connection ended. */
    @FunctionalInterface
    interface CloseListener {

        /**
         * The connection has ended.
         *
         * @param code the code that the peer sent; 1005 if its close frame had none, 1006 if there was no close frame;
         *     where we failed the connection, the code that we sent
         * @param reason the reason that goes with the code; may be empty
         */
        void closed(int code, String reason);
    }
}
