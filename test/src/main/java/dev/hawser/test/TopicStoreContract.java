package dev.hawser.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.topic.History;
import dev.hawser.topic.TopicId;
import dev.hawser.topic.TopicMessage;
import dev.hawser.topic.TopicStore;
import dev.hawser.topic.TopicStore.Page;
import dev.hawser.websocket.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link TopicStore} must do: extend it in your tests, with JUnit, AssertJ and Awaitility on their class path. Each test has a
 * store of its own, and a second one, of another node, where there can be several.
 */
public abstract class TopicStoreContract {

    private static final History KEPT = new History(100, 1_000_000, Duration.ofMinutes(5));

    private final List<TopicStore> opened = new ArrayList<>();

    private TopicStore store;
    private Heard heard;

    /** What a store told. */
    private static final class Heard implements TopicStore.Listener {

        private final Map<String, List<TopicMessage>> messages = new ConcurrentHashMap<>();

        @Override
        public void received(String topic, TopicMessage message) {
            messages.computeIfAbsent(topic, name -> new CopyOnWriteArrayList<>())
                    .add(message);
        }

        @Override
        public void missed(@Nullable String topic) {
            // What was missed is seen to be missing.
        }

        List<TopicMessage> of(String topic) {
            return messages.getOrDefault(topic, List.of());
        }

        /** Waits for so many. */
        List<TopicMessage> await(String topic, int count) {
            org.awaitility.Awaitility.await(count + " of " + topic)
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(of(topic)).hasSizeGreaterThanOrEqualTo(count));
            return of(topic);
        }
    }

    /** An empty store, not opened yet. */
    protected abstract TopicStore create() throws Exception;

    /** Another node's store of the same topics, not opened yet; null where there is but one node. */
    protected @Nullable TopicStore createOther() throws Exception {
        return null;
    }

    @BeforeEach
    final void open() throws Exception {
        store = create();
        heard = open(store);
    }

    private Heard open(TopicStore next) {
        opened.add(next);
        Heard listener = new Heard();
        next.open(listener);
        return listener;
    }

    @AfterEach
    final void close() throws Exception {
        for (TopicStore next : opened) {
            next.close();
        }
    }

    private static TopicMessage message(String text) {
        return new TopicMessage(null, "", Message.text(text), "");
    }

    private void append(String topic, String... texts) {
        for (String text : texts) {
            assertThat(store.append(topic, message(text), KEPT)).isTrue();
        }
    }

    private Page read(String topic, @Nullable TopicId after, int count) throws Exception {
        return store.read(topic, after, count).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static List<String> texts(List<TopicMessage> messages) {
        return messages.stream().map(message -> message.content().text()).toList();
    }

    private static TopicId id(TopicMessage message) {
        return Objects.requireNonNull(message.id(), "the id of a message that is kept");
    }

    @Test
    void whatIsAppendedIsToldInOrderWithIdsThatGrow() {
        append("news", "a", "b", "c");
        List<TopicMessage> told = heard.await("news", 3);
        assertThat(texts(told)).containsExactly("a", "b", "c");
        assertThat(told).extracting(TopicStoreContract::id).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void nothingOfAMessageIsLost() {
        byte[] bytes = {0, -1, 10, 13};
        store.append("news", new TopicMessage(null, "näme", Message.binary(bytes), "sender"), KEPT);
        store.append("news", new TopicMessage(null, "", Message.text("täxt\r\n\0"), ""), History.NONE);
        List<TopicMessage> told = heard.await("news", 1);
        assertThat(told.get(0).name()).isEqualTo("näme");
        assertThat(told.get(0).sender()).isEqualTo("sender");
        assertThat(told.get(0).content().isText()).isFalse();
        assertThat(told.get(0).content().toByteArray()).isEqualTo(bytes);
        await().until(() -> heard.of("news").size() == 2);
        assertThat(told.get(1).content().text()).isEqualTo("täxt\r\n\0");
    }

    /** CVE-2026-39972 (Mercure), CVE-2018-1270 (Spring): no name is another's key, a pattern or an expression. */
    @Test
    void namesAreTakenAsTheyAre() throws Exception {
        List<String> names = List.of(
                "a",
                "a:b",
                "a/b",
                "a*",
                "*",
                "?",
                "[a]",
                "{a}",
                "${a}",
                "#{a}",
                "T(a)",
                "ä",
                "a b",
                "A",
                "\ud83d\ude00",
                "b",
                "a:",
                ":b",
                "state",
                "bus",
                "node:a",
                "topic:a",
                "history:a",
                "Aa",
                "BB");
        names.forEach(name -> append(name, name));
        for (String name : names) {
            assertThat(texts(heard.await(name, 1))).containsExactly(name);
            assertThat(texts(read(name, TopicId.BEGINNING, 10).messages())).containsExactly(name);
        }
    }

    @Test
    void withoutAHistoryAMessageHasNoIdAndIsNotKept() throws Exception {
        store.append("news", message("a"), History.NONE);
        assertThat(heard.await("news", 1).get(0).id()).isNull();
        assertThat(read("news", TopicId.BEGINNING, 10).messages()).isEmpty();
    }

    @Test
    void whatIsKeptIsCounted() throws Exception {
        append("news", "a", "bcd");
        store.append("news", message("ef"), new History(2, 1_000_000, Duration.ofMinutes(5)));
        List<TopicMessage> told = heard.await("news", 3);
        assertThat(store.kept("news").toCompletableFuture().get(30, TimeUnit.SECONDS))
                .isEqualTo(new TopicStore.Kept(2, 5, id(told.get(2))));
        assertThat(store.kept("other").toCompletableFuture().get(30, TimeUnit.SECONDS))
                .returns(0L, TopicStore.Kept::messages)
                .returns(0L, TopicStore.Kept::bytes);
    }

    @Test
    void whatCameAfterAMessageIsRead() throws Exception {
        append("news", "a", "b", "c", "d");
        List<TopicMessage> told = heard.await("news", 4);
        Page page = read("news", id(told.get(1)), 10);
        assertThat(texts(page.messages())).containsExactly("c", "d");
        assertThat(page.messages())
                .extracting(TopicMessage::id)
                .containsExactly(told.get(2).id(), told.get(3).id());
        assertThat(page.complete()).isTrue();
        assertThat(page.more()).isFalse();
        assertThat(page.head()).isEqualTo(told.get(3).id());
        assertThat(read("news", page.head(), 10).messages()).isEmpty();
        assertThat(read("news", page.head(), 10).complete()).isTrue();
    }

    @Test
    void aPageHasNoMoreThanWasAskedFor() throws Exception {
        append("news", "a", "b", "c");
        Page first = read("news", TopicId.BEGINNING, 2);
        assertThat(texts(first.messages())).containsExactly("a", "b");
        assertThat(first.more()).isTrue();
        Page second = read("news", id(first.messages().get(1)), 2);
        assertThat(texts(second.messages())).containsExactly("c");
        assertThat(second.more()).isFalse();
        assertThat(second.complete()).isTrue();
    }

    @Test
    void theHeadAloneIsAPositionBeforeAllThatFollows() throws Exception {
        for (int i = 0; i < 3; i++) {
            Page head = read("news", null, 10);
            assertThat(head.messages()).isEmpty();
            assertThat(head.complete()).isTrue();
            append("news", "next " + i);
            Page next = read("news", head.head(), 10);
            assertThat(texts(next.messages())).containsExactly("next " + i);
            assertThat(next.complete())
                    .as("whether " + next + " has all after " + head)
                    .isTrue();
        }
    }

    @Test
    void whatIsAppendedAfterAReadIsNotInItNorBeforeItsHead() throws Exception {
        for (int i = 0; i < 50; i++) {
            var reading = store.read("news", null, 10);
            append("news", "m" + i);
            TopicId head =
                    reading.toCompletableFuture().get(30, TimeUnit.SECONDS).head();
            assertThat(id(heard.await("news", i + 1).get(i))).isGreaterThan(head);
        }
    }

    @Test
    void aPositionThatIsNotKnownIsIncompleteAndShowsAllThatIsKept() throws Exception {
        append("news", "a", "b");
        TopicId last = id(heard.await("news", 2).get(1));
        for (TopicId strange : List.of(
                new TopicId(0, 1),
                new TopicId(last.epoch() + 1, 0),
                new TopicId(last.epoch(), last.sequence() + 1_000),
                new TopicId(Long.MAX_VALUE, Long.MAX_VALUE))) {
            Page page = read("news", strange, 10);
            assertThat(page.complete()).as(strange.toString()).isFalse();
            assertThat(texts(page.messages())).containsExactly("a", "b");
        }
        assertThat(read("never used", last, 10).complete()).isFalse();
    }

    @Test
    void theBeginningIsAlwaysComplete() throws Exception {
        assertThat(read("news", TopicId.BEGINNING, 10).complete()).isTrue();
        History two = new History(2, 1_000_000, Duration.ofMinutes(5));
        for (String text : List.of("a", "b", "c")) {
            store.append("news", message(text), two);
        }
        Page page = read("news", TopicId.BEGINNING, 10);
        assertThat(texts(page.messages())).containsExactly("b", "c");
        assertThat(page.complete()).isTrue();
    }

    @Test
    void noMoreIsKeptThanTheCountSays() throws Exception {
        History two = new History(2, 1_000_000, Duration.ofMinutes(5));
        for (String text : List.of("a", "b", "c", "d")) {
            store.append("news", message(text), two);
        }
        List<TopicMessage> told = heard.await("news", 4);
        assertThat(texts(read("news", TopicId.BEGINNING, 10).messages())).containsExactly("c", "d");
        assertThat(read("news", id(told.get(0)), 10).complete()).isFalse();
        Page page = read("news", id(told.get(1)), 10);
        assertThat(page.complete()).isTrue();
        assertThat(texts(page.messages())).containsExactly("c", "d");
    }

    @Test
    void noMoreIsKeptThanTheBytesSay() throws Exception {
        History thousand = new History(100, 1000, Duration.ofMinutes(5));
        for (String text : List.of("a", "b", "c", "d")) {
            store.append("news", message(text.repeat(400)), thousand);
        }
        heard.await("news", 4);
        assertThat(texts(read("news", TopicId.BEGINNING, 10).messages()))
                .containsExactly("c".repeat(400), "d".repeat(400));
    }

    @Test
    void nothingIsKeptThatIsTooOld() {
        History brief = new History(100, 1_000_000, Duration.ofMillis(200));
        store.append("news", message("a"), brief);
        TopicId a = id(heard.await("news", 1).get(0));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> read("news", TopicId.BEGINNING, 10).messages().isEmpty());
        store.append("news", message("b"), brief);
        store.append("news", message("c"), brief);
        heard.await("news", 3);
        await().atMost(Duration.ofSeconds(30)).until(() -> !read("news", a, 10).complete());
    }

    @Test
    void topicsHaveNothingToDoWithEachOther() throws Exception {
        append("one", "a");
        append("two", "b");
        append("one", "c");
        List<TopicMessage> one = heard.await("one", 2);
        List<TopicMessage> two = heard.await("two", 1);
        assertThat(texts(read("one", id(one.get(0)), 10).messages())).containsExactly("c");
        assertThat(texts(read("two", TopicId.BEGINNING, 10).messages())).containsExactly("b");
        assertThat(read("two", id(two.get(0)), 10).messages()).isEmpty();
    }

    @Test
    void whatManyThreadsAppendIsToldOnceInTheOrderOfTheIds() throws Exception {
        int threads = 4;
        int each = 500;
        History all = new History(threads * each, 1_000_000, Duration.ofMinutes(5));
        ExecutorService senders = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int sender = thread;
                running.add(senders.submit(() -> IntStream.range(0, each).forEach(i -> {
                    TopicMessage next = message(sender + "/" + i);
                    if (!store.append("news", next, all)) { // too much waits for it
                        await().until(() -> store.append("news", next, all));
                    }
                })));
            }
            for (Future<?> one : running) {
                one.get(60, TimeUnit.SECONDS);
            }
        } finally {
            senders.shutdownNow();
        }
        List<TopicMessage> told = heard.await("news", threads * each);
        assertThat(told).extracting(TopicStoreContract::id).isSorted().doesNotHaveDuplicates();
        for (int thread = 0; thread < threads; thread++) {
            String sender = thread + "/";
            assertThat(texts(told).stream().filter(text -> text.startsWith(sender)))
                    .containsExactlyElementsOf(
                            IntStream.range(0, each).mapToObj(i -> sender + i).toList());
        }
        List<TopicMessage> kept = new ArrayList<>();
        Page page;
        TopicId position = TopicId.BEGINNING;
        do {
            page = read("news", position, 300);
            assertThat(page.complete()).isTrue();
            kept.addAll(page.messages());
            position = id(kept.get(kept.size() - 1));
        } while (page.more());
        assertThat(texts(kept)).isEqualTo(texts(told));
    }

    @Test
    void whatOneNodeAppendsAllHear() throws Exception {
        TopicStore other = createOther();
        if (other == null) {
            return;
        }
        Heard there = open(other);
        append("news", "from here");
        assertThat(other.append("news", message("from there"), KEPT)).isTrue();
        List<TopicMessage> here = heard.await("news", 2);
        there.await("news", 2);
        assertThat(texts(here)).containsExactlyInAnyOrder("from here", "from there");
        assertThat(texts(there.of("news"))).isEqualTo(texts(here));
        assertThat(there.of("news"))
                .extracting(TopicMessage::id)
                .isEqualTo(here.stream().map(TopicMessage::id).toList());
        assertThat(other.append("plain", message("without a history"), History.NONE))
                .isTrue();
        assertThat(texts(heard.await("plain", 1))).containsExactly("without a history");
        Page page =
                other.read("news", id(here.get(0)), 10).toCompletableFuture().get(30, TimeUnit.SECONDS);
        assertThat(texts(page.messages())).containsExactly(here.get(1).content().text());
        assertThat(page.complete()).isTrue();
    }

    @Test
    void nodesThatAppendAtOnceAgreeOnTheOrder() throws Exception {
        TopicStore other = createOther();
        if (other == null) {
            return;
        }
        Heard there = open(other);
        int each = 200;
        History all = new History(2 * each, 1_000_000, Duration.ofMinutes(5));
        for (int i = 0; i < each; i++) {
            assertThat(store.append("news", message("here " + i), all)).isTrue();
            assertThat(other.append("news", message("there " + i), all)).isTrue();
        }
        List<TopicMessage> here = heard.await("news", 2 * each);
        there.await("news", 2 * each);
        assertThat(here).extracting(TopicStoreContract::id).isSorted().doesNotHaveDuplicates();
        assertThat(texts(there.of("news"))).isEqualTo(texts(here));
        Page page = other.read("news", TopicId.BEGINNING, 2 * each)
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
        assertThat(texts(page.messages())).isEqualTo(texts(here));
        assertThat(page.head()).isEqualTo(id(here.get(2 * each - 1)));
    }

    @Test
    void aClosedStoreTakesNothing() throws Exception {
        store.close();
        assertThat(store.append("news", message("late"), KEPT)).isFalse();
        store.close();
        assertThat(heard.of("news")).isEmpty();
    }
}
