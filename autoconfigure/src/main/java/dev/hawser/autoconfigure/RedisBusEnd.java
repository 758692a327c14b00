package dev.hawser.autoconfigure;

/**
 * Where the bus ends.
 *
 * @param state what was appended last
 * @param entry its place in the stream
 */
record RedisBusEnd(RedisTopicState state, String entry) {}
