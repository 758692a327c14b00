package dev.hawser.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/**
 * What a node knows of the topics in Redis. Redis must not know less: then it has lost something.
 *
 * @param generation since when nothing was lost
 * @param number of the last message on the bus
 * @param epoch the latest of a topic
 */
record RedisTopicState(long generation, long number, long epoch) {

    static final RedisTopicState NONE = new RedisTopicState(0, 0, 0);

    /** What a script has answered. */
    static RedisTopicState of(List<?> answer) {
        long generation = number(answer.get(0));
        return new RedisTopicState(generation, number(answer.get(1)), generation);
    }

    static long number(Object text) {
        return Long.parseLong(text(text));
    }

    static String text(Object text) {
        return new String((byte[]) text, UTF_8);
    }

    /** The later one. */
    RedisTopicState and(RedisTopicState other) {
        boolean later = other.generation > generation || (other.generation == generation && other.number > number);
        RedisTopicState latest = later ? other : this;
        return new RedisTopicState(latest.generation, latest.number, Math.max(epoch, other.epoch));
    }

    /** Whether {@code next} came right after this. */
    boolean isBefore(RedisTopicState next) {
        return next.generation == generation && next.number == number + 1;
    }

    boolean isAt(RedisTopicState other) {
        return other.generation == generation && other.number == number;
    }
}
