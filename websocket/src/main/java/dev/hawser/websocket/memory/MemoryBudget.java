package dev.hawser.websocket.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

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
 * it takes the memory; so is whoever asks for more while those that were told hold half as much again; and one that was told gets
 * no more. What waits for several counts once, and a part of it for each.
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
    /** What waits to be sent, perhaps for several. */
    private final Map<Identity, Held> arrays = new ConcurrentHashMap<>();
    /** Guards who is told to give up. */
    private final ReentrantLock settling = new ReentrantLock();
    /** How much is held by those that were told, and is about to be free. Guarded by it. */
    private long leaving;

    /** The same array, not an equal one. */
    private record Identity(byte[] array) {

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Identity identity && identity.array == array;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(array);
        }
    }

    /** An array that waits, and for how many. */
    private record Held(Identity identity, AtomicInteger holders) {

        long length() {
            return identity.array.length;
        }

        double part() {
            return (double) length() / Math.max(1, holders.get());
        }
    }

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
    public Share open(Runnable giveUp) {
        return new Share(giveUp);
    }

    /**
     * What one connection holds. What comes and what is sent may be told by two threads, but nothing of either by two at once.
     */
    public final class Share {

        private final Runnable giveUp;
        private final AtomicLong incoming = new AtomicLong();
        private final AtomicLong outgoing = new AtomicLong();
        /** What else waits to be sent, the oldest first; null before there was something. */
        private volatile @Nullable Queue<Held> waiting;
        /** Whether it was told. Written under {@link #settling}. */
        private volatile boolean told;
        /** How much it held then, and has not given back. Guarded by it. */
        private long promised;
        /** Whether this is one of {@link #shares}, or was. */
        private volatile boolean known;

        private volatile boolean closed;

        private Share(Runnable giveUp) {
            this.giveUp = giveUp;
        }

        /**
         * What comes takes so many bytes, or is about to.
         *
         * @return false if this is too much: the connection is told to give up, or was before
         */
        public boolean incoming(long bytes) {
            return book(incoming, bytes);
        }

        /** What is sent takes so many bytes, besides {@link #hold arrays}; false as above. */
        public boolean outgoing(long bytes) {
            return book(outgoing, bytes);
        }

        private boolean book(AtomicLong half, long bytes) {
            if (half.get() == bytes) {
                return true; // nearly always: both are zero
            }
            enter();
            long more = bytes - half.getAndSet(bytes);
            long now = used.addAndGet(more);
            if (closed) { // meanwhile
                drop();
                return false;
            }
            if (more < 0) {
                givesBack(-more);
            }
            return more <= 0 || mayStay(now);
        }

        /**
         * One more array waits to be sent, perhaps on other connections, too: it counts once.
         *
         * @return false as above; it is held nevertheless, until {@link #letGo}
         */
        public boolean hold(byte[] array) {
            enter();
            Queue<Held> queue = waiting;
            if (queue == null) {
                queue = new ConcurrentLinkedQueue<>();
                waiting = queue;
            }
            queue.add(oneMore(array));
            if (closed) { // meanwhile
                drop();
                return false;
            }
            return mayStay(used.get());
        }

        /** The oldest of the arrays does not wait any more. */
        public void letGo() {
            Queue<Held> queue = waiting;
            Held oldest = queue == null ? null : queue.poll();
            if (oldest != null) {
                givesBack(oldest.part());
                oneLess(oldest);
            }
        }

        /** Only those that have held something are known: one that is never opened is nobody's. */
        private void enter() {
            if (!known) {
                known = true;
                shares.add(this);
            }
        }

        private boolean mayStay(long usedNow) {
            return usedNow > limit ? settle(this) : !told;
        }

        private void drop() {
            givesBack(Long.MAX_VALUE);
            used.addAndGet(-incoming.getAndSet(0) - outgoing.getAndSet(0));
            while (waiting != null && !waiting.isEmpty()) {
                letGo();
            }
            shares.remove(this);
        }

        /** Of what waits for several, everyone's part. */
        private long held() {
            double parts = 0;
            Queue<Held> queue = waiting;
            if (queue != null) {
                for (Held held : queue) {
                    parts += held.part();
                }
            }
            return incoming.get() + outgoing.get() + (long) Math.ceil(parts);
        }

        /** Holds nothing any more; books nothing afterwards. */
        public void close() {
            closed = true;
            drop();
            if (told && used.get() > limit) {
                settle(null); // what it held may be held by others, too
            }
        }

        /** Under {@link #settling}. */
        private void tell(long holding) {
            told = true;
            if (!closed) { // or it gives back nothing any more
                promised = holding;
                leaving += holding;
            }
            giveUp.run();
        }

        /** What it does not hold any more is not expected of it any more either. */
        private void givesBack(double bytes) {
            if (!told) {
                return;
            }
            settling.lock();
            try {
                long less = (long) Math.min(promised, bytes);
                promised -= less;
                leaving -= less;
            } finally {
                settling.unlock();
            }
        }
    }

    private Held oneMore(byte[] array) {
        return arrays.compute(new Identity(array), (identity, known) -> {
            if (known == null) {
                used.addAndGet(array.length);
                return new Held(identity, new AtomicInteger(1));
            }
            known.holders().incrementAndGet();
            return known;
        });
    }

    private void oneLess(Held held) {
        arrays.computeIfPresent(held.identity(), (identity, same) -> {
            if (held.holders().decrementAndGet() > 0) {
                return same;
            }
            used.addAndGet(-held.length());
            return null;
        });
    }

    /** Has the greediest give up, unless those that were told are enough. Whether {@code asking}, if anybody is, is none of them. */
    private boolean settle(@Nullable Share asking) {
        settling.lock();
        try {
            if (used.get() - leaving > limit) {
                tellTheGreediest();
            }
            if (asking != null && !asking.told && used.get() > limit + limit / 2) {
                asking.tell(asking.held());
            }
            return asking == null || !asking.told;
        } finally {
            settling.unlock();
        }
    }

    private void tellTheGreediest() {
        record Holding(Share share, long bytes) {}
        List<Holding> staying = new ArrayList<>();
        long sum = 0;
        for (Share share : shares) {
            if (!share.told) {
                Holding holding = new Holding(share, share.held());
                staying.add(holding);
                sum += holding.bytes();
            }
        }
        staying.sort(Comparator.comparingLong(Holding::bytes).reversed());
        for (Holding greediest : staying) {
            if (sum <= reserved()) {
                return;
            }
            sum -= greediest.bytes();
            greediest.share().tell(greediest.bytes());
        }
    }
}
