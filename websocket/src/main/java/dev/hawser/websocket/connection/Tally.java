package dev.hawser.websocket.connection;

import java.util.concurrent.atomic.AtomicLong;

/** Messages in one direction and their bytes. One thread at a time counts, others may look: so it costs no fence. */
final class Tally {

    private final AtomicLong messages = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    void add(int length) {
        messages.setRelease(messages.getPlain() + 1);
        bytes.setRelease(bytes.getPlain() + length);
    }

    long messages() {
        return messages.get();
    }

    long bytes() {
        return bytes.get();
    }
}
