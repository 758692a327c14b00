package dev.hawser.websocket.protocol;

import dev.hawser.websocket.extension.ExtensionException;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.ServerHandshake;
import dev.hawser.websocket.handshake.Version;
import java.nio.ByteBuffer;
import java.util.function.IntSupplier;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * One end of a WebSocket connection without its socket. Bytes from the peer go in through {@link #receive}, which hands
 * out events one at a time; each is given to {@link #answer} before the next is asked for, or may be kept from it if it is
 * a message. Commands and answers leave through {@link #output}. Time-outs are the caller's: it says {@link #disconnected}
 * when it gives up.
 *
 * <p>Not thread-safe, but made of two halves: one thread may {@code receive} while another calls all else. The caller
 * serialises each half, and runs no application code inside either.
 */
public interface Driver {

    /** The server's driver for the version that a handshake has chosen, without extensions. */
    static Driver forServer(ServerHandshake handshake, Limits limits, Framing framing) {
        return forServer(handshake, limits, framing, Pipeline.NONE);
    }

    /**
     * The server's driver for the version that a handshake has chosen.
     *
     * @param pipeline the extensions agreed on; ignored for draft-76 and draft-75, which have none
     */
    static Driver forServer(ServerHandshake handshake, Limits limits, Framing framing, Pipeline pipeline) {
        Version version = handshake.version();
        return switch (version) {
            case HIXIE_75 -> HixieDriver.draft75(limits);
            case HIXIE_76 -> HixieDriver.draft76(limits, handshake.challenge());
            default -> new HybiDriver(version, limits, framing, pipeline);
        };
    }

    /**
     * A client's driver.
     *
     * @param version one of the hybi versions
     * @param pipeline the extensions agreed on
     * @param masks masking keys, a new one for each frame, which nobody can foresee (RFC 6455, section 5.3)
     */
    static Driver forClient(Version version, Limits limits, Framing framing, Pipeline pipeline, IntSupplier masks) {
        if (version.isHixie()) {
            throw new IllegalArgumentException("Expected a hybi version for a client but was " + version);
        }
        return HybiDriver.client(version, limits, framing, pipeline, masks);
    }

    /** The version that is spoken. */
    Version version();

    /** Whether this is a client's driver. */
    default boolean isClient() {
        return false;
    }

    /** Where the connection stands. */
    ReadyState state();

    /**
     * Says that the headers of the handshake's response are written: {@code CONNECTING} becomes {@code OPEN}, unless the
     * handshake goes on after them; then {@link Event.Open} follows.
     */
    void open();

    /**
     * Takes bytes from the peer, up to the end of the next event. Never throws for what a peer sent: a fault becomes an
     * {@link Event.Failure}, and everything after it, or after a close frame, is dropped.
     *
     * @param input the bytes; its position moves past what was taken
     * @return the event, or null when {@code input} is used up, or {@link #isReceiving}
     */
    @Nullable
    Event receive(ByteBuffer input);

    /**
     * Answers an event as the protocol wants it: a ping with a pong, a close frame with another, a fault with the close
     * frame that names it. A message needs no answer; a ping may be left to the application.
     */
    void answer(Event event);

    /**
     * Whether an extension is still at work on a message that has come. Until it has told the result, nothing more is received:
     * keep what is left of the input, and go on with it after {@link #onProgress}. Belongs to the receiving half.
     */
    default boolean isReceiving() {
        return false;
    }

    /** Has {@code progress} called, on any thread, whenever an extension has finished what took time. */
    default void onProgress(Runnable progress) {}

    /**
     * What extensions are to do now for what is being sent, if anything. Ask after each {@link #send}, {@link #proceed} and
     * {@link #onProgress}; run it, which may take long and does not disturb other commands, and call {@link #proceed} then.
     */
    default @Nullable Runnable work() {
        return null;
    }

    /**
     * Sends what has become of a message in {@link #work}.
     *
     * @throws ExtensionException if an extension is broken; the connection is closing then
     */
    default void proceed() {}

    /**
     * Does all work that there is, here and now.
     *
     * @throws ExtensionException as {@link #proceed}
     */
    default void workOff() {
        for (Runnable work = work(); work != null; work = work()) {
            work.run();
            proceed();
        }
    }

    /** Has no extension work on messages that come from now on: nobody wants them. Control frames are read still. */
    default void discardMessages() {}

    /** Whether extensions are still at work on something that is to be sent. */
    default boolean isSending() {
        return false;
    }

    /**
     * Sends a message, where extensions were agreed on after their {@link #work}. Those after it wait, in order, and so does a
     * close frame.
     *
     * @return false, and nothing is sent, once the connection is closing
     */
    boolean send(Outgoing message);

    /**
     * Sends a text message, and does the work for it.
     *
     * @param utf8 valid UTF-8 that must not change afterwards
     * @return false, and nothing is sent, once the connection is closing
     * @throws ExtensionException as {@link #proceed}
     */
    default boolean text(byte[] utf8) {
        boolean sent = send(new Outgoing(true, utf8, true));
        workOff();
        return sent;
    }

    /**
     * Sends a binary message, and does the work for it.
     *
     * @param data must not change afterwards
     * @return false, and nothing is sent, once the connection is closing
     * @throws ExtensionException as {@link #proceed}
     */
    default boolean binary(byte[] data) {
        boolean sent = send(new Outgoing(false, data, true));
        workOff();
        return sent;
    }

    /**
     * Sends a part of a message (section 5.4). Whole messages that are sent before the last part wait for it; control
     * frames do not.
     *
     * @param type {@code TEXT} or {@code BINARY}, the same for all parts
     * @param data must not change afterwards; text may be cut in the middle of a character
     * @return false, and nothing is sent, once the connection is closing
     * @throws IllegalStateException if the message in progress is of the other type
     * @throws IllegalArgumentException if text is not valid UTF-8, or the type another
     */
    boolean fragment(Opcode type, byte[] data, boolean last);

    /**
     * Sends one frame, if it keeps the connection valid. As with {@link #fragment}, whole messages wait while one is in
     * progress.
     *
     * @return false, and nothing is sent, once the connection is closing
     * @throws IllegalStateException if it is a continuation of nothing, or begins a message within another
     * @throws IllegalArgumentException if the frame itself must not be sent
     */
    boolean frame(Frame frame);

    /**
     * Sends a ping (RFC 6455, section 5.5.2).
     *
     * @param data at most 125 bytes
     * @return false, and nothing is sent, unless the connection is open
     */
    boolean ping(byte[] data);

    /**
     * Sends a pong, asked for or not (section 5.5.3).
     *
     * @param data at most 125 bytes
     * @return false, and nothing is sent, unless the connection is open
     */
    boolean pong(byte[] data);

    /**
     * Begins the closing handshake (section 7.1.2).
     *
     * @param code a {@linkplain CloseCode#isValid valid} code, or {@link CloseCode#NO_STATUS} to send none
     * @param reason at most 123 bytes of UTF-8; empty where there is no code
     * @return false, and nothing is sent, when the connection is closing already
     */
    boolean close(int code, String reason);

    /**
     * Closes as {@link #close} does, but does not wait for the peer's answer: what it still sends is dropped.
     *
     * @param code a {@linkplain CloseCode#isValid valid} code
     */
    void drop(int code, String reason);

    /** Whether nothing is left to do but to write the output and to close the socket. */
    boolean isFinished();

    /** Says that the socket is gone. */
    void disconnected();

    /**
     * Has {@code growth} asked before a message that is coming takes much more memory: with how many bytes in all. If it answers
     * false, the connection fails with {@link Violation#MEMORY_LIMIT}. Called by the receiving half.
     */
    default void onGrowth(LongPredicate growth) {}

    /** How much memory is held of a message that is coming, and by extensions for it, in bytes. Belongs to the receiving half. */
    default long incomingMemory() {
        return 0;
    }

    /** How much memory extensions hold for what is sent, in bytes, besides {@link #output} and {@link #held}. */
    default long outgoingMemory() {
        return 0;
    }

    /**
     * Forgets what has come of a message, once nothing more is received, and closes the sessions of extensions, as soon as none is at work: call this after {@link #disconnected}, from a thread that
     * may receive and command, and again after each {@link #proceed} and {@link #onProgress}.
     *
     * @throws ExtensionException if one of them fails to close
     */
    default void release() {}

    /** What is to be written to the socket. */
    ByteQueue output();

    /** How many bytes are not in the output yet, because they must not leave before something else has. */
    long held();
}
