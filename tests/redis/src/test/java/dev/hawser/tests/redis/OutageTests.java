package dev.hawser.tests.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hawser.topic.History;
import dev.hawser.topic.TopicId;
import dev.hawser.topic.TopicMessage;
import dev.hawser.topic.TopicStore;
import dev.hawser.topic.TopicStore.Page;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.health.contributor.Status;

/** Redis goes away, or the way to it, and comes back. */
class OutageTests {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<AutoCloseable> opened = new ArrayList<>();

    private RedisServer server;

    @BeforeEach
    void startServer(@TempDir Path folder) throws Exception {
        server = RedisServer.durable(folder);
    }

    @AfterEach
    void close() throws Exception {
        Collections.reverse(opened);
        for (AutoCloseable each : opened) {
            each.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private <T extends AutoCloseable> T closing(T resource) {
        opened.add(resource);
        return resource;
    }

    private Node node(String... properties) {
        return closing(new Node(server.port(), properties));
    }

    private static Page read(TopicStore store, @Nullable TopicId after) throws Exception {
        return store.read(Senders.TOPIC, after, 100).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static List<TopicMessage> readAll(TopicStore store) throws Exception {
        List<TopicMessage> all = new ArrayList<>();
        Page page;
        do {
            page = read(
                    store,
                    all.isEmpty() ? TopicId.BEGINNING : all.get(all.size() - 1).id());
            assertThat(page.complete()).isTrue();
            all.addAll(page.messages());
        } while (page.more());
        return all;
    }

    private static void append(TopicStore store, String text) {
        assertThat(store.append(Senders.TOPIC, Senders.message(text), Senders.KEPT))
                .isTrue();
    }

    private static TopicId id(TopicMessage message) {
        return Objects.requireNonNull(message.id());
    }

    private interface Outage {
        void happen() throws Exception;
    }

    /** Four threads append over two stores, before, while and after this happens; nothing is lost, doubled or out of order. */
    private void assertNothingIsLost(Node one, Node two, Outage outage) throws Exception {
        Heard first = Heard.by(one.store());
        Heard second = Heard.by(two.store());
        Senders senders = new Senders(one.store(), two.store(), one.store(), two.store());
        first.await(Senders.TOPIC, 1000);
        outage.happen();
        int before = first.of(Senders.TOPIC).size();
        first.await(Senders.TOPIC, before + 1000);
        int sent = senders.stop();
        senders.assertAll(first.await(Senders.TOPIC, sent));
        senders.assertAll(second.await(Senders.TOPIC, sent));
        senders.assertAll(readAll(two.store()));
        assertThat(first.missed() + second.missed()).isZero();
    }

    /** For so long that more is appended. */
    private static void awaitDown(Node... nodes) {
        for (Node node : nodes) {
            await().atMost(PATIENCE).until(() -> node.health().getStatus().equals(Status.DOWN));
            await().atMost(PATIENCE).until(() -> node.meter("waiting") > 500);
        }
    }

    @Test
    void nothingIsLostWhenRedisIsStoppedAndStarted() throws Exception {
        Node one = node();
        Node two = node();
        assertNothingIsLost(one, two, () -> {
            server.stop();
            awaitDown(one, two);
            server.start();
        });
        await().until(() -> one.health().getStatus().equals(Status.UP));
        await().until(() -> two.health().getStatus().equals(Status.UP));
    }

    @Test
    void nothingIsLostWhenRedisIsKilledAndStarted() throws Exception {
        assertNothingIsLost(node(), node(), () -> {
            for (int i = 0; i < 3; i++) {
                server.kill();
                server.start();
            }
        });
    }

    @Test
    void nothingIsLostOfANodeThatWasCutOff() throws Exception {
        Cable cable = closing(new Cable(server.port()));
        Node far = closing(new Node(cable.port(), "hawser.topics.redis.timeout", "500ms"));
        Node near = node();
        assertNothingIsLost(near, far, () -> {
            cable.cut();
            awaitDown(far);
            assertThat(near.health().getStatus()).isEqualTo(Status.UP);
            assertThatThrownBy(() -> read(far.store(), null)).isNotNull();
            cable.join();
            await().atMost(PATIENCE).until(() -> far.health().getStatus().equals(Status.UP));
        });
    }

    @Test
    void aMessageWhoseAnswerWasLostIsNotDoubled() throws Exception {
        Cable cable = closing(new Cable(server.port()));
        Node far = closing(new Node(cable.port()));
        assertNothingIsLost(node(), far, () -> {
            for (int i = 0; i < 20; i++) {
                cable.loseAnswer();
                await().until(cable::hasLostAnswer);
            }
        });
    }

    @Test
    void aNodeThatStartsWithoutRedisFindsItLater() throws Exception {
        server.stop();
        Node node = node();
        Heard heard = Heard.by(node.store());
        assertThat(node.health().getStatus()).isEqualTo(Status.DOWN);
        append(node.store(), "early");
        assertThatThrownBy(() -> read(node.store(), null)).isNotNull();
        server.start();
        heard.await(Senders.TOPIC, 1);
        assertThat(heard.texts(Senders.TOPIC)).containsExactly("early");
        await().until(() -> node.health().getStatus().equals(Status.UP));
        assertThat(read(node.store(), TopicId.BEGINNING).messages()).hasSize(1);
    }

    @Test
    void whatWaitsForRedisIsBounded() throws Exception {
        Node node = node("hawser.topics.redis.max-waiting", "10KB");
        Heard heard = Heard.by(node.store());
        server.stop();
        int taken = 0;
        while (node.store().append(Senders.TOPIC, Senders.message("m" + taken), Senders.KEPT)) {
            taken++;
        }
        assertThat(taken).isBetween(10, 100);
        assertThat(node.meter("waiting.bytes")).isBetween(9_000.0, 11_000.0);
        server.start();
        heard.await(Senders.TOPIC, taken);
        append(node.store(), "next");
        assertThat(heard.await(Senders.TOPIC, taken + 1)).hasSize(taken + 1);
    }

    @Test
    void whenRedisHasLostItsDataAllTopicsBeginAnew() throws Exception {
        Node one = node();
        Node two = node();
        Heard first = Heard.by(one.store());
        Heard second = Heard.by(two.store());
        append(one.store(), "a");
        append(one.store(), "b");
        second.await(Senders.TOPIC, 2);
        TopicId lost = id(first.await(Senders.TOPIC, 2).get(1));
        server.command("FLUSHALL");
        append(two.store(), "c");
        for (Heard heard : List.of(first, second)) {
            assertThat(id(heard.await(Senders.TOPIC, 3).get(2))).isGreaterThan(lost);
            assertThat(heard.texts(Senders.TOPIC)).containsExactly("a", "b", "c");
            assertThat(heard.missed()).isPositive();
        }
        Page page = read(one.store(), lost);
        assertThat(page.complete()).isFalse();
        assertThat(page.messages()).hasSize(1);
    }

    /** As after a crash without fsync, or when a replica that was behind takes over. */
    @Test
    void whenRedisHasLostTheLatestNoIdIsGivenTwice(@TempDir Path other) throws Exception {
        RedisServer forgetful = closing(RedisServer.start(other));
        Node one = closing(new Node(forgetful.port()));
        Node two = closing(new Node(forgetful.port()));
        Heard first = Heard.by(one.store());
        Heard second = Heard.by(two.store());
        append(one.store(), "a");
        second.await(Senders.TOPIC, 1);
        forgetful.command("SAVE");
        append(one.store(), "b");
        append(one.store(), "c");
        first.await(Senders.TOPIC, 3);
        TopicId lost = id(second.await(Senders.TOPIC, 3).get(2));
        forgetful.kill();
        forgetful.start();
        assertThat(forgetful.command("XLEN {hawser}:history:" + Senders.TOPIC)).isEqualTo(":1");
        append(two.store(), "d");
        for (Heard heard : List.of(first, second)) {
            assertThat(id(heard.await(Senders.TOPIC, 4).get(3))).isGreaterThan(lost);
            assertThat(heard.missed()).isPositive();
        }
        assertThat(read(two.store(), lost).complete()).isFalse();
    }

    @Test
    void aNodeThatWasAwayForLongerThanTheBusKeepsHearsThatItHasMissedMessages() throws Exception {
        Cable cable = closing(new Cable(server.port()));
        Node far = closing(new Node(cable.port(), "hawser.topics.redis.timeout", "500ms"));
        Node near = node("hawser.topics.redis.bus-count", "1000");
        Heard heard = Heard.by(far.store());
        Heard.by(near.store());
        append(near.store(), "first");
        TopicId position = id(heard.await(Senders.TOPIC, 1).get(0));
        cable.cut();
        await().until(() -> far.health().getStatus().equals(Status.DOWN));
        for (int i = 0; i < 1500; i++) {
            append(near.store(), "m" + i);
        }
        await().until(() -> read(near.store(), null).head().sequence() == 1501);
        assertThat(server.command("XLEN {hawser}:bus")).isEqualTo(":1000");
        assertThat(heard.missed()).isZero();
        cable.join();
        await().atMost(PATIENCE).until(() -> heard.missed() == 1);
        Page page = read(far.store(), position);
        assertThat(page.complete()).isTrue();
        assertThat(page.messages()).hasSize(100);
        assertThat(page.more()).isTrue();
        append(near.store(), "last");
        await().atMost(PATIENCE).until(() -> heard.texts(Senders.TOPIC).contains("last"));
        assertThat(far.meter("lag")).isZero();
    }

    @Test
    void aNodeHearsOfMissedMessagesAlsoIfNothingMoreIsSent() throws Exception {
        Cable cable = closing(new Cable(server.port()));
        Node far = closing(new Node(cable.port(), "hawser.topics.redis.timeout", "500ms"));
        Heard heard = Heard.by(far.store());
        Node near = node();
        Heard.by(near.store());
        append(near.store(), "first");
        heard.await(Senders.TOPIC, 1);
        cable.cut();
        await().until(() -> far.health().getStatus().equals(Status.DOWN));
        append(near.store(), "second");
        await().until(() -> read(near.store(), TopicId.BEGINNING).messages().size() == 2);
        server.command("DEL {hawser}:bus"); // as when it has been there for too long
        cable.join();
        await().atMost(PATIENCE).until(() -> heard.missed() == 1);
    }

    @Test
    void aReadSeesWhatTheSameThreadHasAppended() throws Exception {
        Node node = node();
        Heard.by(node.store());
        for (int i = 1; i <= 100; i++) {
            append(node.store(), "m" + i);
            assertThat(read(node.store(), null).head().sequence()).isEqualTo(i);
        }
    }

    @Test
    void anIdleTopicVanishesButItsNumberingOnlyLater() throws Exception {
        Node node = node("hawser.topics.redis.remember", "2s");
        Heard heard = Heard.by(node.store());
        History brief = new History(10, 1000, Duration.ofMillis(100));
        node.store().append(Senders.TOPIC, Senders.message("a"), brief);
        TopicId first = id(heard.await(Senders.TOPIC, 1).get(0));
        await().until(() -> read(node.store(), TopicId.BEGINNING).messages().isEmpty());
        assertThat(read(node.store(), first).complete()).isTrue();
        await().atMost(PATIENCE).until(() -> server.command("KEYS {hawser}:*").equals("*2")); // the state and this node
        assertThat(read(node.store(), first).complete()).isFalse();
        assertThat(read(node.store(), null).head()).isGreaterThan(first);
        assertThat(heard.missed()).isZero();
    }

    @Test
    void nothingIsLeftWhenTheContextIsClosed() throws Exception {
        Node node = new Node(server.port());
        Heard heard = Heard.by(node.store());
        append(node.store(), "a");
        heard.await(Senders.TOPIC, 1);
        assertThat(threads()).contains("hawser-topics-reader", "hawser-topics-sender");
        TopicStore store = node.store();
        append(store, "last");
        node.close();
        assertThat(threads()).doesNotContain("hawser-topics-reader", "hawser-topics-sender");
        assertThat(store.append(Senders.TOPIC, Senders.message("late"), Senders.KEPT))
                .isFalse();
        assertThatThrownBy(() -> read(store, null)).isNotNull();
        Node other = node();
        Heard.by(other.store());
        assertThat(read(other.store(), TopicId.BEGINNING).messages()).hasSize(2);
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    }
}
