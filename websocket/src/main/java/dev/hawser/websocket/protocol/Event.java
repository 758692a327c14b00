package dev.hawser.websocket.protocol;

import org.jspecify.annotations.Nullable;

/** What a peer said, as {@link Driver#receive} reports it. The arrays belong to the receiver. */
public sealed interface Event {

    /**
     * The handshake is through: of draft-76 only, where eight bytes of it come after the headers. Until it is answered,
     * nothing leaves.
     */
    record Open(byte[] body) implements Event {}

    /** A whole text message, as UTF-8 that has been checked. */
    record Text(byte[] utf8) implements Event {}

    /** A whole binary message. */
    record Binary(byte[] data) implements Event {}

    /**
     * One frame of a text or binary message, where {@linkplain Framing#assemble() nothing is put together}; or a piece of one,
     * where messages are {@linkplain Framing#streaming() handed on while they come}.
     */
    record Fragment(Frame frame) implements Event {}

    /** A ping, to be answered with a pong. */
    record Ping(byte[] data) implements Event {}

    /** A pong, asked for or not. */
    record Pong(byte[] data) implements Event {}

    /** A close frame; {@link CloseCode#NO_STATUS} where it had no code. Nothing follows it. */
    record Close(int code, String reason) implements Event {}

    /** The peer broke the rules, or an extension is broken; {@code cause} is what that threw. Nothing follows. */
    record Failure(
            Violation violation, String reason, @Nullable Throwable cause) implements Event {

        /** A fault of the peer. */
        public Failure(Violation violation, String reason) {
            this(violation, reason, null);
        }
    }
}
