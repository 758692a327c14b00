package dev.hawser.websocket.handshake;

import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import java.util.Map;

/** A handshake that cannot be accepted, with the response that says why. */
public final class HandshakeException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient HandshakeRefusal refusal;

    HandshakeException(Cause cause, int status, String reason) {
        this(cause, status, reason, Map.of());
    }

    HandshakeException(Cause cause, int status, String reason, Map<String, String> headers) {
        super(reason, null, false, false);
        this.refusal = new HandshakeRefusal(cause, status, reason, headers);
    }

    /** The response. */
    public HandshakeRefusal refusal() {
        return refusal;
    }
}
