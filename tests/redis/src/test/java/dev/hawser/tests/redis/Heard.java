package dev.hawser.tests.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.topic.TopicMessage;
import dev.hawser.topic.TopicStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** What a store told. */
final class Heard implements TopicStore.Listener {

    private final Map<String, List<TopicMessage>> messages = new ConcurrentHashMap<>();
    private final AtomicInteger missed = new AtomicInteger();

    /** Hears what this store tells. */
    static Heard by(TopicStore store) {
        Heard heard = new Heard();
        store.open(heard);
        return heard;
    }

    @Override
    public void received(String topic, TopicMessage message) {
        messages.computeIfAbsent(topic, name -> Collections.synchronizedList(new ArrayList<>()))
                .add(message);
    }

    @Override
    public void missed(@Nullable String topic) {
        missed.incrementAndGet();
    }

    /** How often it was told that messages may have been missed. */
    int missed() {
        return missed.get();
    }

    List<TopicMessage> of(String topic) {
        return List.of(messages.getOrDefault(topic, List.of()).toArray(TopicMessage[]::new));
    }

    List<String> texts(String topic) {
        return of(topic).stream().map(message -> message.content().text()).toList();
    }

    /** Waits for so many. */
    List<TopicMessage> await(String topic, int count) {
        Awaitility.await(count + " of " + topic)
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(of(topic)).hasSizeGreaterThanOrEqualTo(count));
        return of(topic);
    }
}
