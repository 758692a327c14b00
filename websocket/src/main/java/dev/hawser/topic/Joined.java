package dev.hawser.topic;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The topics that one connection has joined. Thread-safe. */
final class Joined {

    private final Peer peer;
    private final String sender;
    private final Map<String, Membership> memberships = new ConcurrentHashMap<>(2);
    private volatile boolean closed;

    /** @param sender what messages of this connection are recognised by, on all nodes */
    Joined(Peer peer, String sender) {
        this.peer = peer;
        this.sender = sender;
    }

    Peer peer() {
        return peer;
    }

    String sender() {
        return sender;
    }

    boolean has(String topic) {
        return memberships.containsKey(topic);
    }

    List<String> names() {
        return memberships.keySet().stream().sorted().toList();
    }

    int size() {
        return memberships.size();
    }

    /** Whether it was added: not if another thread was first, or the connection has ended. */
    boolean add(Membership member) {
        String topic = member.topic().name();
        if (memberships.putIfAbsent(topic, member) != null) {
            return false;
        }
        return !closed || !memberships.remove(topic, member);
    }

    @Nullable
    Membership remove(String topic) {
        return memberships.remove(topic);
    }

    /** The connection takes messages again. */
    void drained() {
        memberships.values().forEach(member -> member.topic().execute(member::drained));
    }

    /** The connection has ended. */
    void close(Consumer<Membership> leave) {
        closed = true;
        memberships.keySet().forEach(topic -> {
            Membership member = memberships.remove(topic);
            if (member != null) {
                leave.accept(member);
            }
        });
    }
}
