package dev.hawser.topic;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Topics of one node, in its memory. Ids of before a restart are known as such afterwards. */
public final class MemoryTopicStore implements TopicStore {

    private final long maxBytes;
    private final LongSupplier nanoTime;
    private final ReentrantLock lock = new ReentrantLock();
    /** Those that have a history, the one to which nothing was sent for longest first. Guarded by the lock, as what follows. */
    private final Map<String, KeptTopic> topics = new LinkedHashMap<>();

    private @Nullable Listener listener;
    /** What all of them take. */
    private long weight;
    /** That of the next topic; greater than that of all that were forgotten. */
    private long epoch;

    /**
     * An empty store.
     *
     * @param maxBytes how much memory the history of all topics may take, about; beyond, those to which nothing was sent for
     *     longest are forgotten
     */
    public MemoryTopicStore(long maxBytes) {
        this(maxBytes, System::nanoTime, System.currentTimeMillis() * 1024);
    }

    /** @param epoch greater than those of every store before it, whose ids a client may know */
    MemoryTopicStore(long maxBytes, LongSupplier nanoTime, long epoch) {
        this.maxBytes = maxBytes;
        this.nanoTime = nanoTime;
        this.epoch = epoch;
    }

    @Override
    public void open(Listener opened) {
        lock.lock();
        try {
            listener = opened;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean append(String topic, TopicMessage message, History history) {
        lock.lock();
        try {
            if (listener == null) {
                return false;
            }
            listener.received(topic, history.isKept() ? keep(topic, message, history) : message);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private TopicMessage keep(String topic, TopicMessage message, History history) {
        long now = nanoTime.getAsLong();
        KeptTopic kept = topics.remove(topic);
        if (kept == null) {
            kept = new KeptTopic(epoch);
        }
        topics.put(topic, kept);
        weight -= kept.weight();
        TopicMessage numbered = kept.add(message, history, now);
        weight += kept.weight();
        forget(kept, now);
        return numbered;
    }

    /** Forgets those of which nothing is young enough, and as many more as have no room. */
    private void forget(KeptTopic current, long now) {
        for (Iterator<KeptTopic> oldest = topics.values().iterator(); oldest.hasNext(); ) {
            KeptTopic next = oldest.next();
            if (next == current || (weight <= maxBytes && !next.isOutdated(now))) {
                return;
            }
            weight -= next.weight();
            epoch = Math.max(epoch, next.epoch + 1);
            oldest.remove();
        }
    }

    @Override
    public CompletionStage<Page> read(String topic, @Nullable TopicId after, int count) {
        lock.lock();
        try {
            return CompletableFuture.completedFuture(young(topic).read(after, count));
        } finally {
            lock.unlock();
        }
    }

    /** What is young enough of a topic. */
    private KeptTopic young(String topic) {
        KeptTopic kept = topics.getOrDefault(topic, new KeptTopic(epoch));
        weight -= kept.weight();
        kept.trim(nanoTime.getAsLong());
        weight += kept.weight();
        return kept;
    }

    @Override
    public CompletionStage<Kept> kept(String topic) {
        lock.lock();
        try {
            return CompletableFuture.completedFuture(young(topic).figures());
        } finally {
            lock.unlock();
        }
    }

    /** How many topics have a history. */
    int size() {
        lock.lock();
        try {
            return topics.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            listener = null;
            topics.clear();
        } finally {
            lock.unlock();
        }
    }

    /** The messages of one topic. */
    private static final class KeptTopic {

        /** What a message takes besides its content, about; a topic takes as much. */
        private static final int OVERHEAD = 128;

        private record Timed(TopicMessage message, long time) {}

        private final long epoch;
        /** By their number, without gaps. */
        private final TreeMap<Long, Timed> messages = new TreeMap<>();

        private History history = History.NONE;
        /** Of the newest message, whether it is still here or not. */
        private long sequence;

        private long bytes;

        KeptTopic(long epoch) {
            this.epoch = epoch;
        }

        long weight() {
            return bytes + (messages.size() + 1L) * OVERHEAD;
        }

        TopicMessage add(TopicMessage message, History limits, long now) {
            TopicMessage numbered = message.withId(new TopicId(epoch, ++sequence));
            messages.put(sequence, new Timed(numbered, now));
            bytes += numbered.length();
            history = limits;
            trim(now);
            return numbered;
        }

        void trim(long now) {
            while (!messages.isEmpty()
                    && (messages.size() > history.count()
                            || bytes > history.bytes()
                            || isOld(messages.firstEntry().getValue(), now))) {
                bytes -= messages.pollFirstEntry().getValue().message().length();
            }
        }

        private boolean isOld(Timed message, long now) {
            return now - message.time() > history.age().toNanos();
        }

        /** Whether nothing here is young enough. */
        boolean isOutdated(long now) {
            return messages.isEmpty() || isOld(messages.lastEntry().getValue(), now);
        }

        Kept figures() {
            return new Kept(messages.size(), bytes, new TopicId(epoch, sequence));
        }

        Page read(@Nullable TopicId after, int count) {
            TopicId head = new TopicId(epoch, sequence);
            if (after == null) {
                return new Page(List.of(), true, false, head);
            }
            long gone = sequence - messages.size();
            boolean known = after.epoch() == epoch && after.sequence() >= gone && after.sequence() <= sequence;
            List<TopicMessage> read = messages.tailMap(known ? after.sequence() : 0, false).values().stream()
                    .limit(count)
                    .map(Timed::message)
                    .toList();
            TopicId last = read.isEmpty() ? head : read.get(read.size() - 1).id();
            boolean more = !head.equals(last);
            return new Page(read, known || after.equals(TopicId.BEGINNING), more, head);
        }
    }
}
