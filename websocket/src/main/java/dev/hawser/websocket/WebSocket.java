package dev.hawser.websocket;

import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.protocol.CloseCode;
import dev.hawser.websocket.protocol.Frame;
import dev.hawser.websocket.protocol.ReadyState;
import java.nio.ByteBuffer;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket connection, with the small interface of a browser's.
 *
 * <p>Every method may be called from any thread, and none waits for the peer or for another thread. Listeners are called
 * in order and never two at once; messages come on the thread that read them, other events on the executor of the
 * connection. A listener that throws closes this connection with 1011, or as its {@link CloseException} says, and no other. At the client's end all come on that executor. Each {@code on…} method adds a listener; those of one event are called
 * in the order in which they were added. Add them before the controller returns, or right after {@code connect}: what comes before a listener is
 * there is not kept for it.
 */
public interface WebSocket extends Connection {

    /** Where the connection stands. */
    ReadyState state();

    /** The URL that the client asked for, such as {@code ws://example.com/chat?room=1}; without a user and password. */
    @Override
    String url();

    /** The path pattern of the endpoint, such as {@code /chat/{room}}; the path itself where there is no pattern, and at the client's end. */
    @Override
    String endpoint();

    /** What the variables of that pattern stand for here, by name; empty where there are none, and at the client's end. */
    Map<String, String> pathVariables();

    /** The subprotocol agreed on (RFC 6455, section 1.9); empty if none. */
    String protocol();

    /**
     * The version of the WebSocket protocol: {@code hybi-13} for RFC 6455; {@code hybi-8} and {@code hybi-7} for drafts of
     * it, which differ in the handshake only; {@code hixie-76} and {@code hixie-75} for those before, which are refused
     * unless they are {@linkplain WebSocketOptions#allowDrafts() allowed}, and have nothing but text messages.
     */
    String version();

    /** The extensions agreed on (section 9), with their parameters, in the order in which messages pass them on their way out. */
    List<ExtensionHeader> extensions();

    /** Who made the handshake request; null if nobody was logged in, and at the client's end. */
    @Override
    @Nullable
    Principal principal();

    /** The address of the client, as the container gives it; at the client's end that of the server or its proxy, empty before it is known. */
    @Override
    String remoteAddress();

    /**
     * Sends a text message; unpaired surrogates become {@code ?}. Before the connection is open, messages are queued.
     *
     * @return true: go on. False: either the connection is closing and nothing was sent, or the message is queued behind
     *     so much that you should wait for {@link #onDrain}
     */
    boolean send(String text);

    /**
     * Sends a binary message, as {@link #send(String)}. The bytes are copied.
     *
     * @throws UnsupportedOperationException if the peer speaks hixie-76 or hixie-75; so do the other methods that send what
     *     those do not have
     */
    boolean send(byte[] data);

    /** Sends what remains in {@code data} as a binary message, as {@link #send(String)}. Its position stays. */
    boolean send(ByteBuffer data);

    /**
     * Sends a message as it is, text as text and binary as binary, without copying it. To send one to many, make it once:
     * connections on which the same becomes of it share the work.
     */
    boolean send(Message message);

    /**
     * Sends several messages, in as few writes as that takes; of none, tells whether more may be sent.
     *
     * @return as {@link #send(String)}, of the last; what follows one that was not sent is not sent either
     */
    boolean send(List<Message> messages);

    /** Sends a text message with options, as {@link #send(String)}. */
    boolean send(String text, SendOptions options);

    /** Sends a binary message with options, as {@link #send(byte[])}. */
    boolean send(byte[] data, SendOptions options);

    /** Sends what remains in {@code data} with options, as {@link #send(ByteBuffer)}. */
    boolean send(ByteBuffer data, SendOptions options);

    /** Sends a message with options, as {@link #send(Message)}. */
    boolean send(Message message, SendOptions options);

    /**
     * Sends one frame, if it keeps the connection valid: a close frame begins the closing handshake, and a message that is
     * begun this way is to be ended before the next is begun. Whole messages sent meanwhile wait for its end. Whether it is
     * masked depends on who sends it, not on {@link Frame#masked}.
     *
     * @return as {@link #send(String)}
     * @throws IllegalArgumentException if the frame must not be sent: with a reserved bit (extensions work on whole messages), a control frame in fragments or
     *     too long, a close code that is not {@linkplain CloseCode#isValid valid}, text that is not UTF-8
     * @throws IllegalStateException if it continues nothing, or begins a message before the last one has ended
     * @throws UnsupportedOperationException as {@link #sendFragment(String, boolean)}
     */
    boolean send(Frame frame);

    /**
     * Sends a part of a text message, in a frame of its own (RFC 6455, section 5.4). Messages, but not pings, that are sent
     * before the last part wait for it; they count as buffered, and are lost if the connection is closed before. A
     * character may be cut in two between its surrogates. Extensions do not see such messages: they go uncompressed.
     *
     * @return as {@link #send(String)}
     * @throws IllegalStateException if a binary message is in progress
     * @throws UnsupportedOperationException if an extension was agreed on that changes every message
     */
    boolean sendFragment(String part, boolean last);

    /**
     * Sends a part of a binary message, as {@link #sendFragment(String, boolean)}. The bytes are copied.
     *
     * @throws IllegalStateException if a text message is in progress
     * @throws UnsupportedOperationException as {@link #sendFragment(String, boolean)}
     */
    boolean sendFragment(byte[] part, boolean last);

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

    /**
     * Sends a pong (section 5.5.3): as an answer where {@link WebSocketOptions#autoPong()} is off, or as a sign of life.
     *
     * @param payload what remains in it, at most 125 bytes; its position stays
     * @return whether the pong was sent: only an open connection sends one
     * @throws IllegalArgumentException if the payload is too long
     */
    boolean pong(ByteBuffer payload);

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

    /**
     * Begins the closing handshake, as {@link #close(int, String)}, for whoever is neither this application nor its peer.
     *
     * @param code any {@linkplain CloseCode#isValid valid} code
     * @param reason at most 123 bytes of UTF-8
     * @param cause what metrics and the log tell
     * @throws IllegalArgumentException if the code or the reason is not allowed
     */
    void close(int code, String reason, CloseCause cause);

    /** Drops the connection with 1002; see {@link #drop(int, String)}. */
    default void drop() {
        drop(CloseCode.PROTOCOL_ERROR, "");
    }

    /**
     * Sends a close frame and ends the connection without waiting for the peer's: for peers that misbehave. Nothing that it
     * still sends is heard. What was sent before still goes out if the peer takes it within two seconds, or {@code
     * close-timeout} if that is shorter. {@link #onClose} gets this code and reason.
     *
     * @param code any {@linkplain CloseCode#isValid valid} code
     * @param reason at most 123 bytes of UTF-8
     * @throws IllegalArgumentException if the code or the reason is not allowed
     */
    default void drop(int code, String reason) {
        drop(code, reason, CloseCause.APPLICATION);
    }

    /** Drops the connection, as {@link #drop(int, String)}; {@code cause} is what metrics and the log tell. */
    void drop(int code, String reason, CloseCause cause);

    /** Cuts the connection at once, without a closing handshake. The peer and {@link #onClose} see 1006. */
    void terminate();

    /**
     * Stops reading, so that the peer has to wait: TCP fills up until it cannot send any more. Nothing is heard until {@link
     * #resume}: no message, ping, pong or close frame, nor that the peer has gone; what was read by then is kept, and comes
     * in order afterwards. Where a listener calls this, no further message is heard; where another thread does, one may
     * just be on its way to the listeners. Does nothing when paused already.
     *
     * <p>Sending and closing go on. A closing handshake that we begin needs the peer's answer: unless reading is resumed,
     * the connection is cut after {@code close-timeout}. A peer is not taken for dead because we do not hear it. A client's
     * socket stays paused when it connects again.
     */
    void pause();

    /** Reads again, after {@link #pause}; does nothing otherwise. Returns before what was kept is delivered. */
    void resume();

    /** Whether {@link #pause} was called, and {@link #resume} was not since. */
    boolean isPaused();

    /**
     * Whether this thread runs a listener of this socket, or the controller that has accepted it and has not returned. It
     * must not wait for what the socket is to do: nothing is read, and no other listener called, until it returns.
     */
    default boolean isOnListenerThread() {
        return false;
    }

    /** How many bytes are queued and not yet taken by the operating system. */
    @Override
    long bufferedAmount();

    /** Called once, when the connection is open. */
    WebSocket onOpen(Runnable listener);

    /**
     * Called for each message; where {@linkplain WebSocketOptions#framing() fragments are not put together}, only for those
     * of one frame, and never where messages are handed on while they come.
     */
    WebSocket onMessage(Consumer<Message> listener);

    /**
     * Called for each frame, control frames too, where {@linkplain WebSocketOptions#framing() fragments are not put
     * together}; otherwise never. {@link #onMessage} and the others follow. The text of all fragments is checked, but one may
     * end in the middle of a character. Where messages are {@linkplain WebSocketOptions.Builder#streaming handed on while they
     * come}, a fragment is what has come of one so far.
     */
    WebSocket onFrame(Consumer<Frame> listener);

    /** Called for each ping, with its payload, after the pong was sent if that is done by itself. */
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

    /** Adds all the listeners of an object. */
    default WebSocket listen(WebSocketListener listener) {
        onOpen(() -> listener.onOpen(this));
        onPing(payload -> listener.onPing(this, payload));
        onPong(payload -> listener.onPong(this, payload));
        onDrain(() -> listener.onDrain(this));
        if (hearsErrors(listener)) {
            onError(error -> listener.onError(this, error));
        }
        onClose((code, reason) -> listener.onClose(this, code, reason));
        return onMessage(message -> listener.onMessage(this, message));
    }

    /** One that does not is no reason to keep what it throws from the log. */
    private static boolean hearsErrors(WebSocketListener listener) {
        try {
            return listener.getClass()
                            .getMethod("onError", WebSocket.class, Throwable.class)
                            .getDeclaringClass()
                    != WebSocketListener.class;
        } catch (NoSuchMethodException | LinkageError hidden) { // in a native image
            return true;
        }
    }

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
