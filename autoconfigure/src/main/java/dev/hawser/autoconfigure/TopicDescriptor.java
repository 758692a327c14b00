package dev.hawser.autoconfigure;

import dev.hawser.topic.TopicStore.Kept;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A topic, as the endpoint shows it.
 *
 * @param members on this node
 * @param waiting how many bytes have come and were not handed to those yet
 * @param history what is kept of it; null if that is not known now
 */
record TopicDescriptor(
        String name, int members, long waiting, @Nullable History history) {

    /**
     * What is kept of a topic.
     *
     * @param messages how many
     * @param bytes how long those are together
     * @param last the id of the newest message; a position before the next, where there is none
     */
    record History(long messages, long bytes, String last) {

        static @Nullable History of(@Nullable Kept kept) {
            return kept == null
                    ? null
                    : new History(kept.messages(), kept.bytes(), kept.head().toString());
        }
    }

    /** What topics can be sorted by. */
    enum Order {
        NAME(Comparator.comparing(TopicDescriptor::name)),
        MEMBERS(Comparator.comparingInt(TopicDescriptor::members).reversed().thenComparing(TopicDescriptor::name)),
        WAITING(Comparator.comparingLong(TopicDescriptor::waiting).reversed().thenComparing(TopicDescriptor::name));

        private final Comparator<TopicDescriptor> comparator;

        Order(Comparator<TopicDescriptor> comparator) {
            this.comparator = comparator;
        }

        /** By name, or the greatest first. */
        Comparator<TopicDescriptor> comparator() {
            return comparator;
        }
    }
}
