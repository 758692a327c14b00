package dev.hawser.websocket.protocol;

import dev.hawser.websocket.extension.ExtensionException;
import dev.hawser.websocket.handshake.HttpText;
import java.nio.ByteBuffer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The reading half of a driver: what its reader finds, up to a close frame or a fault, or until nobody wants to hear more.
 * The one place where a fault becomes an event.
 */
final class Incoming {

    /** Finds events in bytes. */
    @FunctionalInterface
    interface Reader {

        /**
         * Reads up to the end of the next event; null when {@code input} is used up before, or an extension takes its time.
         *
         * @throws ExtensionException if an extension can make nothing of a message
         */
        @Nullable
        Event read(ByteBuffer input) throws ProtocolException;

        /** How many bytes of memory are held between two reads. */
        default long memory() {
            return 0;
        }

        /** @param growth asked before a message takes much more memory, with how many bytes it is to hold in all */
        default void onGrowth(LongPredicate growth) {}
    }

    private static final Reader NONE = input -> null;

    private Reader reader;
    /** Set by either half. */
    private volatile boolean ended;

    Incoming(Reader reader) {
        this.reader = reader;
    }

    @Nullable
    Event receive(ByteBuffer input) {
        if (ended) {
            input.position(input.limit());
            return null;
        }
        try {
            Event event = reader.read(input);
            if (event instanceof Event.Close) {
                ended = true;
            }
            return event;
        } catch (ProtocolException fault) {
            ended = true;
            release();
            return new Event.Failure(fault.violation(), fault.reason());
        } catch (ExtensionException failure) {
            ended = true;
            release();
            return failure(failure);
        }
    }

    private static Event.Failure failure(ExtensionException failure) {
        Violation violation =
                switch (failure.kind()) {
                    case INVALID_DATA -> Violation.INVALID_EXTENSION_DATA;
                    case TOO_LONG -> Violation.MESSAGE_TOO_LONG;
                    case NO_MEMORY -> Violation.MEMORY_LIMIT;
                    case BROKEN -> Violation.EXTENSION_FAILED;
                };
        // It goes into a close frame (5.5.1), and not all extensions are ours.
        String reason = HttpText.printable(failure.reason(), '?');
        return new Event.Failure(
                violation,
                reason.substring(0, Math.min(reason.length(), CloseCode.MAX_REASON_BYTES)),
                failure.getCause());
    }

    /** From now on everything is dropped. */
    void end() {
        ended = true;
    }

    /** Forgets what has come of a message, if nobody wants to hear more. */
    void release() {
        if (ended) {
            reader = NONE;
        }
    }

    long memory() {
        return reader.memory();
    }

    void onGrowth(LongPredicate growth) {
        reader.onGrowth(growth);
    }
}
