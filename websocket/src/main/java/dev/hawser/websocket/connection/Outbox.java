package dev.hawser.websocket.connection;

import dev.hawser.websocket.memory.MemoryBudget;
import dev.hawser.websocket.protocol.ByteQueue;
import java.io.IOException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be written, and the rules for a peer that reads slowly: above the high-water mark senders are asked to
 * wait, beyond the limit nothing more is taken. Guarded by the connection's lock.
 */
final class Outbox {

    /** So much is collected while the rest of a read is worked through, before it is written anyway. */
    private static final int BATCH = 64 * 1024;

    private final ByteQueue queue;
    /** How many bytes wait before the queue. */
    private final LongSupplier before;
    /** The length of the messages that are kept until they have left. */
    private final LongSupplier kept;

    private final int limit;
    private @Nullable Sink sink;
    /** Whether the sink holds back something that it has taken. */
    private boolean unflushed;
    /** Whether the sink will say when it takes bytes again. */
    private boolean stalled;
    /** Whether a sender was asked to wait, and has not been told to go on, until nothing waits at all. */
    private boolean drainAwaited;
    /** The same for one who waits only for the queue. */
    private boolean queueAwaited;
    /** The first piece of the queue that is on the budget, and how many are. */
    private long firstHeld;

    private int held;

    Outbox(ByteQueue queue, LongSupplier before, LongSupplier kept, int limit) {
        this.queue = queue;
        this.before = before;
        this.kept = kept;
        this.limit = limit;
    }

    void open(Sink sink) {
        this.sink = sink;
    }

    long size() {
        return queue.size() + before.getAsLong();
    }

    /** How much memory what waits takes, if anything does. */
    private long weight() {
        long size = size();
        return size == 0 ? 0 : Math.max(size, kept.getAsLong());
    }

    /**
     * Whether so much waits that nothing more must be queued.
     *
     * @param direct whether what is to come goes into the queue directly, whatever is held before it
     */
    boolean isFull(boolean direct) {
        return (direct ? queue.size() : weight()) > limit;
    }

    /** Whether so much is collected that it is to be written, whatever follows. */
    boolean isBatchFull() {
        return size() >= Math.min(BATCH, limit / 16);
    }

    /** Whether a sender may go on, {@code direct} or not; if not, {@link #takeDrained} will say when. */
    boolean admit(boolean direct) {
        if ((direct ? queue.size() : weight()) <= limit / 16) {
            return true;
        }
        queueAwaited |= direct;
        drainAwaited |= !direct;
        return false;
    }

    /** Whether what a sender waits for is written; true once. */
    boolean takeDrained() {
        boolean queueDrained = queueAwaited && queue.isEmpty();
        boolean drained = drainAwaited && size() == 0;
        queueAwaited &= !queueDrained;
        drainAwaited &= !drained;
        return queueDrained || drained;
    }

    /** Whether a sender was asked to wait. */
    boolean isAwaited() {
        return drainAwaited || queueAwaited;
    }

    /** Whether everything has reached the operating system. */
    boolean isDone() {
        return queue.isEmpty() && !unflushed;
    }

    /**
     * Tells the budget which arrays wait now.
     *
     * @param besides how much is held of what is sent besides the queue
     * @return whether that is not too much
     */
    boolean account(MemoryBudget.Share share, long besides) {
        boolean allowed = true;
        if (held > 0 || !queue.isEmpty()) {
            for (; held > 0 && firstHeld < queue.firstPiece(); held--) {
                share.letGo();
                firstHeld++;
            }
            firstHeld = queue.firstPiece();
            for (byte[] array : queue.arraysFrom(firstHeld + held)) {
                allowed &= share.hold(array);
                held++;
            }
        }
        return allowed & share.outgoing(besides + queue.unclosed());
    }

    /** The sink takes bytes again. */
    void writable() {
        stalled = false;
    }

    /**
     * Writes what the sink takes.
     *
     * @return how many bytes went
     */
    long flush() throws IOException {
        Sink to = sink;
        if (to == null || stalled || isDone()) {
            return 0;
        }
        long before = queue.size();
        do {
            boolean more = true;
            while (more && !queue.isEmpty()) {
                more = to.write(queue.peek());
                queue.removeWritten();
            }
            unflushed = !to.flush();
            stalled = unflushed;
        } while (!stalled && !queue.isEmpty());
        return before - queue.size();
    }
}
