package dev.hawser.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hawser.topic.History;
import dev.hawser.topic.TopicId;
import dev.hawser.topic.TopicMessage;
import dev.hawser.topic.TopicStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Topics of many nodes, in Redis. One thread appends and reads, in the order in which it was asked to, and waits while Redis is away;
 * another follows the bus, a stream of all messages, from its own position.
 *
 * <pre>
 *   append ──► RedisTopicSender ──► script: history of the topic, and ──► bus ──► RedisTopicReader ──► listener
 *   read   ──►                  ◄── script: history of the topic
 * </pre>
 */
final class RedisTopicStore implements TopicStore {

    private static final Logger log = LoggerFactory.getLogger("dev.hawser.topic");

    private static final long LONGEST_MILLIS = Duration.ofDays(3650).toMillis();

    private final RedisTopicsProperties properties;
    private final RedisTopicKeys keys;
    private final byte[] node;
    private final AtomicReference<RedisTopicState> known = new AtomicReference<>(RedisTopicState.NONE);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final RedisTopicSender sender;
    private final RedisTopicReader reader;

    RedisTopicStore(LettuceConnectionFactory application, RedisTopicsProperties properties) {
        this.properties = properties;
        this.keys = new RedisTopicKeys(properties.prefix());
        this.node = keys.node(UUID.randomUUID().toString());
        this.sender = new RedisTopicSender(
                this,
                new RedisLink(application, properties.timeout()),
                properties.maxWaiting().toBytes());
        this.reader =
                new RedisTopicReader(this, new RedisLink(application, properties.timeout()), properties.timeout());
    }

    /** Waits for Redis, but not when it cannot be reached: then it is looked for until it is there. */
    @Override
    public void open(Listener listener) {
        reader.start(listener);
        sender.start();
    }

    @Override
    public boolean append(String topic, TopicMessage message, History history) {
        return sender.append(topic, message, history);
    }

    @Override
    public CompletionStage<Page> read(String topic, @Nullable TopicId after, int count) {
        return sender.read(topic, after, count);
    }

    @Override
    public CompletionStage<Kept> kept(String topic) {
        return sender.kept(topic);
    }

    /** Sends what waits, if Redis takes it at once. */
    @Override
    public void close() {
        sender.finish();
        closed.countDown();
        sender.end();
        reader.end();
    }

    RedisTopicSender sender() {
        return sender;
    }

    RedisTopicReader reader() {
        return reader;
    }

    boolean isReachable() {
        return sender.failure() == null && reader.failure() == null;
    }

    @Override
    public long lag() {
        RedisTopicState here = reader.position();
        RedisTopicState end = known();
        return here.generation() == end.generation() ? Math.max(0, end.number() - here.number()) : 0;
    }

    // ---- For the two threads.

    byte[] bus() {
        return keys.bus();
    }

    boolean isClosed() {
        return closed.getCount() == 0;
    }

    /** Waits before the next attempt, longer each time; not if this is closed. */
    void pause(int failures) {
        try {
            if (!closed.await(Math.min(1000, 50L << Math.min(5, failures)), TimeUnit.MILLISECONDS)) {
                log.trace("Topics: Redis is tried again");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private RedisTopicState known() {
        return Objects.requireNonNull(known.get());
    }

    void learned(RedisTopicState state) {
        known.accumulateAndGet(state, RedisTopicState::and);
    }

    /** What the bus's last entry is, and where it stands in it. */
    RedisBusEnd end(RedisConnection connection) {
        List<Object> answer = new Call().key(keys.state()).key(keys.bus()).run(RedisTopicScript.END, connection);
        RedisTopicState state = RedisTopicState.of(answer);
        learned(state);
        return new RedisBusEnd(state, RedisTopicState.text(answer.get(2)));
    }

    /** Appends messages, unless a batch with this number, or a later one, was appended before. */
    boolean append(RedisConnection connection, long batch, List<RedisTopicSender.Append> messages) {
        Call call = new Call().key(keys.state()).key(keys.bus()).key(node);
        call.argument(batch)
                .argument(properties.remember().toMillis())
                .argument(properties.busCount())
                .argument(properties.busBytes().toBytes());
        for (RedisTopicSender.Append message : messages) {
            History history = message.history();
            if (history.isKept()) {
                keys.topic(message.topic()).forEach(call::key);
            }
            call.argument(message.topic())
                    .argument(message.stored())
                    .argument(message.length())
                    .argument(history.count())
                    .argument(history.bytes())
                    .argument(Math.max(1, Math.min(LONGEST_MILLIS, history.age().toMillis())));
        }
        learned(RedisTopicState.of(call.run(RedisTopicScript.APPEND, connection)));
        return true;
    }

    /** Reads a page of each. */
    List<RedisTopicSender.Answer> read(RedisConnection connection, List<RedisTopicSender.Read> reads) {
        Call call = new Call().key(keys.state()).key(keys.bus());
        call.argument(properties.remember().toMillis());
        for (RedisTopicSender.Read read : reads) {
            keys.topic(read.topic()).forEach(call::key);
            TopicId after = read.after();
            call.argument(after == null ? "" : Long.toString(after.epoch()))
                    .argument(after == null ? "" : Long.toString(after.sequence()))
                    .argument(read.count());
        }
        List<Object> answer = call.run(RedisTopicScript.READ, connection);
        learned(RedisTopicState.of(answer));
        List<RedisTopicSender.Answer> pages = new ArrayList<>();
        for (Object page : (List<?>) answer.get(2)) {
            pages.add(answer((List<?>) page));
        }
        return pages;
    }

    private static RedisTopicSender.Answer answer(List<?> page) {
        List<TopicMessage> messages = new ArrayList<>();
        for (Object entry : (List<?>) page.get(4)) {
            List<?> fields = (List<?>) ((List<?>) entry).get(1);
            messages.add(StoredMessage.decode(id((List<?>) entry), (byte[]) fields.get(5)));
        }
        TopicId head = new TopicId(RedisTopicState.number(page.get(0)), RedisTopicState.number(page.get(1)));
        return new RedisTopicSender.Answer(
                new Page(messages, page.get(2).equals(1L), page.get(3).equals(1L), head),
                new Kept((Long) page.get(5), RedisTopicState.number(page.get(6)), head));
    }

    private static TopicId id(List<?> entry) {
        return id(RedisTopicState.text(entry.get(0)));
    }

    /** As Redis writes it: in decimals. */
    static TopicId id(String text) {
        int dash = text.indexOf('-');
        return new TopicId(Long.parseLong(text.substring(0, dash)), Long.parseLong(text.substring(dash + 1)));
    }

    static void lost(String what, Throwable cause) {
        log.warn("Topics: Redis {}: {}", what, RedisLink.reason(cause));
    }

    static void found(String what) {
        log.info("Topics: Redis {} again", what);
    }

    /** The keys and arguments of a script. */
    private final class Call {

        private final List<byte[]> keys = new ArrayList<>();
        private final List<byte[]> arguments = new ArrayList<>();

        Call() {
            RedisTopicState state = known();
            argument(state.generation()).argument(state.number()).argument(state.epoch());
        }

        Call key(byte[] key) {
            keys.add(key);
            return this;
        }

        Call argument(byte[] argument) {
            arguments.add(argument);
            return this;
        }

        Call argument(String argument) {
            return argument(argument.getBytes(UTF_8));
        }

        Call argument(long argument) {
            return argument(Long.toString(argument));
        }

        List<Object> run(RedisTopicScript script, RedisConnection connection) {
            int count = keys.size();
            keys.addAll(arguments);
            return script.run(connection, count, keys.toArray(byte[][]::new));
        }
    }
}
