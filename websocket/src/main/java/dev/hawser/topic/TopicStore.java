package dev.hawser.topic;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Numbers the messages of topics, tells all nodes of them, and keeps them for those who come back: {@link MemoryTopicStore}
 * for one node. Others, such as one for Kafka or NATS, must pass {@code dev.hawser.test.TopicStoreContract}.
 *
 * <p>May be called from any thread, and never waits for a network.
 */
public interface TopicStore extends AutoCloseable {

    /** Hears of messages. */
    interface Listener {

        /**
         * A message was appended, here or on another node. Called on any thread, of each topic one at a time in the order of
         * the ids, each once; of a topic that keeps none in an order that is the same for all that one thread has
         * appended. Returns at once, and may be called under a lock.
         */
        void received(String topic, TopicMessage message);

        /**
         * Messages of this topic may have been appended that were not told, and will not be; those that are kept can be read. Called
         * in their place, before what follows them.
         *
         * @param topic null if it may be any
         */
        void missed(@Nullable String topic);
    }

    /**
     * What was read.
     *
     * @param messages the oldest first, all after the position that was asked for
     * @param complete whether none of those after the position is missing before or between these
     * @param more whether others follow them
     * @param head the number of the newest message when this was read, or a position after all that have been; what is
     *     appended later has a greater one
     */
    record Page(List<TopicMessage> messages, boolean complete, boolean more, TopicId head) {}

    /**
     * How much of a topic is kept.
     *
     * @param messages how many
     * @param bytes how long those are together
     * @param head as that of a {@link Page}
     */
    record Kept(long messages, long bytes, TopicId head) {}

    /** Starts to tell of messages: of all that are appended afterwards, here or elsewhere. Called once, before all others. */
    void open(Listener listener);

    /**
     * Appends a message. What one thread appends to a topic keeps its order.
     *
     * @param message without an id, which it gets if {@code history} keeps it
     * @param history how long to keep it, and those before it
     * @return false if it was not taken, because too much waits for the store already, or it is closed
     */
    boolean append(String topic, TopicMessage message, History history);

    /**
     * Reads what is kept.
     *
     * @param after the position to start from; null for none of them, just the head
     * @param count how many at most; 1 or more
     * @return fails if it cannot be read now. What the caller appends after this call is in no case in it, nor before its head
     */
    CompletionStage<Page> read(String topic, @Nullable TopicId after, int count);

    /**
     * Tells how much of a topic is kept, for those who look at it from outside.
     *
     * @return fails if that cannot be told now, and with an {@link UnsupportedOperationException} if this store never can
     */
    default CompletionStage<Kept> kept(String topic) {
        return CompletableFuture.failedFuture(
                new UnsupportedOperationException("This store does not tell how much it keeps"));
    }

    /** How many messages were appended, here or elsewhere, that this node was not told of yet, about. */
    default long lag() {
        return 0;
    }

    /** Ends what {@link #open} has begun. What was appended may yet be told, or not. */
    @Override
    void close();
}
