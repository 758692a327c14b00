package dev.hawser.websocket.handshake;

import java.util.Locale;

/** A response to a client's handshake that will not do. */
public final class ClientHandshakeException extends Exception {

    private static final long serialVersionUID = 1L;

    /** The kinds of failures. */
    public enum Cause {
        /** A status other than 101. */
        UNEXPECTED_STATUS,
        /** No Upgrade header, or one that is not {@code websocket}. */
        WRONG_UPGRADE,
        /** No Connection header, or one without {@code Upgrade}. */
        WRONG_CONNECTION,
        /** No Sec-WebSocket-Accept, two of them, or one that does not answer the key. */
        WRONG_ACCEPT,
        /** A subprotocol that was not asked for, or more than one. */
        UNASKED_PROTOCOL,
        /** No subprotocol, though some were asked for. */
        NO_PROTOCOL,
        /** An extension that was not offered. */
        UNASKED_EXTENSION,
        /** A Sec-WebSocket-Extensions header that breaks its grammar. */
        BAD_EXTENSION;

        private final String id = name().toLowerCase(Locale.ROOT).replace('_', '-');

        /** The name by which errors, metrics and the log call this, such as {@code wrong-accept}. */
        public String id() {
            return id;
        }
    }

    private final Cause kind;

    ClientHandshakeException(Cause kind, String reason) {
        super(kind.id() + ": " + reason, null, false, false);
        this.kind = kind;
    }

    /** Which kind of failure. */
    public Cause kind() {
        return kind;
    }
}
