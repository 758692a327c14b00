package dev.hawser.websocket.protocol;

/** A fault of the peer, on its way from where it was seen to the one place that answers it. */
final class ProtocolException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Violation violation;

    /** @param message what was expected and what came; at most 123 bytes of ASCII, since it is the close reason too */
    ProtocolException(Violation violation, String message) {
        super(message, null, false, false);
        this.violation = violation;
    }

    Violation violation() {
        return violation;
    }

    /** The message, which is never null here. */
    String reason() {
        return String.valueOf(getMessage());
    }
}
