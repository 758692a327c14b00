package dev.hawser.autoconfigure;

import dev.hawser.topic.SlowReceivers;
import dev.hawser.topic.TopicOptions;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Properties of topics.
 *
 * @param history What is kept of each topic for members that come back.
 * @param slowReceivers What becomes of members that read too slowly.
 * @param maxQueued How much may wait for one member of a topic, besides what its connection has taken.
 * @param maxJoined How many topics one connection may join.
 */
@ConfigurationProperties("hawser.topics")
public record TopicProperties(
        @DefaultValue History history,
        @DefaultValue("close") SlowReceivers slowReceivers,
        @DefaultValue("1MB") DataSize maxQueued,
        @DefaultValue("100") int maxJoined) {

    private static final String PREFIX = "hawser.topics.";

    /**
     * What is kept of each topic: the newest messages, as many as all limits allow.
     *
     * @param count How many messages; 0 keeps none, and they have no ids.
     * @param bytes How long they may be together.
     * @param age How old they may be.
     * @param memory How much the history of all topics may take, where it is in the memory of this node.
     */
    public record History(
            @DefaultValue("0") int count,
            @DefaultValue("1MB") DataSize bytes,
            @DefaultValue("10m") Duration age,
            @DefaultValue("64MB") DataSize memory) {

        public History {
            Check.range(PREFIX + "history.count", count, 0, Integer.MAX_VALUE);
            Check.size(PREFIX + "history.bytes", bytes, Long.MAX_VALUE);
            Check.positive(PREFIX + "history.age", age);
            Check.size(PREFIX + "history.memory", memory, Long.MAX_VALUE);
        }

        private dev.hawser.topic.History toHistory() {
            return count == 0
                    ? dev.hawser.topic.History.NONE
                    : new dev.hawser.topic.History(count, bytes.toBytes(), age);
        }
    }

    public TopicProperties {
        Check.size(PREFIX + "max-queued", maxQueued, Long.MAX_VALUE);
        Check.range(PREFIX + "max-joined", maxJoined, 1, Integer.MAX_VALUE);
    }

    TopicOptions toOptions() {
        return new TopicOptions(history.toHistory(), slowReceivers, maxQueued.toBytes());
    }
}
