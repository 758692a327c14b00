package dev.hawser.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/** The keys of topics in Redis, all in the one slot that the prefix says. */
record RedisTopicKeys(String prefix) {

    private byte[] key(String name) {
        return (prefix + name).getBytes(UTF_8);
    }

    byte[] state() {
        return key("state");
    }

    byte[] bus() {
        return key("bus");
    }

    /** The number of the last batch that a node has appended. */
    byte[] node(String id) {
        return key("node:" + id);
    }

    /** The numbering of a topic, and its messages. */
    List<byte[]> topic(String name) {
        return List.of(key("topic:" + name), key("history:" + name));
    }
}
