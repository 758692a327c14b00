package dev.hawser.websocket.connection;

import dev.hawser.websocket.protocol.ByteQueue;
import dev.hawser.websocket.protocol.Outgoing;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.IntSupplier;

/** The messages of a connection that have not left whole, oldest first. Guarded by its lock. */
final class Unsent {

    private final ByteQueue output;
    /** How many bytes that were removed from the output have not left either. */
    private final IntSupplier unwritten;

    private final Queue<Outgoing> messages = new ArrayDeque<>();
    private long length;

    Unsent(ByteQueue output, IntSupplier unwritten) {
        this.output = output;
        this.unwritten = unwritten;
        output.countMessages();
    }

    void add(Outgoing message) {
        messages.add(message);
        length += message.length();
    }

    /** Forgets those that have left: messages leave in the order in which they were sent. */
    Queue<Outgoing> remaining() {
        int left = output.takeEnds(output.removed() - unwritten.getAsInt());
        for (; left > 0; left--) {
            length -= messages.remove().length();
        }
        return messages;
    }

    /** The length of all that remain, which may be much longer than what is to be written for them. */
    long length() {
        remaining();
        return length;
    }
}
