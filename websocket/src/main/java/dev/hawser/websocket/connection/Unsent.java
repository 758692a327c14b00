package dev.hawser.websocket.connection;

import dev.hawser.websocket.protocol.ByteQueue;
import dev.hawser.websocket.protocol.Outgoing;
import java.util.ArrayDeque;
import java.util.Queue;

/** The messages of a connection that have not left whole, oldest first. Guarded by its lock. */
final class Unsent {

    private final ByteQueue output;
    private final Queue<Outgoing> messages = new ArrayDeque<>();
    private long removed;

    Unsent(ByteQueue output) {
        this.output = output;
        output.countMessages();
    }

    void add(Outgoing message) {
        messages.add(message);
    }

    /** Forgets those that have left: messages leave in the order in which they were sent. */
    Queue<Outgoing> remaining() {
        for (; removed < output.messagesRemoved(); removed++) {
            messages.remove();
        }
        return messages;
    }
}
