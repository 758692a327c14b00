package dev.hawser.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.hawser.topic.TopicServer.EventClient;
import dev.hawser.topic.TopicServer.EventClient.Received;
import dev.hawser.topic.TopicServer.Pair;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.memory.MemoryBudget;
import dev.hawser.websocket.protocol.ReadyState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Topics over real sockets, with clients that are not ours. */
class TopicHubTests {

    private static final History KEPT = new History(1000, 10_000_000, Duration.ofMinutes(5));

    private final TopicServer server = new TopicServer();
    private final ExecutorService executor = Executors.newFixedThreadPool(4);
    private final Counts counts = new Counts();
    private final MemoryTopicStore memory = new MemoryTopicStore(64 << 20);
    private TopicHub topics = hub(TopicOptions.DEFAULT);

    /** What a hub tells. */
    private static final class Counts implements TopicObserver {

        final AtomicInteger sent = new AtomicInteger();
        final AtomicInteger refused = new AtomicInteger();
        final AtomicInteger delivered = new AtomicInteger();
        final AtomicInteger dropped = new AtomicInteger();
        final AtomicInteger closed = new AtomicInteger();
        final AtomicInteger replayed = new AtomicInteger();
        final AtomicInteger resets = new AtomicInteger();

        @Override
        public void sent() {
            sent.incrementAndGet();
        }

        @Override
        public void refused() {
            refused.incrementAndGet();
        }

        @Override
        public void delivered(int count) {
            delivered.addAndGet(count);
        }

        @Override
        public void dropped(int count) {
            dropped.addAndGet(count);
        }

        @Override
        public void closed() {
            closed.incrementAndGet();
        }

        @Override
        public void replayed(int count) {
            replayed.addAndGet(count);
        }

        @Override
        public void reset() {
            resets.incrementAndGet();
        }
    }

    private TopicHub hub(TopicOptions options) {
        return new TopicHub(memory, name -> options, 3, executor, counts);
    }

    private void keep(History history) {
        topics = hub(TopicOptions.DEFAULT.withHistory(history));
    }

    @AfterEach
    void stop() throws Exception {
        topics.close();
        server.close();
        executor.shutdownNow();
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    private static List<String> read(EventClient client, int count) throws Exception {
        List<String> read = new ArrayList<>();
        while (read.size() < count) {
            read.add(client.data());
        }
        return read;
    }

    @Test
    void whoLooksFromOutsideSeesWhatHasMembersAndWhoIsWhere() throws Exception {
        keep(KEPT);
        Pair one = server.socket();
        Pair two = server.socket();
        topics.topic("b").join(one.socket());
        topics.topic("a").join(one.socket());
        assertThat(topics.names()).containsExactlyInAnyOrder("a", "b");
        assertThat(topics.joined(one.socket())).containsExactly("a", "b");
        assertThat(topics.joined(two.socket())).isEmpty();
        topics.topic("a").send("four");
        assertThat(one.client().next()).isEqualTo("four");
        assertThat(topics.waiting("a")).isZero();
        assertThat(topics.waiting("nobody is here")).isZero();
        assertThat(topics.kept("a").toCompletableFuture().join())
                .returns(1L, TopicStore.Kept::messages)
                .returns(4L, TopicStore.Kept::bytes);
        topics.topic("b").leave(one.socket());
        assertThat(topics.names()).containsExactly("a");
    }

    @Test
    void whatWaitsForTheThreadOfATopicIsCounted() throws Exception {
        Pair pair = server.socket();
        topics.topic("a").join(pair.socket());
        CountDownLatch looked = new CountDownLatch(1);
        topics.topic("a")
                .where(member -> {
                    awaitUninterruptibly(looked);
                    return false;
                })
                .send("");
        topics.topic("a").send("four");
        assertThat(topics.waiting("a")).isGreaterThanOrEqualTo(4);
        looked.countDown();
        assertThat(pair.client().next()).isEqualTo("four");
        await().until(() -> topics.waiting("a") == 0);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    @Test
    void webSocketsAndEventSourcesGetTheSameInTheSameOrder() throws Exception {
        Topic topic = topics.topic("news");
        Pair one = server.socket();
        Pair two = server.socket();
        server.onStream = (events, query) -> topic.join(events);
        EventClient stream = server.events("", "");
        server.stream();
        topic.join(one.socket());
        topic.join(two.socket());
        assertThat(topic.members()).isEqualTo(3);
        assertThat(topics.members()).isEqualTo(3);
        assertThat(topics.count()).isEqualTo(1);

        assertThat(topic.send("first")).isTrue();
        topic.send("second", "named");
        topic.send(Message.binary(new byte[] {1, 2, 3}));
        topic.send("last");

        for (Pair pair : List.of(one, two)) {
            assertThat(pair.client().next()).isEqualTo("first");
            assertThat(pair.client().next()).isEqualTo("second");
            assertThat(pair.client().next()).isEqualTo("last");
        }
        assertThat(stream.next()).isEqualTo(new Received("", "message", "first"));
        assertThat(stream.next()).isEqualTo(new Received("", "named", "second"));
        assertThat(stream.next()).isEqualTo(new Received("", "message", "AQID"));
        assertThat(stream.next()).isEqualTo(new Received("", "message", "last"));
        assertThat(counts.sent).hasValue(4);
        await().untilAsserted(() -> assertThat(counts.delivered).hasValue(12)); // counted when it is sent
    }

    @Test
    void manyMessagesAtOnceKeepTheirOrder() throws Exception {
        Topic topic = topics.topic("news");
        Pair pair = server.socket();
        topic.join(pair.socket());
        for (String number : numbers(0, 5000)) {
            assertThat(topic.send(number)).isTrue();
        }
        for (String number : numbers(0, 5000)) {
            assertThat(pair.client().next()).isEqualTo(number);
        }
    }

    @Test
    void oneThatJoinsTwiceGetsOneOfEach() throws Exception {
        Topic topic = topics.topic("news");
        Pair pair = server.socket();
        topic.join(pair.socket());
        topic.join(pair.socket());
        topics.topic("news").join(pair.socket());
        assertThat(topic.members()).isEqualTo(1);
        topic.send("a");
        topic.send("b");
        assertThat(pair.client().next()).isEqualTo("a");
        assertThat(pair.client().next()).isEqualTo("b");
    }

    @Test
    void allButOneGetWhatOneSends() throws Exception {
        Topic topic = topics.topic("news");
        Pair one = server.socket();
        Pair two = server.socket();
        topic.join(one.socket());
        topic.join(two.socket());
        topic.send("before");
        topic.except(one.socket()).send("of one");
        topic.except(two.socket()).send("of two");
        topic.send("after");
        for (String text : List.of("before", "of two", "after")) {
            assertThat(one.client().next()).isEqualTo(text);
        }
        for (String text : List.of("before", "of one", "after")) {
            assertThat(two.client().next()).isEqualTo(text);
        }
    }

    @Test
    void aConditionSelectsMembers() throws Exception {
        Topic topic = topics.topic("news");
        Pair one = server.socket();
        Pair two = server.socket();
        topic.join(one.socket());
        topic.join(two.socket());
        topic.where(member -> member.webSocket().filter(two.socket()::equals).isPresent())
                .send("for two");
        topic.where(member -> member.eventSource().isPresent()).send("for none");
        topic.where(member -> {
                    throw new IllegalStateException("on purpose");
                })
                .send("for none");
        topic.where(member -> member.endpoint().equals("/") && member.principal() == null)
                .send("for all");
        assertThat(two.client().next()).isEqualTo("for two");
        assertThat(two.client().next()).isEqualTo("for all");
        assertThat(one.client().next()).isEqualTo("for all");
    }

    @Test
    void whoLeavesGetsNothingMore() throws Exception {
        Topic topic = topics.topic("news");
        Pair one = server.socket();
        Pair two = server.socket();
        topic.join(one.socket());
        topic.join(two.socket());
        topic.leave(one.socket());
        topic.leave(one.socket());
        assertThat(topic.members()).isEqualTo(1);
        topic.send("a");
        assertThat(two.client().next()).isEqualTo("a");
        topic.join(one.socket());
        topic.send("b");
        assertThat(one.client().next()).isEqualTo("b");
    }

    @Test
    void whoEndsLeavesEveryTopicAndATopicWithoutMembersIsNone() throws Exception {
        Pair pair = server.socket();
        server.onStream = (events, query) -> topics.topic("one").join(events);
        EventClient stream = server.events("", "");
        server.stream();
        topics.topic("one").join(pair.socket());
        topics.topic("two").join(pair.socket());
        assertThat(topics.members()).isEqualTo(3);
        pair.socket().close();
        await().until(() -> topics.members() == 1);
        assertThat(topics.topic("two").members()).isZero();
        assertThat(topics.count()).isEqualTo(1);
        stream.close();
        await().until(() -> {
            topics.topic("one").send("is anybody there");
            return topics.count() == 0;
        });
        assertThat(topics.members()).isZero();
        topics.topic("one").join(pair.socket());
        await().until(() -> topics.members() == 0);
        assertThat(topics.topic("nobody").send("x")).isTrue();
        assertThat(topics.count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "a\u0000", "\ud800", "\u0085"})
    void aNameThatIsNoneIsRefused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> topics.topic(name))
                .withMessageContaining("The name of a topic must have 1 to 200 characters");
        assertThat(Topics.isName(name)).isFalse();
    }

    @Test
    void namesMayHave200Characters() {
        assertThat(topics.topic("n".repeat(200)).name()).hasSize(200);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> topics.topic("n".repeat(201)))
                .withMessageContaining("200 characters");
        assertThat(Topics.isName("\ud83d\ude00 a/b:c*")).isTrue();
    }

    @Test
    void aNameOfAnEventThatWouldBreakAStreamIsRefused() throws Exception {
        Topic topic = topics.topic("news");
        Pair pair = server.socket();
        topic.join(pair.socket());
        for (String bad : List.of("a\nb", "a\rb")) {
            assertThatIllegalArgumentException().isThrownBy(() -> topic.send("x", bad));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> topic.where(member -> true).send(Message.text("x"), bad));
        }
        topic.send("fine");
        assertThat(pair.client().next()).isEqualTo("fine");
    }

    /** CVE-2026-45591 (SignalR), CVE-2018-1270 (Spring) had no such bounds. */
    @Test
    void aConnectionJoinsNoMoreTopicsThanItMay() throws Exception {
        Pair pair = server.socket();
        for (String name : numbers(0, 3)) {
            topics.topic(name).join(pair.socket());
        }
        assertThatIllegalStateException()
                .isThrownBy(() -> topics.topic("3").join(pair.socket()))
                .withMessageContaining("3 topics (max-joined)");
        assertThat(topics.members()).isEqualTo(3);
        topics.topic("0").leave(pair.socket());
        topics.topic("3").join(pair.socket());
        topics.topic("3").send("fine");
        assertThat(pair.client().next()).isEqualTo("fine");
    }

    @Nested
    class WithAHistory {

        @Test
        void anEventSourceThatComesBackGetsWhatItMissed() throws Exception {
            keep(KEPT);
            Topic topic = topics.topic("news");
            server.onStream = (events, query) -> topic.join(events);
            topic.send("before");
            EventClient first = server.events("", "");
            server.stream();
            first.position();
            topic.send("0");
            assertThat(first.data()).isEqualTo("0");
            first.close();
            numbers(1, 600).forEach(topic::send);
            EventClient second = server.events("", first.lastEventId());
            assertThat(read(second, 599)).isEqualTo(numbers(1, 600));
            topic.send("600");
            assertThat(second.data()).isEqualTo("600");
            assertThat(counts.replayed).hasValue(599);
            assertThat(counts.resets).hasValue(0);
        }

        @Test
        void oneThatGotNothingYetComesBackToWhereItWas() throws Exception {
            keep(KEPT);
            Topic topic = topics.topic("news");
            server.onStream = (events, query) -> topic.join(events);
            EventClient first = server.events("", "");
            String position = first.position();
            first.close();
            topic.send("missed");
            assertThat(server.events("", position).data()).isEqualTo("missed");
        }

        @Test
        void whileSendingGoesOnNothingIsMissingOrDouble() throws Exception {
            keep(new History(100_000, 10_000_000, Duration.ofMinutes(5)));
            Topic topic = topics.topic("news");
            server.onStream = (events, query) -> topic.join(events);
            int all = 20_000;
            EventClient client = server.events("", "");
            client.position();
            Future<?> sending = executor.submit(() -> numbers(0, all).forEach(number -> {
                if (!topic.send(number)) {
                    await().until(() -> topic.send(number));
                }
            }));
            List<String> read = new ArrayList<>();
            while (read.size() < all) {
                read.addAll(read(client, Math.min(700, all - read.size())));
                client.comeBack();
            }
            sending.get(20, TimeUnit.SECONDS);
            assertThat(read).isEqualTo(numbers(0, all));
            assertThat(counts.resets).hasValue(0);
        }

        @Test
        void aWebSocketThatComesBackGetsTheSameWithTheIds() throws Exception {
            keep(KEPT);
            Topic topic = topics.topic("news");
            Pair first = server.socket();
            topic.join(first.socket(), "");
            String position = first.client().next();
            assertThat(position).matches("\\{\"id\":\"[a-z0-9]+-[a-z0-9]+-0\"}");
            topic.send("a \"quoted\" \\ line\nand \u0001", "name");
            topic.send(Message.binary(new byte[] {1, 2, 3}));
            String one = first.client().next();
            assertThat(one)
                    .matches("\\{\"id\":\"[^\"]+-1\",\"event\":\"name\",\"data\":\"a .*")
                    .endsWith("\"data\":\"a \\\"quoted\\\" \\\\ line\\u000aand \\u0001\"}");
            assertThat(first.client().next()).matches("\\{\"id\":\"[^\"]+-2\",\"base64\":\"AQID\"}");

            Pair second = server.socket();
            topic.join(second.socket(), one.substring(7, one.indexOf('"', 7)));
            assertThat(second.client().next()).endsWith("-2\",\"base64\":\"AQID\"}");
            topic.send("live");
            assertThat(second.client().next()).endsWith("-3\",\"data\":\"live\"}");
            assertThat(first.client().next()).endsWith("-3\",\"data\":\"live\"}");

            Pair all = server.socket();
            topic.join(all.socket(), Topic.BEGINNING);
            assertThat(all.client().next()).isEqualTo(one);
        }

        @Test
        void oneThatJoinsWithoutAnIdGetsMessagesAsTheyAre() throws Exception {
            keep(KEPT);
            Topic topic = topics.topic("news");
            topic.send("before");
            Pair pair = server.socket();
            topic.join(pair.socket());
            topic.send("after");
            assertThat(pair.client().next()).isEqualTo("after");
        }

        @Test
        void whatOneSendsAfterJoiningIsNotMissed() throws Exception {
            keep(KEPT);
            for (int i = 0; i < 100; i++) {
                Topic topic = topics.topic("news " + i);
                server.onStream = (events, query) -> {
                    topic.join(events);
                    topic.send("hello");
                };
                try (EventClient client = server.events("", "")) {
                    assertThat(client.data()).isEqualTo("hello");
                }
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"99", "nonsense", "-", "..", "1p-0-1", "x-y-z.x-y-z", "\u00e4"})
        void anIdThatIsNotOursIsToldAndAllThatIsKeptFollows(String id) throws Exception {
            keep(KEPT);
            Topic topic = topics.topic("news");
            server.onStream = (events, query) -> topic.join(events);
            topic.send("a");
            topic.send("b");
            EventClient client = server.events("", id);
            Received reset = client.next();
            assertThat(reset.name()).isEqualTo("hawser.reset");
            assertThat(reset.data()).isEqualTo("news");
            assertThat(read(client, 2)).containsExactly("a", "b");
            assertThat(counts.resets).hasValue(1);
            client.close();
            // What was reset is known from then on.
            assertThat(read(server.events("", reset.id()), 2)).containsExactly("a", "b");
            assertThat(counts.resets).hasValue(1);
        }

        @Test
        void anIdThatHasFallenOutOfTheHistoryIsTold() throws Exception {
            keep(new History(2, 1000, Duration.ofMinutes(5)));
            Topic topic = topics.topic("news");
            server.onStream = (events, query) -> topic.join(events);
            EventClient first = server.events("", "");
            String position = first.position();
            first.close();
            numbers(0, 3).forEach(topic::send);
            EventClient second = server.events("", position);
            assertThat(second.next()).returns("hawser.reset", Received::name);
            assertThat(read(second, 2)).containsExactly("1", "2");
            Pair pair = server.socket();
            topic.join(pair.socket(), position);
            assertThat(pair.client().next()).contains("\"event\":\"hawser.reset\",\"data\":\"news\"");
            assertThat(pair.client().next()).contains("\"data\":\"1\"");
        }

        @Test
        void aStreamInTwoTopicsComesBackToBoth() throws Exception {
            keep(KEPT);
            Topic one = topics.topic("one");
            Topic two = topics.topic("two");
            server.onStream = (events, query) -> {
                one.join(events);
                two.join(events);
            };
            EventClient client = server.events("", "");
            client.position();
            if (!client.lastEventId().contains(".")) {
                client.position();
            }
            List<String> read = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                one.send("one " + i);
                two.send("two " + i);
                if (i % 3 == 0) {
                    read.add(client.data());
                    client.comeBack();
                }
            }
            while (read.size() < 100) {
                read.add(client.data());
            }
            for (String name : List.of("one", "two")) {
                assertThat(read.stream().filter(text -> text.startsWith(name)))
                        .containsExactlyElementsOf(IntStream.range(0, 50)
                                .mapToObj(i -> name + " " + i)
                                .toList());
            }
            assertThat(counts.resets).hasValue(0);
        }

        /** CVE-2026-39972 (Mercure): names that a stranger has chosen so that a checksum of them is the same. */
        @Test
        void namesOfTheSameChecksumAreNotTakenForEachOther() throws Exception {
            keep(KEPT);
            Topic one = topics.topic("room/plozyy7");
            Topic other = topics.topic("room/v5k8t6o"); // with the same CRC32C
            server.onStream = (events, query) -> {
                one.join(events);
                other.join(events);
            };
            EventClient client = server.events("", "");
            client.position();
            other.send("seen 0");
            other.send("seen 1");
            other.send("seen 2");
            assertThat(read(client, 3)).containsExactly("seen 0", "seen 1", "seen 2");
            client.close();
            for (int i = 0; i < 5; i++) {
                one.send("missed " + i);
            }
            client.comeBack();
            one.send("end");
            List<String> read = new ArrayList<>();
            while (!read.contains("end")) {
                read.add(client.data());
            }
            assertThat(read).containsExactly("missed 0", "missed 1", "missed 2", "missed 3", "missed 4", "end");
        }

        @Test
        void idsOfOneTopicTellNothingOfOthers() throws Exception {
            keep(KEPT);
            server.onStream = (events, query) -> topics.topic("quiet").join(events);
            EventClient client = server.events("", "");
            client.position();
            List<String> ids = new ArrayList<>();
            for (int traffic : List.of(0, 1, 100)) {
                numbers(0, traffic).forEach(topics.topic("busy")::send);
                topics.topic("quiet").send("x");
                ids.add(client.next().id());
            }
            assertThat(ids).extracting(id -> id.substring(id.lastIndexOf('-'))).containsExactly("-1", "-2", "-3");
            assertThat(ids)
                    .extracting(id -> id.substring(0, id.lastIndexOf('-')))
                    .containsOnly(ids.get(0).substring(0, ids.get(0).lastIndexOf('-')));
        }

        @Test
        void whatWasMissedByTheNodeIsReadByIt() throws Exception {
            Leaky store = new Leaky();
            topics = new TopicHub(store, name -> TopicOptions.DEFAULT.withHistory(KEPT), 3, executor, counts);
            Topic topic = topics.topic("news");
            Pair plain = server.socket();
            topic.join(plain.socket());
            server.onStream = (events, query) -> topic.join(events);
            EventClient client = server.events("", "");
            client.position();
            topic.send("0");
            assertThat(client.data()).isEqualTo("0");
            store.isLeaking = true;
            numbers(1, 400).forEach(topic::send);
            store.isLeaking = false;
            topics.missed(null);
            topic.send("400");
            assertThat(read(client, 400)).isEqualTo(numbers(1, 401));
            for (String number : numbers(0, 401)) {
                assertThat(plain.client().next()).isEqualTo(number);
            }
        }

        @Test
        void whatCannotBeReadNowIsReadWithTheNext() throws Exception {
            Leaky store = new Leaky();
            topics = new TopicHub(store, name -> TopicOptions.DEFAULT.withHistory(KEPT), 3, executor, counts);
            Topic topic = topics.topic("news");
            server.onStream = (events, query) -> topic.join(events);
            EventClient client = server.events("", "");
            client.position();
            topic.send("0");
            assertThat(client.data()).isEqualTo("0");
            store.isLeaking = true;
            topic.send("1");
            store.isLeaking = false;
            store.isBroken = true;
            topics.missed("news");
            store.isBroken = false;
            topic.send("2");
            assertThat(read(client, 2)).containsExactly("1", "2");
        }

        @Test
        void whoseHistoryCannotBeReadIsClosed() throws Exception {
            Leaky store = new Leaky();
            store.isBroken = true;
            topics = new TopicHub(store, name -> TopicOptions.DEFAULT.withHistory(KEPT), 3, executor, counts);
            Pair pair = server.socket();
            topics.topic("news").join(pair.socket(), "");
            assertThat(pair.client().next()).isEqualTo("closed 1013");
            server.onStream = (events, query) -> topics.topic("news").join(events);
            assertThat(server.events("", "").next()).isNull();
            await().until(() -> topics.members() == 0);
            assertThat(counts.closed).hasValue(2);
        }
    }

    /** A store that can lose what it should tell, and fail to read. */
    private final class Leaky implements TopicStore {

        private volatile boolean isLeaking;
        private volatile boolean isBroken;

        @Override
        public void open(Listener listener) {
            memory.open(new Listener() {

                @Override
                public void received(String topic, TopicMessage message) {
                    if (!isLeaking) {
                        listener.received(topic, message);
                    }
                }

                @Override
                public void missed(@Nullable String topic) {
                    listener.missed(topic);
                }
            });
        }

        @Override
        public boolean append(String topic, TopicMessage message, History history) {
            return memory.append(topic, message, history);
        }

        @Override
        public CompletionStage<Page> read(String topic, @Nullable TopicId after, int count) {
            return isBroken
                    ? CompletableFuture.failedFuture(new IllegalStateException("on purpose"))
                    : memory.read(topic, after, count);
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    @Nested
    class WhoeverReadsTooSlowly {

        private static final int COUNT = 4000;

        private final String text = "x".repeat(10_000);

        /** Sends 40 MB, which the other member gets. */
        private void sendPast(Topic topic, Pair other) throws Exception {
            for (int i = 0; i < COUNT; i++) {
                topic.send(i + " " + text);
                assertThat(other.client().next()).startsWith(i + " ");
            }
        }

        @Test
        void isClosedWith1013() throws Exception {
            topics = hub(TopicOptions.DEFAULT);
            Topic topic = topics.topic("news");
            WebSocket stuck = server.stuck();
            AtomicInteger code = new AtomicInteger();
            stuck.onClose((closeCode, reason) -> code.set(closeCode));
            topic.join(stuck);
            Pair other = server.socket();
            topic.join(other.socket());
            sendPast(topic, other);
            await().untilAtomic(code, org.hamcrest.Matchers.is(1013));
            assertThat(counts.closed).hasValue(1);
            await().until(() -> topic.members() == 1);
        }

        @ParameterizedTest
        @EnumSource(names = {"DROP_OLDEST", "DROP_NEWEST"})
        void losesMessagesAndStays(SlowReceivers policy) throws Exception {
            topics = hub(TopicOptions.DEFAULT.withSlowReceivers(policy).withMaxQueued(100_000));
            Topic topic = topics.topic("news");
            WebSocket stuck = server.stuck();
            topic.join(stuck);
            Pair other = server.socket();
            topic.join(other.socket());
            sendPast(topic, other);
            assertThat(counts.dropped.get()).isBetween(COUNT / 2, COUNT - 9);
            assertThat(stuck.state()).isEqualTo(ReadyState.OPEN);
            assertThat(stuck.bufferedAmount()).isLessThan(2 << 20);
            assertThat(topic.members()).isEqualTo(2);
        }
    }

    @Nested
    class WhatWaits {

        private final String text = "x".repeat(10_000);

        private Topic with(MemoryBudget budget) {
            topics = new TopicHub(
                    memory, name -> TopicOptions.DEFAULT.withMaxQueued(100_000_000), 3, executor, counts, budget);
            return topics.topic("news");
        }

        private void send(int count, Topic topic, Pair reader) throws Exception {
            for (int i = 0; i < count; i++) {
                topic.send(i + " " + text);
                assertThat(reader.client().next()).startsWith(i + " ");
            }
        }

        @Test
        void countsOnceHoweverManyItWaitsFor() throws Exception {
            MemoryBudget budget = MemoryBudget.of(1 << 30);
            Topic topic = with(budget);
            List<WebSocket> stuck = List.of(server.stuck(), server.stuck(), server.stuck());
            stuck.forEach(topic::join);
            Pair reader = server.socket();
            topic.join(reader.socket());
            send(2000, topic, reader);
            assertThat(budget.used()).isBetween(8_000_000L, 20_020_000L);
            topic.leave(stuck.get(0));
            stuck.get(1).terminate();
            assertThat(budget.used()).isBetween(8_000_000L, 20_020_000L);
            stuck.get(2).terminate();
            await().until(() -> budget.used() == 0);
        }

        @Test
        void isForgottenWithTheTopics() throws Exception {
            MemoryBudget budget = MemoryBudget.of(1 << 30);
            Topic topic = with(budget);
            topic.join(server.stuck());
            Pair reader = server.socket();
            topic.join(reader.socket());
            send(2000, topic, reader);
            assertThat(budget.used()).isPositive();
            topics.close();
            await().until(() -> budget.used() == 0);
        }

        @Test
        void isNotKeptForWhoeverHoldsMostOfTheMemory() throws Exception {
            MemoryBudget budget = MemoryBudget.of(1_000_000);
            Topic topic = with(budget);
            WebSocket stuck = server.stuck();
            List<String> closed = new CopyOnWriteArrayList<>();
            stuck.onClose((code, reason) -> closed.add(code + " " + reason));
            topic.join(stuck);
            Pair reader = server.socket();
            topic.join(reader.socket());
            send(2000, topic, reader);
            await().untilAsserted(() -> assertThat(closed).containsExactly("1013 No memory to spare for what waits"));
            assertThat(counts.closed).hasValue(1);
            await().until(() -> topic.members() == 1);
            await().until(() -> budget.used() == 0);
        }
    }

    @Nested
    class WithAnExecutorThatWaits {

        private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

        private void run() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }

        @Test
        void messagesAreRefusedWhenTooMuchWaits() throws Exception {
            topics = new TopicHub(memory, name -> TopicOptions.DEFAULT, 3, tasks::add, counts);
            Topic topic = topics.topic("news");
            Pair pair = server.socket();
            topic.join(pair.socket());
            int taken = 0;
            while (topic.send(taken + "x".repeat(100_000))) {
                taken++;
                assertThat(taken).isLessThan(1000);
            }
            assertThat(taken).isGreaterThan(50);
            assertThat(counts.refused).hasValue(1);
            assertThat(topic.where(member -> true).send("no")).isFalse();
            assertThat(topics.topic("other").send("yes")).isTrue();
            run();
            assertThat(topic.send("again")).isTrue();
        }

        @Test
        void whatComesFromElsewhereIsDroppedWhenFarTooMuchWaitsAndReadLater() throws Exception {
            History all = new History(10_000, 100_000_000, Duration.ofMinutes(5));
            topics = new TopicHub(
                    memory, name -> new TopicOptions(all, SlowReceivers.CLOSE, 100_000_000), 3, tasks::add, counts);
            Topic topic = topics.topic("news");
            Pair pair = server.socket();
            topic.join(pair.socket(), "");
            topic.send("first");
            run();
            assertThat(pair.client().next()).endsWith("-0\"}");
            assertThat(pair.client().next()).contains("first");
            String text = "x".repeat(100_000);
            for (int i = 0; i < 300; i++) {
                memory.append("news", new TopicMessage(null, "", Message.text(i + text), ""), all);
            }
            assertThat(counts.dropped.get()).isPositive();
            Future<?> running = executor.submit(() -> {
                while (!Thread.interrupted()) {
                    run();
                    Thread.onSpinWait();
                }
            });
            for (int i = 0; i < 300; i++) {
                assertThat(pair.client().next()).contains("\"data\":\"" + i + "x");
            }
            running.cancel(true);
        }
    }
}
