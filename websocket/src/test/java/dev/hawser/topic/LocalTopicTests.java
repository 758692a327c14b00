package dev.hawser.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.memory.MemoryBudget;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Topics with connections that a test has in its hand. */
class LocalTopicTests {

    private static final History KEPT = new History(100_000, Long.MAX_VALUE, Duration.ofHours(1));
    private static final TopicOptions OPTIONS = TopicOptions.DEFAULT.withHistory(KEPT);

    private final MemoryTopicStore memory = new MemoryTopicStore(Long.MAX_VALUE);
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** A socket that tells a test what it is sent. */
    private static final class Fake {

        private final List<Message> sent = new ArrayList<>();
        private Consumer<Message> onSent = sent::add;
        private final List<String> closed = new CopyOnWriteArrayList<>();
        private Runnable onClosed = () -> {};
        private volatile boolean takesMore = true;
        private @Nullable Runnable drained;

        private final WebSocket socket = (WebSocket) Proxy.newProxyInstance(
                WebSocket.class.getClassLoader(), new Class<?>[] {WebSocket.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "hashCode" -> {
                            return System.identityHashCode(this);
                        }
                        case "equals" -> {
                            return proxy == arguments[0];
                        }
                        case "send" -> {
                            if (arguments[0] instanceof List<?> messages) {
                                messages.forEach(message -> onSent.accept((Message) message));
                            } else {
                                onSent.accept((Message) arguments[0]);
                            }
                            return takesMore;
                        }
                        case "drop" -> {
                            onClosed.run();
                            closed.add((String) arguments[1]);
                        }
                        case "onDrain" -> drained = (Runnable) arguments[0];
                        default -> {}
                    }
                    return null;
                });

        List<String> texts() {
            return sent.stream().map(Message::text).toList();
        }
    }

    private void run() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private TopicHub hub(TopicStore store) {
        return new TopicHub(store, name -> OPTIONS, 3, tasks::add, TopicObserver.NONE);
    }

    private static final byte[] CONTENT = new byte[100_000];

    /** One that takes nothing, and for which five messages wait. */
    private Fake stuck(TopicHub hub, String name) {
        Fake fake = new Fake();
        hub.topic(name).join(fake.socket);
        fake.takesMore = false;
        for (int i = 0; i < 5; i++) {
            hub.topic(name).send(Message.binary(CONTENT), "");
        }
        run();
        assertThat(fake.sent).isEmpty();
        return fake;
    }

    private TopicHub hub(MemoryBudget budget) {
        return new TopicHub(memory, name -> TopicOptions.DEFAULT, 3, tasks::add, TopicObserver.NONE, budget);
    }

    @Test
    void whatWaitsCountsUntilItIsSent() {
        MemoryBudget budget = MemoryBudget.of(1_000_000);
        try (TopicHub hub = hub(budget)) {
            Fake fake = stuck(hub, "news");
            assertThat(budget.used()).isEqualTo(500_000 + 5 * 64);
            fake.takesMore = true;
            fake.drained.run();
            run();
            assertThat(fake.sent).hasSize(5);
            assertThat(budget.used()).isZero();
        }
    }

    @Test
    void whoeverHoldsMostIsClosedWhenOthersNeedTheMemory() {
        MemoryBudget budget = MemoryBudget.of(1_000_000);
        try (TopicHub hub = hub(budget)) {
            Fake greedy = stuck(hub, "news");
            assertThat(budget.open(() -> {}).outgoing(300_000)).isTrue();
            assertThat(budget.open(() -> {}).outgoing(300_000)).isTrue();
            assertThat(greedy.closed).isEmpty();
            await().until(() -> !tasks.isEmpty());
            run();
            assertThat(greedy.closed).containsExactly("No memory to spare for what waits");
            assertThat(budget.used()).isEqualTo(600_000);
        }
    }

    /** Who needs the memory may hold the lock of a connection. */
    @Test
    void nobodyIsClosedByWhoeverNeedsTheMemory() {
        MemoryBudget budget = MemoryBudget.of(1_000_000);
        try (TopicHub hub =
                new TopicHub(memory, name -> TopicOptions.DEFAULT, 3, Runnable::run, TopicObserver.NONE, budget)) {
            Fake greedy = stuck(hub, "news");
            ReentrantLock lock = new ReentrantLock();
            greedy.onClosed = () -> {
                lock.lock();
                lock.unlock();
            };
            lock.lock();
            budget.open(() -> {}).outgoing(450_000);
            budget.open(() -> {}).outgoing(450_000);
            assertThat(greedy.closed).isEmpty();
            lock.unlock();
            await().until(() -> !greedy.closed.isEmpty());
        }
    }

    @Test
    void whatIsDroppedIsReadBeforeWhatComesAfterIt() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(2);
        AtomicInteger dropped = new AtomicInteger();
        TopicObserver observer = new TopicObserver() {
            @Override
            public void dropped(int count) {
                dropped.addAndGet(count);
            }
        };
        try (TopicHub hub = new TopicHub(memory, name -> OPTIONS, 3, executor, observer)) {
            Fake fake = new Fake();
            AtomicInteger received = new AtomicInteger();
            List<String> wrong = new CopyOnWriteArrayList<>();
            fake.onSent = message -> {
                int expected = received.getAndIncrement();
                if (message.length() != 1_000_000 + expected % 50) {
                    wrong.add(expected + " is " + message);
                }
                long until = System.nanoTime() + 5_000; // slower than they come
                while (System.nanoTime() < until) {
                    Thread.onSpinWait();
                }
            };
            hub.topic("news").join(fake.socket);
            List<Message> messages = IntStream.range(0, 50)
                    .mapToObj(i -> Message.binary(new byte[1_000_000 + i]))
                    .toList();
            for (int i = 0; i < 50_000; i++) { // as another node would, which does not know what waits here
                memory.append("news", new TopicMessage(null, "", messages.get(i % 50), ""), KEPT);
            }
            await().until(() -> !wrong.isEmpty() || received.get() >= 50_000);
            assertThat(wrong).isEmpty();
            assertThat(dropped).hasPositiveValue();
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void aStoreThatThrowsIsAsOneThatFails() {
        TopicStore broken = new TopicStore() {
            @Override
            public void open(Listener listener) {}

            @Override
            public boolean append(String topic, TopicMessage message, History history) {
                return true;
            }

            @Override
            public CompletionStage<Page> read(String topic, @Nullable TopicId after, int count) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void close() {}
        };
        try (TopicHub hub = hub(broken)) {
            Fake fake = new Fake();
            assertThatNoException().isThrownBy(() -> hub.topic("news").join(fake.socket, ""));
            run();
            assertThat(fake.closed).containsExactly("Cannot read what was missed");
        }
    }

    @Test
    void whoLeavesBeforeItIsAddedIsNotKept() {
        try (TopicHub hub = hub(memory)) {
            LocalTopic topic = new LocalTopic("news", OPTIONS, hub);
            Membership member = new Membership(topic, new SocketPeer(new Fake().socket), "", false);
            member.leave();
            topic.remove(member);
            topic.add(member, false);
            List<Membership> members = new ArrayList<>();
            topic.forEach(members::add);
            assertThat(members).isEmpty();
        }
    }

    @Test
    void theIdsOfAStreamTellNothingOfATopicThatItHasLeft() {
        EventSource events = (EventSource) Proxy.newProxyInstance(
                EventSource.class.getClassLoader(),
                new Class<?>[] {EventSource.class},
                (proxy, method, arguments) -> method.getName().equals("send") ? true : "");
        try (TopicHub hub = hub(memory)) {
            EventPeer peer = new EventPeer(events);
            Membership member = new Membership(new LocalTopic("news", OPTIONS, hub), peer, "none", false);
            TopicId id = new TopicId(1, 1);
            peer.position(id, member, false);
            assertThat(peer.positions()).hasToString(member.tag().of(id));
            member.leave(); // while the topic's thread is about to send
            peer.send(new Batch(List.of(new TopicMessage(id, "", Message.text("x"), ""))), member);
            peer.position(id, member, false);
            assertThat(peer.positions()).hasToString("");
        }
    }

    @Test
    void oneThatIsRefusedAThreadIsToldLater() {
        AtomicInteger refusals = new AtomicInteger(1);
        try (TopicHub hub = new TopicHub(
                memory,
                name -> TopicOptions.DEFAULT,
                3,
                task -> {
                    if (refusals.getAndDecrement() > 0) {
                        throw new RejectedExecutionException("on purpose");
                    }
                    tasks.add(task);
                },
                TopicObserver.NONE)) {
            Fake fake = new Fake();
            hub.topic("news").join(fake.socket);
            hub.topic("news").send("a");
            refusals.set(1);
            run();
            hub.topic("news").send("b");
            hub.topic("news").send("c");
            run();
            assertThat(fake.texts()).containsExactly("a", "b", "c");
        }
    }

    @Test
    void optionsMayAskForTopicsThemselves() {
        Fake fake = new Fake();
        AtomicReference<TopicHub> known = new AtomicReference<>();
        AtomicInteger asked = new AtomicInteger();
        try (TopicHub hub = new TopicHub(
                memory,
                name -> {
                    if (asked.getAndIncrement() == 0) {
                        known.get().topic(name).join(fake.socket);
                    }
                    return TopicOptions.DEFAULT;
                },
                3,
                tasks::add,
                TopicObserver.NONE)) {
            known.set(hub);
            hub.topic("news").join(new Fake().socket);
            assertThat(hub.members()).isEqualTo(2);
        }
    }

    @Test
    void whoReadsLateDoesNotGetItsOwn() {
        try (TopicHub hub = hub(memory)) {
            Topic topic = hub.topic("news");
            for (int i = 0; i < 300; i++) {
                topic.send("before");
            }
            Fake late = new Fake();
            late.takesMore = false;
            topic.join(late.socket, Topic.BEGINNING);
            run();
            topic.except(late.socket).send("own");
            topic.send("other");
            late.takesMore = true;
            for (int i = 0; i < 10 && late.drained != null; i++) {
                late.drained.run();
                run();
            }
            assertThat(late.texts()).hasSize(301).noneMatch(text -> text.contains("own"));
            assertThat(late.texts().get(300)).contains("other");
        }
    }
}
