package dev.hawser.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the application does with one connection: it keeps messages on their way, and checks what comes back. */
final class Conversation {

    private final Conversations all;
    private volatile @Nullable Consumer<byte[]> sender;

    // Written by one thread at a time: a client calls the listeners of one connection so.
    private int received;
    private volatile long echoed;

    Conversation(Conversations all) {
        this.all = all;
    }

    /** The connection is open, and sends what it is given. */
    void opened(Consumer<byte[]> sends) {
        sender = sends;
        all.opened();
    }

    void send(int messages) {
        Consumer<byte[]> to = sender;
        if (to == null) {
            throw new IllegalStateException("The connection is not open");
        }
        for (int i = 0; i < messages; i++) {
            to.accept(all.message());
        }
    }

    /** What remains in {@code part} has come. */
    void received(ByteBuffer part, boolean last) {
        byte[] message = all.message();
        int length = part.remaining();
        boolean fits = received + length <= message.length && (!last || received + length == message.length);
        if (!fits || (length > 0 && part.get(part.position() + length - 1) != message[received + length - 1])) {
            failed(new IOException("Expected the message that was sent, but was another"));
            return;
        }
        received = last ? 0 : received + length;
        if (last) {
            count();
            if (all.goesOn()) {
                send(1);
            }
        }
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    private void count() {
        echoed++;
    }

    /** How many messages have come back. */
    long echoed() {
        return echoed;
    }

    void failed(Throwable failure) {
        all.failed(failure);
    }
}
