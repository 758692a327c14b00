package dev.hawser.websocket.protocol;

import dev.hawser.websocket.extension.ExtensionMessage;
import org.jspecify.annotations.Nullable;

/**
 * A message to send, on one connection or on many: what the extensions of one make of it is kept for those on which the same
 * becomes of it ({@link dev.hawser.websocket.extension.Pipeline#profile}). Thread-safe.
 */
public final class Outgoing {

    private final Opcode opcode;
    private final byte[] data;
    private final boolean compress;
    /** What has become of it, and where: not more than a broadcast has kinds of peers. */
    private volatile @Nullable Processed processed;

    private record Processed(
            Object profile,
            ExtensionMessage message,
            int count,
            @Nullable Processed next) {}

    private static final int MOST_KEPT = 16;

    /**
     * A message.
     *
     * @param data must not change afterwards; valid UTF-8 where this is text
     * @param compress whether an extension may compress it
     */
    public Outgoing(boolean text, byte[] data, boolean compress) {
        this.opcode = text ? Opcode.TEXT : Opcode.BINARY;
        this.data = data;
        this.compress = compress;
    }

    Opcode opcode() {
        return opcode;
    }

    /** Must not be changed. */
    byte[] data() {
        return data;
    }

    /** The message before any extension has seen it. */
    ExtensionMessage plain() {
        return new ExtensionMessage(opcode == Opcode.TEXT, 0, data, compress);
    }

    /** Whether this is a text message. */
    public boolean isText() {
        return opcode == Opcode.TEXT;
    }

    /** The length of the message in bytes. */
    public int length() {
        return data.length;
    }

    /** What becomes of it on connections of this profile; null if that is not known. */
    @Nullable
    ExtensionMessage processed(@Nullable Object profile) {
        for (Processed known = processed; known != null; known = known.next()) {
            if (known.profile().equals(profile)) {
                return known.message();
            }
        }
        return null;
    }

    void keep(@Nullable Object profile, ExtensionMessage message) {
        Processed others = processed; // one that another thread adds meanwhile gets lost, and is made again
        int count = others == null ? 0 : others.count();
        if (profile != null && count < MOST_KEPT) {
            processed = new Processed(profile, message, count + 1, others);
        }
    }
}
