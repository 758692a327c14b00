package dev.hawser.topic;

import java.util.Optional;

/**
 * The number of a message within its topic: ordered, and without a meaning for other topics.
 *
 * @param epoch when the counting began: one that begins anew, because everything was forgotten, has a later epoch; not negative
 * @param sequence within the epoch, from 1; a position before the first is 0
 */
public record TopicId(long epoch, long sequence) implements Comparable<TopicId> {

    /** Before the first message of every topic. */
    public static final TopicId BEGINNING = new TopicId(0, 0);

    private static final int RADIX = Character.MAX_RADIX;

    public TopicId {
        if (epoch < 0 || sequence < 0) {
            throw new IllegalArgumentException(
                    "Expected epoch and sequence of 0 or more but were " + epoch + " and " + sequence);
        }
    }

    /** Reads what {@link #toString} gives; empty for whatever else a peer may send. */
    public static Optional<TopicId> parse(String text) {
        int dash = text.indexOf('-');
        try {
            return Optional.of(new TopicId(
                    Long.parseLong(text, 0, Math.max(dash, 0), RADIX),
                    Long.parseLong(text, dash + 1, text.length(), RADIX)));
        } catch (IllegalArgumentException | IndexOutOfBoundsException notOurs) {
            return Optional.empty();
        }
    }

    @Override
    public int compareTo(TopicId other) {
        int epochs = Long.compare(epoch, other.epoch);
        return epochs == 0 ? Long.compare(sequence, other.sequence) : epochs;
    }

    /** Such as {@code mb2x81qd-1k}. */
    @Override
    public String toString() {
        return Long.toString(epoch, RADIX) + '-' + Long.toString(sequence, RADIX);
    }
}
