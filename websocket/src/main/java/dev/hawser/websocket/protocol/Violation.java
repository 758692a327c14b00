package dev.hawser.websocket.protocol;

import java.util.Locale;

/**
 * Every way in which a peer can break the rules, with the close code that answers it. The {@linkplain #id() names} are
 * stable: they show in errors, in metrics and in the log.
 */
public enum Violation {
    /** A reserved bit is set that no extension uses (RFC 6455, section 5.2). */
    RESERVED_BIT(CloseCode.PROTOCOL_ERROR),
    /** An opcode that is not defined (section 5.2), or a frame type that the drafts 75 and 76 do not have. */
    UNKNOWN_OPCODE(CloseCode.PROTOCOL_ERROR),
    /** A frame of a client without a mask (section 5.1). */
    UNMASKED_FRAME(CloseCode.PROTOCOL_ERROR),
    /** A frame of a server with a mask (section 5.1). */
    MASKED_FRAME(CloseCode.PROTOCOL_ERROR),
    /** A payload length not in its shortest form, or beyond what fits its field (section 5.2). */
    INVALID_LENGTH(CloseCode.PROTOCOL_ERROR),
    /** A control frame in fragments (section 5.5). */
    FRAGMENTED_CONTROL(CloseCode.PROTOCOL_ERROR),
    /** A control frame of more than 125 bytes (section 5.5). */
    LONG_CONTROL(CloseCode.PROTOCOL_ERROR),
    /** A continuation with no message to continue (section 5.4). */
    UNEXPECTED_CONTINUATION(CloseCode.PROTOCOL_ERROR),
    /** A new message before the last one was finished (section 5.4). */
    EXPECTED_CONTINUATION(CloseCode.PROTOCOL_ERROR),
    /** A close frame with a payload of one byte (section 5.5.1). */
    TRUNCATED_CLOSE(CloseCode.PROTOCOL_ERROR),
    /** A close code that must not stand in a frame (section 7.4). */
    INVALID_CLOSE_CODE(CloseCode.PROTOCOL_ERROR),
    /** Text, or the reason of a close frame, that is not UTF-8 (section 8.1). */
    INVALID_UTF8(CloseCode.INVALID_PAYLOAD),
    /** A message of which an extension cannot make anything, such as one that is not compressed as it says (RFC 7692). */
    INVALID_EXTENSION_DATA(CloseCode.INVALID_PAYLOAD),
    /** No fault of the peer: an extension of ours is broken. */
    EXTENSION_FAILED(CloseCode.INTERNAL_ERROR),
    /** A frame longer than {@code max-frame-length}. */
    FRAME_TOO_LONG(CloseCode.TOO_BIG),
    /** A message longer than {@code max-length}. */
    MESSAGE_TOO_LONG(CloseCode.TOO_BIG),
    /** A message of more fragments than {@code max-fragments}. */
    TOO_MANY_FRAGMENTS(CloseCode.POLICY_VIOLATION),
    /** No fault by itself: this connection holds most where all together hold more memory than they may. */
    MEMORY_LIMIT(CloseCode.TRY_AGAIN_LATER);

    private final int closeCode;
    private final String id;

    Violation(int closeCode) {
        this.closeCode = closeCode;
        this.id = name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The name by which errors, metrics and the log call this, such as {@code invalid-utf8}. */
    public String id() {
        return id;
    }

    /** Whether this is allowed as such, only not so much of it. */
    public boolean isLimit() {
        return this == FRAME_TOO_LONG || this == MESSAGE_TOO_LONG || this == TOO_MANY_FRAGMENTS || this == MEMORY_LIMIT;
    }

    /** The code of the close frame that answers this. */
    public int closeCode() {
        return closeCode;
    }
}
