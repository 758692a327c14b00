package dev.hawser.autoconfigure;

import dev.hawser.topic.History;
import dev.hawser.topic.TopicId;
import dev.hawser.topic.TopicMessage;
import dev.hawser.topic.TopicStore.Kept;
import dev.hawser.topic.TopicStore.Page;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisConnection;

/**
 * Appends and reads, one after the other, on a thread of its own. Messages wait until Redis takes them; a batch whose answer was lost is
 * sent again with the same number, which the script knows. Reads do not wait for a Redis that is away.
 */
final class RedisTopicSender {

    private static final int BATCH = 128;
    private static final int BATCH_BYTES = 512 * 1024;
    private static final int READS = 16;

    /** What a task takes besides its content, about. */
    private static final int OVERHEAD = 128;

    /** What is to be done. */
    private sealed interface Task permits Append, Read, End {}

    /** @param length of the content */
    record Append(String topic, byte[] stored, int length, History history) implements Task {

        long weight() {
            return topic.length() + stored.length + OVERHEAD;
        }
    }

    record Read(String topic, @Nullable TopicId after, int count, CompletableFuture<Answer> answer) implements Task {}

    /** What a read gives. */
    record Answer(Page page, Kept kept) {}

    private record End() implements Task {}

    private final RedisTopicStore store;
    private final RedisLink link;
    private final long maxWaiting;
    private final LinkedBlockingQueue<Task> tasks = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicInteger waiting = new AtomicInteger();
    private final RedisTopicThread thread;
    private long batches;
    private volatile boolean open;
    private volatile @Nullable Throwable failure;

    RedisTopicSender(RedisTopicStore store, RedisLink link, long maxWaiting) {
        this.store = store;
        this.link = link;
        this.maxWaiting = maxWaiting;
        this.thread = new RedisTopicThread("hawser-topics-sender", this::run, link);
    }

    // ---- From any thread.

    void start() {
        open = true;
        thread.start();
    }

    boolean append(String topic, TopicMessage message, History history) {
        long before = waitingBytes.get();
        if (!open || (before > 0 && before + message.length() > maxWaiting)) {
            return false;
        }
        Append append = new Append(topic, StoredMessage.encode(message), message.length(), history);
        waitingBytes.addAndGet(append.weight());
        waiting.incrementAndGet();
        tasks.add(append);
        return true;
    }

    CompletionStage<Page> read(String topic, @Nullable TopicId after, int count) {
        return ask(topic, after, count).thenApply(Answer::page);
    }

    CompletionStage<Kept> kept(String topic) {
        return ask(topic, null, 1).thenApply(Answer::kept);
    }

    private CompletionStage<Answer> ask(String topic, @Nullable TopicId after, int count) {
        Throwable away = failure;
        if (!open || away != null || !store.reader().isStarted()) {
            return CompletableFuture.failedFuture(new IllegalStateException("Redis cannot be read now", away));
        }
        Read read = new Read(topic, after, count, new CompletableFuture<>());
        tasks.add(read);
        return read.answer();
    }

    /** How many messages wait for Redis. */
    int waiting() {
        return waiting.get();
    }

    long waitingBytes() {
        return waitingBytes.get();
    }

    /** Why Redis cannot be reached; null if it can, as far as is known. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /** Takes nothing more, and sends what waits, for a moment. */
    void finish() {
        boolean first = open;
        open = false;
        tasks.add(new End());
        if (first && store.isReachable()) {
            thread.join(Duration.ofSeconds(2));
        }
    }

    /** Follows {@link #finish} when the store is closed. */
    void end() {
        thread.end();
        failReads(new IllegalStateException("The store of topics is closed"));
    }

    // ---- By the thread.

    private void run() {
        try {
            store.reader().awaitStart(); // own messages are heard of, too
            Task next = tasks.take();
            while (!(next instanceof End)) {
                if (next instanceof Append append) {
                    append(append);
                } else if (next instanceof Read read) {
                    read(read);
                }
                next = tasks.take();
            }
        } catch (InterruptedException closed) {
            // What waits is given up.
        } catch (RuntimeException broken) {
            if (!store.isClosed()) {
                throw broken;
            }
        }
    }

    private void append(Append first) {
        List<Append> batch = new ArrayList<>();
        batch.add(first);
        long weight = first.weight();
        while (batch.size() < BATCH && weight < BATCH_BYTES && tasks.peek() instanceof Append next) {
            tasks.remove();
            batch.add(next);
            weight += next.weight();
        }
        long number = ++batches;
        insist(connection -> store.append(connection, number, batch));
        waiting.addAndGet(-batch.size());
        waitingBytes.addAndGet(-weight);
    }

    private void read(Read first) {
        List<Read> reads = new ArrayList<>();
        reads.add(first);
        while (reads.size() < READS && tasks.peek() instanceof Read next) {
            tasks.remove();
            reads.add(next);
        }
        List<Answer> answers;
        try {
            answers = readTwice(reads);
        } catch (RuntimeException | Error failed) {
            reads.forEach(read -> read.answer().completeExceptionally(failed));
            lost(failed);
            insist(store::end);
            return;
        }
        for (int i = 0; i < answers.size(); i++) {
            reads.get(i).answer().complete(answers.get(i));
        }
    }

    /** A connection that was idle may be closed: then a new one is tried. */
    private List<Answer> readTwice(List<Read> reads) {
        try {
            return link.call(connection -> store.read(connection, reads));
        } catch (RuntimeException closed) {
            if (RedisLink.isTimeout(closed) || store.isClosed()) {
                throw closed;
            }
            return link.call(connection -> store.read(connection, reads));
        }
    }

    /** Tries until it succeeds. */
    private <T> void insist(Function<RedisConnection, T> action) {
        for (int failures = 0; ; failures++) {
            try {
                link.call(action);
                if (failure != null) {
                    failure = null;
                    RedisTopicStore.found("takes messages");
                }
                return;
            } catch (RuntimeException | Error failed) { // the thread must live, also when memory was short
                if (store.isClosed()) {
                    throw failed;
                }
                if (failures > 0 || RedisLink.isTimeout(failed)) {
                    lost(failed);
                    store.pause(failures);
                }
            }
        }
    }

    private void lost(Throwable failed) {
        if (failure == null) {
            RedisTopicStore.lost("takes no messages", failed);
        }
        failure = failed;
        failReads(failed);
    }

    private void failReads(Throwable cause) {
        List<Read> reads = new ArrayList<>();
        tasks.removeIf(task -> task instanceof Read read && reads.add(read));
        reads.forEach(read -> read.answer().completeExceptionally(cause));
    }
}
