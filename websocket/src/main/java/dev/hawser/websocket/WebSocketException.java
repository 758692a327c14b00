package dev.hawser.websocket;

import dev.hawser.websocket.protocol.Violation;

/** The peer broke the protocol, and the connection is being closed for it. */
public final class WebSocketException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Violation violation;

    public WebSocketException(Violation violation, String message) {
        super(message);
        this.violation = violation;
    }

    /** Which rule was broken, and the close code for it. */
    public Violation violation() {
        return violation;
    }
}
