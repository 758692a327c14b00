package dev.hawser.websocket.protocol;

import org.jspecify.annotations.Nullable;

/** The frame types of RFC 6455, section 5.2; their {@link #code()} is the lower half of a frame's first byte. */
public enum Opcode {
    CONTINUATION(0),
    TEXT(1),
    BINARY(2),
    CLOSE(8),
    PING(9),
    PONG(10);

    private static final @Nullable Opcode[] BY_CODE = new @Nullable Opcode[16];

    static {
        for (Opcode opcode : values()) {
            BY_CODE[opcode.code] = opcode;
        }
    }

    private final int code;

    Opcode(int code) {
        this.code = code;
    }

    /** The four bits on the wire. */
    public int code() {
        return code;
    }

    /** Whether this is a control frame: never fragmented, at most 125 bytes (section 5.5). */
    public boolean isControl() {
        return code >= 8;
    }

    /** The opcode for the lower four bits of {@code code}; null for the ten that are reserved. */
    static @Nullable Opcode of(int code) {
        return BY_CODE[code & 0x0F];
    }
}
