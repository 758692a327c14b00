package dev.hawser.websocket.extension;

import org.jspecify.annotations.Nullable;

/** An extension that cannot make anything of a message. */
public final class ExtensionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Whose fault it is. */
    public enum Kind {
        /** The peer sent what cannot be read: 1007. */
        INVALID_DATA,
        /** The peer sent what would be longer than a message may be: 1009. */
        TOO_LONG,
        /** What came would take more memory than there is to spare: 1013. */
        NO_MEMORY,
        /** The extension itself is broken: 1011. */
        BROKEN
    }

    private final Kind kind;

    /** @param reason for the peer, in one line: what was expected, and what came */
    public ExtensionException(Kind kind, String reason) {
        this(kind, reason, null);
    }

    /** @param reason for the peer, in one line */
    public ExtensionException(Kind kind, String reason, @Nullable Throwable cause) {
        super(reason, cause);
        this.kind = kind;
    }

    /** Whose fault it is. */
    public Kind kind() {
        return kind;
    }

    /** What was expected, and what came. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
