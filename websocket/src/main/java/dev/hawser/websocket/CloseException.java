package dev.hawser.websocket;

import dev.hawser.websocket.protocol.CloseCode;
import dev.hawser.websocket.protocol.Frame;

/**
 * Thrown by a listener to have its connection closed with a code of its own instead of 1011. Nothing that the peer still
 * sends is heard; {@link WebSocket#onError} gets this exception, and {@link WebSocket#onClose} its code and reason.
 */
public class CloseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int code;
    private final String reason;

    /** As {@link #CloseException(int, String, String)}; the message is made of the code and the reason. */
    public CloseException(int code, String reason) {
        this(code, reason, "Closed with " + code + (reason.isEmpty() ? "" : ": " + reason));
    }

    /**
     * Closes the connection whose listener throws this (RFC 6455, section 7.4).
     *
     * @param code any {@linkplain CloseCode#isValid valid} code
     * @param reason what the peer is told, at most 123 bytes of UTF-8; may be empty
     * @param message what {@code onError} is told
     * @throws IllegalArgumentException if the code or the reason is not allowed
     */
    public CloseException(int code, String reason, String message) {
        super(message);
        CloseCode.requireValid(code);
        Frame.close(code, reason); // refuses a reason that is too long
        this.code = code;
        this.reason = reason;
    }

    /** The code of the close frame. */
    public int code() {
        return code;
    }

    /** The reason that goes with the code; may be empty. */
    public String reason() {
        return reason;
    }
}
