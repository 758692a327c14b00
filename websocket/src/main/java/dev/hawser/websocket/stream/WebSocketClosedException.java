package dev.hawser.websocket.stream;

import dev.hawser.websocket.handshake.HttpText;
import java.io.IOException;

/** The socket of a stream has ended, otherwise than a reader expects, or before all was written. */
public final class WebSocketClosedException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int code;
    private final String reason;

    WebSocketClosedException(int code, String reason) {
        // It comes from the peer, and messages of exceptions go into logs.
        super("The WebSocket was closed with " + code
                + (reason.isEmpty() ? "" : ": " + HttpText.printable(reason, '?')));
        this.code = code;
        this.reason = reason;
    }

    /** The close code (RFC 6455, section 7.4), as {@code onClose} gets it. */
    public int code() {
        return code;
    }

    /** The reason that goes with it; may be empty. */
    public String reason() {
        return reason;
    }
}
