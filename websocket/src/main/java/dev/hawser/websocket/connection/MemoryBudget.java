package dev.hawser.websocket.connection;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What all connections together may hold in memory: messages that have come in part, what waits to be sent, and the contexts of
 * extensions, whether on the heap or not. One for the process; several groups share it. Thread-safe.
 *
 * <pre>
 *   0 ──────────────────────────── 7/8 ──────────── limit
 *        all is well                 │ new handshakes │ the greediest connections are closed with 1013,
 *                                    │ get 503        │ until 7/8 are not used up any more
 * </pre>
 *
 * Connections are told to give up; what they hold counts until they have. One that would become the greediest is told before
 * it takes the memory; and so is whoever asks for more while those that were told hold half as much again.
 */
public final class MemoryBudget {

    /** Never used up. */
    public static final MemoryBudget UNLIMITED = new MemoryBudget(Long.MAX_VALUE);

    /** That of all who were given none: a quarter of the heap. */
    public static final MemoryBudget DEFAULT = ofHeap();

    private static final int SHARE_OF_HEAP = 4;
    private static final int RESERVE = 8;

    private final long limit;
    private final AtomicLong used = new AtomicLong();
    /** Those that hold something, or have. */
    private final Set<Share> shares = ConcurrentHashMap.newKeySet();
    /** Guards who is told to give up. */
    private final ReentrantLock settling = new ReentrantLock();

    private MemoryBudget(long limit) {
        this.limit = limit;
    }

    /**
     * A budget of so many bytes.
     *
     * @throws IllegalArgumentException unless {@code bytes} is positive
     */
    public static MemoryBudget of(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("Expected a positive number of bytes, but was " + bytes);
        }
        return new MemoryBudget(bytes);
    }

    /** A quarter of the most that the heap can grow to. */
    public static MemoryBudget ofHeap() {
        return new MemoryBudget(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
    }

    /** In bytes; {@link Long#MAX_VALUE} for none. */
    public long limit() {
        return limit;
    }

    /** How many bytes are held, about. */
    public long used() {
        return used.get();
    }

    /** Whether no connection is to be added. */
    public boolean isNearlyUsedUp() {
        return used.get() > reserved();
    }

    private long reserved() {
        return limit - limit / RESERVE;
    }

    /**
     * The share of a connection.
     *
     * @param giveUp called once at most, when this is among the greediest, perhaps under the lock of another connection: takes no lock,
     *     and has another thread close the connection
     */
    Share open(Runnable giveUp) {
        return new Share(giveUp);
    }

    /** What one connection holds. Its two halves may be used by two threads. */
    final class Share {

        private final Runnable giveUp;
        private final AtomicLong incoming = new AtomicLong();
        private final AtomicLong outgoing = new AtomicLong();
        /** Whether it was told. Guarded by {@link #settling}. */
        private boolean leaving;

        private volatile boolean closed;

        private Share(Runnable giveUp) {
            this.giveUp = giveUp;
        }

        /**
         * What comes takes so many bytes, or is about to.
         *
         * @return false if this is too much: the connection is told to give up
         */
        boolean incoming(long bytes) {
            return book(incoming, bytes);
        }

        /** What is sent takes so many bytes. */
        void outgoing(long bytes) {
            book(outgoing, bytes);
        }

        private boolean book(AtomicLong half, long bytes) {
            if (half.get() == bytes) {
                return true; // nearly always: both are zero
            }
            shares.add(this); // only those that have held something: one that is never opened is nobody's
            long more = bytes - half.getAndSet(bytes);
            boolean beyond = used.addAndGet(more) > limit;
            if (closed) { // meanwhile
                drop();
                return false;
            }
            return more <= 0 || !beyond || settle(this);
        }

        private void drop() {
            used.addAndGet(-incoming.getAndSet(0) - outgoing.getAndSet(0));
            shares.remove(this);
        }

        private long held() {
            return incoming.get() + outgoing.get();
        }

        /** Holds nothing any more; books nothing afterwards. */
        void close() {
            closed = true;
            drop();
        }
    }

    /** Has the greediest give up. Whether {@code asking} is none of them. */
    private boolean settle(Share asking) {
        settling.lock();
        try {
            record Held(Share share, long bytes) {}
            List<Held> staying = new ArrayList<>();
            long sum = 0;
            for (Share share : shares) {
                long bytes = share.leaving ? 0 : share.held();
                if (bytes > 0) {
                    staying.add(new Held(share, bytes));
                    sum += bytes;
                }
            }
            if (sum > limit) { // otherwise those that were told are enough
                staying.sort(Comparator.comparingLong(Held::bytes).reversed());
                for (Held greediest : staying) {
                    if (sum <= reserved()) {
                        break;
                    }
                    sum -= greediest.bytes();
                    greediest.share().leaving = true;
                    greediest.share().giveUp.run();
                }
            }
            if (!asking.leaving && used.get() > limit + limit / 2) {
                asking.leaving = true;
                asking.giveUp.run();
            }
            return !asking.leaving;
        } finally {
            settling.unlock();
        }
    }
}
