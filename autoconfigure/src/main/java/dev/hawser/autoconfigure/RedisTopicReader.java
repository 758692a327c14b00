package dev.hawser.autoconfigure;

import dev.hawser.topic.TopicId;
import dev.hawser.topic.TopicMessage;
import dev.hawser.topic.TopicStore.Listener;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.connection.stream.ByteRecord;
import org.springframework.data.redis.connection.stream.ReadOffset;
import org.springframework.data.redis.connection.stream.StreamOffset;
import org.springframework.data.redis.connection.stream.StreamReadOptions;

/**
 * Follows the bus on a thread of its own, from the position that this node has come to, however long Redis was away. Messages
 * on the bus are numbered without gaps: where one is missing, the listener hears of it.
 */
final class RedisTopicReader {

    private static final Logger log = LoggerFactory.getLogger("dev.hawser.topic");

    private static final int PAGE = 256;

    private static final Duration LONGEST_BLOCK = Duration.ofSeconds(2);

    /** What stands at the head of a message on the bus. */
    private record Entry(RedisTopicState state, @Nullable TopicId id) {

        static Entry of(String text) {
            String[] parts = text.split(" ", 3);
            TopicId id = parts[2].isEmpty() ? null : RedisTopicStore.id(parts[2]);
            long generation = Long.parseLong(parts[0]);
            return new Entry(
                    new RedisTopicState(generation, Long.parseLong(parts[1]), id == null ? generation : id.epoch()),
                    id);
        }
    }

    private final RedisTopicStore store;
    private final RedisLink link;
    private final Duration timeout;
    private final RedisTopicThread thread;
    private final CountDownLatch tried = new CountDownLatch(1);
    private final CountDownLatch started = new CountDownLatch(1);
    private volatile RedisTopicState position = RedisTopicState.NONE;
    private volatile @Nullable Throwable failure;
    /** The last message that was read. */
    private String entry = "";

    private @Nullable Listener listener;

    RedisTopicReader(RedisTopicStore store, RedisLink link, Duration timeout) {
        this.store = store;
        this.link = link;
        this.timeout = timeout;
        this.thread = new RedisTopicThread("hawser-topics-reader", this::run, link);
    }

    /** Returns when it is known from where on messages are told, or Redis cannot be reached. */
    void start(Listener opened) {
        listener = opened;
        thread.start();
        try {
            if (!tried.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("Topics: Redis has not answered within {}", timeout);
                tried.countDown();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until it is known from where on messages are told. */
    void awaitStart() throws InterruptedException {
        started.await();
    }

    boolean isStarted() {
        return started.getCount() == 0;
    }

    RedisTopicState position() {
        return position;
    }

    /** Why Redis cannot be reached; null if it can. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /** Follows when the store is closed. */
    void end() {
        thread.end();
    }

    private void run() {
        Listener opened = listener;
        int failures = 0;
        while (opened != null && !store.isClosed()) {
            try {
                if (!isStarted()) {
                    begin(opened);
                } else {
                    follow(opened);
                }
                if (failure != null) {
                    failure = null;
                    RedisTopicStore.found("tells of messages");
                }
                failures = 0;
            } catch (RuntimeException | Error failed) { // the thread must live, also when memory was short
                if (!store.isClosed() && (failures > 0 || RedisLink.isTimeout(failed) || !isStarted())) {
                    if (failure == null) {
                        RedisTopicStore.lost("tells of no messages", failed);
                    }
                    failure = failed;
                    tried.countDown();
                    store.pause(failures);
                }
                failures++;
            }
        }
    }

    private void begin(Listener opened) {
        RedisBusEnd end = link.call(store::end);
        go(end);
        if (tried.getCount() == 0) {
            missed(opened); // what came since the store was opened
        }
        started.countDown();
        tried.countDown();
    }

    private void go(RedisBusEnd end) {
        position = end.state();
        entry = end.entry();
    }

    private void follow(Listener opened) {
        Duration half = timeout.dividedBy(2);
        List<ByteRecord> come = read(half.compareTo(LONGEST_BLOCK) < 0 ? half : LONGEST_BLOCK);
        if (come.isEmpty()) {
            RedisBusEnd end = link.call(store::end);
            if (position.isAt(end.state())) {
                return;
            }
            come = read(Duration.ZERO);
            if (come.isEmpty()) { // what was there is there no more
                go(end);
                missed(opened);
            }
        }
        come.forEach(next -> received(opened, next));
    }

    /** @param wait for the next one, if there is none; must be shorter than the timeout */
    @SuppressWarnings("unchecked") // an array of one stream
    private List<ByteRecord> read(Duration wait) {
        StreamReadOptions options = StreamReadOptions.empty().count(PAGE);
        List<ByteRecord> come = link.call(connection -> connection
                .streamCommands()
                .xRead(
                        wait.isZero() ? options : options.block(wait),
                        StreamOffset.create(store.bus(), ReadOffset.from(entry))));
        return come == null ? List.of() : come;
    }

    private void received(Listener opened, ByteRecord next) {
        entry = next.getId().getValue();
        try {
            Iterator<byte[]> fields = next.getValue().values().iterator();
            Entry head = Entry.of(RedisTopicState.text(fields.next()));
            String topic = RedisTopicState.text(fields.next());
            TopicMessage message = StoredMessage.decode(head.id(), fields.next());
            store.learned(head.state());
            boolean gap = !position.isBefore(head.state());
            position = head.state();
            if (gap) {
                missed(opened);
            }
            opened.received(topic, message);
        } catch (RuntimeException | Error broken) {
            log.error("Topics: a message of Redis could not be told of", broken);
        }
    }

    private static void missed(Listener opened) {
        try {
            opened.missed(null);
        } catch (RuntimeException | Error broken) {
            log.error("Topics: it could not be told that messages were missed", broken);
        }
    }
}
