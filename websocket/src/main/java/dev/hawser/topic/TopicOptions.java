package dev.hawser.topic;

/**
 * How a topic is kept. On all nodes the same. Immutable.
 *
 * @param history what is kept for members that come back
 * @param slowReceivers what becomes of members that read too slowly
 * @param maxQueued how many bytes may wait for one member, besides what its connection has taken
 */
public record TopicOptions(History history, SlowReceivers slowReceivers, long maxQueued) {

    /** No history; a member for which more than 1 MiB waits is closed. */
    public static final TopicOptions DEFAULT = new TopicOptions(History.NONE, SlowReceivers.CLOSE, 1024 * 1024);

    public TopicOptions {
        if (maxQueued < 1) {
            throw new IllegalArgumentException("max-queued must be 1 byte or more, but is " + maxQueued);
        }
    }

    /** A copy with another history. */
    public TopicOptions withHistory(History other) {
        return new TopicOptions(other, slowReceivers, maxQueued);
    }

    /** A copy with another policy for members that read too slowly. */
    public TopicOptions withSlowReceivers(SlowReceivers other) {
        return new TopicOptions(history, other, maxQueued);
    }

    /** A copy with another limit, in bytes, of what may wait for one member. */
    public TopicOptions withMaxQueued(long other) {
        return new TopicOptions(history, slowReceivers, other);
    }
}
