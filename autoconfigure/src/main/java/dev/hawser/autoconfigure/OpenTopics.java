package dev.hawser.autoconfigure;

import dev.hawser.topic.TopicHub;
import dev.hawser.topic.TopicStore.Kept;
import dev.hawser.topic.Topics;
import dev.hawser.websocket.Connection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The topics of this node, as somebody sees them who operates it. What a store on another machine keeps is waited for, for a moment. */
final class OpenTopics {

    /** For what is kept of all topics of one answer. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);

    private final @Nullable TopicHub hub;

    OpenTopics(@Nullable TopicHub hub) {
        this.hub = hub;
    }

    /** How many have members on this node. */
    int count() {
        return hub == null ? 0 : hub.count();
    }

    /** How many members they have, together. */
    int members() {
        return hub == null ? 0 : hub.members();
    }

    /** How many messages, of whatever topics, this node was not told of yet. */
    long lag() {
        return hub == null ? 0 : hub.lag();
    }

    List<String> joined(Connection connection) {
        return hub == null ? List.of() : hub.joined(connection);
    }

    /** Those that have members on this node and a name that begins so; without their history. */
    Stream<TopicDescriptor> list(String prefix) {
        return hub == null
                ? Stream.empty()
                : hub.names().stream().filter(name -> name.startsWith(prefix)).map(name -> describe(hub, name));
    }

    private static TopicDescriptor describe(TopicHub hub, String name) {
        return new TopicDescriptor(name, hub.topic(name).members(), hub.waiting(name), null);
    }

    /** The same, with their history: of all of them it is asked for at once. */
    List<TopicDescriptor> withHistory(List<TopicDescriptor> topics) {
        if (hub == null) {
            return topics;
        }
        List<CompletableFuture<Kept>> asked = topics.stream()
                .map(topic -> hub.kept(topic.name()).toCompletableFuture())
                .toList();
        long end = System.nanoTime() + PATIENCE;
        return Stream.iterate(0, index -> index < topics.size(), index -> index + 1)
                .map(index -> {
                    TopicDescriptor topic = topics.get(index);
                    return new TopicDescriptor(
                            topic.name(),
                            topic.members(),
                            topic.waiting(),
                            TopicDescriptor.History.of(await(asked.get(index), end)));
                })
                .toList();
    }

    private static @Nullable Kept await(CompletableFuture<Kept> asked, long end) {
        try {
            return asked.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return null;
        } catch (ExecutionException | TimeoutException unknown) {
            return null;
        }
    }

    /** The topic of this name, if it has members here or something of it is kept. */
    Optional<TopicDescriptor> find(String name) {
        if (hub == null || !Topics.isName(name)) {
            return Optional.empty();
        }
        TopicDescriptor topic = withHistory(List.of(describe(hub, name))).get(0);
        TopicDescriptor.History history = topic.history();
        return topic.members() > 0 || (history != null && history.messages() > 0)
                ? Optional.of(topic)
                : Optional.empty();
    }
}
