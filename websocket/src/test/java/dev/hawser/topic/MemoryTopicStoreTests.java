package dev.hawser.topic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.Message;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What memory forgets; the rest is in the contract of all stores. */
class MemoryTopicStoreTests {

    private static final History KEPT = new History(100, 1_000_000, Duration.ofSeconds(10));

    private final AtomicLong now = new AtomicLong();
    private final MemoryTopicStore store = new MemoryTopicStore(10_000, now::get, 1);

    @BeforeEach
    void open() {
        store.open(new TopicStore.Listener() {

            @Override
            public void received(String topic, TopicMessage message) {}

            @Override
            public void missed(@Nullable String topic) {}
        });
    }

    private void append(String topic, int length) {
        store.append(topic, new TopicMessage(null, "", Message.text("x".repeat(length)), ""), KEPT);
    }

    private TopicStore.Page read(String topic, TopicId after) {
        return store.read(topic, after, 10).toCompletableFuture().join();
    }

    @Test
    void theTopicToWhichNothingWasSentForLongestIsForgottenWhenThereIsNoRoom() {
        append("a", 4000);
        append("b", 4000);
        append("a", 100);
        append("c", 4000);
        assertThat(store.size()).isEqualTo(2);
        assertThat(read("a", TopicId.BEGINNING).messages()).hasSize(2);
        assertThat(read("b", TopicId.BEGINNING).messages()).isEmpty();
    }

    @Test
    void aTopicOfWhichNothingIsYoungEnoughIsForgottenWithTheNextMessageToAny() {
        append("a", 1);
        TopicId last = read("a", TopicId.BEGINNING).head();
        now.addAndGet(KEPT.age().toNanos() + 1);
        assertThat(read("a", last).complete()).isTrue();
        append("b", 1);
        assertThat(store.size()).isEqualTo(1);
        append("a", 1);
        assertThat(read("a", last).complete()).isFalse();
        assertThat(read("a", TopicId.BEGINNING).head()).isGreaterThan(last);
    }

    @Test
    void whoReadsMakesRoomOfWhatIsOldForOthers() {
        for (int i = 0; i < 5; i++) {
            append("a", 4000);
            now.addAndGet(KEPT.age().toNanos() + 1);
            assertThat(read("a", TopicId.BEGINNING).messages()).isEmpty();
        }
        append("a", 1);
        append("b", 1);
        append("c", 1);
        assertThat(store.size()).isEqualTo(3);
    }
}
