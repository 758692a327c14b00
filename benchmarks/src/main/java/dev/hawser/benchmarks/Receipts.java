package dev.hawser.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** What one receiver has got: each message at most once, in order, and how late those of a window were. */
final class Receipts {

    private final TimedMessage.Reader reader = new TimedMessage.Reader();
    private long next;
    private long missed;

    private long first;
    /** In microseconds, of each message of the window; 0 for those that have not come. */
    private int[] delays = {};

    /** From now on notes how late the next so many messages are, from one on. */
    void open(long firstMessage, int messages) {
        first = firstMessage;
        delays = new int[messages];
    }

    /** Reads so many bytes of what was sent; how many messages they complete. */
    int take(ByteBuffer input, int count, long now) throws IOException {
        int messages = 0;
        for (int end = input.position() + count; input.position() < end; ) {
            if (reader.take(input.get())) {
                received(reader.number(), now - reader.due());
                messages++;
            }
        }
        return messages;
    }

    private void received(long number, long delay) throws IOException {
        if (number < next) {
            throw new IOException("Expected message " + next + " or later but was " + number);
        }
        if (next > 0) { // the first may be any
            missed += number - next;
        }
        next = number + 1;
        long index = number - first;
        if (index >= 0 && index < delays.length) {
            delays[(int) index] = (int) Math.max(1, delay / 1000);
        }
    }

    /** Whether all messages of the window have come, or later ones. */
    boolean isComplete() {
        return next >= first + delays.length;
    }

    /** How many messages were left out before others that have come. */
    long missed() {
        return missed;
    }

    /** How many messages of the window have not come. */
    long absent() {
        return Arrays.stream(delays).filter(delay -> delay == 0).count();
    }

    /** How late the messages of the window were, in microseconds; those that have not come are as late as they are now. */
    int[] delays(Schedule schedule, long now) {
        int[] all = delays.clone();
        for (int i = 0; i < all.length; i++) {
            if (all[i] == 0) {
                all[i] = (int) ((now - schedule.due(first + i)) / 1000);
            }
        }
        return all;
    }
}
