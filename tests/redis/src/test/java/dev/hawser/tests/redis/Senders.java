package dev.hawser.tests.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.topic.History;
import dev.hawser.topic.TopicMessage;
import dev.hawser.topic.TopicStore;
import dev.hawser.websocket.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** Threads that append numbered messages to one topic, over one store or another, until they are stopped. */
final class Senders {

    static final String TOPIC = "numbers";

    static final History KEPT = new History(1_000_000, 100_000_000, Duration.ofMinutes(5));

    private final AtomicIntegerArray sent;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    /** One thread for each of these stores. */
    Senders(TopicStore... stores) {
        sent = new AtomicIntegerArray(stores.length);
        for (int i = 0; i < stores.length; i++) {
            int sender = i;
            Thread thread = new Thread(() -> run(sender, stores[sender]), "sender-" + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    static TopicMessage message(String text) {
        return new TopicMessage(null, "", Message.text(text), "");
    }

    private void run(int sender, TopicStore store) {
        while (!stopped) {
            if (store.append(TOPIC, message(sender + "/" + sent.get(sender)), KEPT)) {
                sent.incrementAndGet(sender);
            }
            LockSupport.parkNanos(200_000); // some 2,000 a second, so that what waits has room
        }
    }

    int sent() {
        return IntStream.range(0, sent.length()).map(sent::get).sum();
    }

    /** Stops them, and gives how many messages were taken. */
    int stop() {
        stopped = true;
        CompletableFuture.runAsync(() -> threads.forEach(Senders::join)).join();
        return sent();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** That these are all messages that were taken, each once, and those of each thread in their order. */
    void assertAll(List<TopicMessage> messages) {
        assertThat(messages).extracting(TopicMessage::id).isSorted().doesNotHaveDuplicates();
        List<String> texts =
                messages.stream().map(message -> message.content().text()).toList();
        for (int sender = 0; sender < sent.length(); sender++) {
            String prefix = sender + "/";
            assertThat(texts.stream().filter(text -> text.startsWith(prefix)))
                    .containsExactlyElementsOf(IntStream.range(0, sent.get(sender))
                            .mapToObj(number -> prefix + number)
                            .toList());
        }
    }
}
