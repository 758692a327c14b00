package dev.hawser.websocket;

import dev.hawser.websocket.protocol.Violation;
import org.jspecify.annotations.Nullable;

/**
 * The peer broke the protocol, or an extension failed, and the connection is being closed for it. The message begins with the rule's name and close
 * code, as in {@code invalid-utf8 (1007): Text message is not valid UTF-8}.
 */
public final class WebSocketException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Violation violation;

    /** @param reason what was expected and what came */
    public WebSocketException(Violation violation, String reason) {
        this(violation, reason, null);
    }

    /**
     * As {@link #WebSocketException(Violation, String)}.
     *
     * @param cause what a library or an extension threw
     */
    public WebSocketException(Violation violation, String reason, @Nullable Throwable cause) {
        super(violation.id() + " (" + violation.closeCode() + "): " + reason, cause);
        this.violation = violation;
    }

    /** Which rule was broken: its name, and the close code that answers it. */
    public Violation violation() {
        return violation;
    }
}
