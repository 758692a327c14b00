package dev.hawser.topic;

import dev.hawser.topic.TopicStore.Page;
import dev.hawser.websocket.memory.MemoryBudget;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The members that a topic has on this node. One thread at a time works through what is to be done, in order: messages that have
 * come, members that join or leave, what they have read. Only that one touches the members.
 */
final class LocalTopic implements Cursor.Target {

    private static final Logger log = LoggerFactory.getLogger("dev.hawser.topic");

    /** So much is done before other topics get the thread. */
    private static final int TURN = 1024;

    /** So many bytes may wait for the thread before messages are refused, and twice as many before they are dropped. */
    private static final long MOST_WAITING = 8 * 1024 * 1024;

    /** What a message that waits takes besides its content, about. */
    private static final int OVERHEAD = 128;

    private final String name;
    private final Positions.Tag tag;
    private final TopicOptions options;
    private final TopicHub hub;

    /** Messages, and other things to do. */
    private final Queue<Object> todo = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean running = new AtomicBoolean();
    private final AtomicLong waiting = new AtomicLong();
    /** Whether messages were dropped, and are to be read when the thread comes to where they were. */
    private final AtomicBoolean dropped = new AtomicBoolean();

    private final Set<Membership> members = new LinkedHashSet<>();
    private final Cursor cursor = new Cursor(this, this);

    LocalTopic(String name, TopicOptions options, TopicHub hub) {
        this.name = name;
        this.tag = Positions.Tag.ofTopic(name);
        this.options = options;
        this.hub = hub;
    }

    String name() {
        return name;
    }

    Positions.Tag tag() {
        return tag;
    }

    TopicOptions options() {
        return options;
    }

    TopicObserver observer() {
        return hub.observer();
    }

    MemoryBudget memory() {
        return hub.memory();
    }

    CompletionStage<Page> read(@Nullable TopicId after) {
        try {
            return hub.store().read(name, after, Cursor.PAGE);
        } catch (RuntimeException broken) {
            return CompletableFuture.failedFuture(broken);
        }
    }

    // ---- From any thread.

    /** How many bytes wait for the thread, about. */
    long waiting() {
        return waiting.get();
    }

    /** Whether so much waits that nothing more is to be sent. */
    boolean isCongested() {
        return waiting.get() > MOST_WAITING;
    }

    /** A message has come. */
    void offer(TopicMessage message) {
        int size = message.length() + OVERHEAD;
        if (waiting.get() > 2 * MOST_WAITING) {
            observer().dropped(1);
            if (!dropped.getAndSet(true)) {
                todo.add((Runnable) this::readDropped); // in its place: what comes later must not be told before
            }
        } else {
            waiting.addAndGet(size);
            todo.add(message);
        }
        run();
    }

    /** Some may have been missed: they are read, where they are kept. */
    void recover() {
        execute(this::readMissed);
    }

    /** Has this done by the one thread, after what came before. */
    void execute(Runnable task) {
        todo.add(task);
        run();
    }

    private void run() {
        if (!running.getAndSet(true)) {
            try {
                hub.execute(this::work);
            } catch (RejectedExecutionException full) {
                running.set(false);
                log.warn("A topic gets no thread: what waits is told with what comes next", full);
            }
        }
    }

    // ---- By the one thread.

    private void work() {
        try {
            List<TopicMessage> messages = new ArrayList<>();
            Object next = todo.poll();
            for (int i = 1; next != null; i++) {
                if (next instanceof TopicMessage message) {
                    messages.add(message);
                    waiting.addAndGet(-message.length() - OVERHEAD);
                } else if (next instanceof Runnable task) {
                    received(messages);
                    messages = new ArrayList<>();
                    task.run();
                }
                next = i < TURN ? todo.poll() : null;
            }
            received(messages);
        } catch (RuntimeException | Error broken) {
            log.error("A topic could not be told of a message", broken);
        } finally {
            running.set(false);
            if (!todo.isEmpty()) {
                run();
            }
        }
    }

    private void received(List<TopicMessage> messages) {
        Batch.split(messages).forEach(cursor::received);
    }

    private void readDropped() {
        dropped.set(false);
        readMissed();
    }

    private void readMissed() {
        if (cursor.hasPosition()) {
            cursor.recover();
        } else {
            forEach(Membership::recover); // nothing has come since they have joined
        }
    }

    /** @param resumes whether it is to get what is read first */
    void add(Membership member, boolean resumes) {
        if (resumes) {
            member.hold();
        }
        if (!member.hasLeft()) { // while it joined; it was removed already
            members.add(member);
        }
    }

    void remove(Membership member) {
        members.remove(member);
        member.forget();
    }

    /** Does this with each member; one that fails is no reason to leave out the others. */
    void forEach(Consumer<Membership> action) {
        for (Membership member : List.copyOf(members)) {
            try {
                action.accept(member);
            } catch (RuntimeException | Error broken) {
                log.warn("A member of a topic failed", broken);
            }
        }
    }

    @Override
    public void deliver(Batch batch, boolean read) {
        forEach(member -> member.received(batch));
    }

    @Override
    public void reset(TopicId position) {
        forEach(member -> member.skipped(position));
    }

    @Override
    public void caughtUp(TopicId position) {
        // The members have their own.
    }

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public void failed(Throwable cause) {
        log.debug("What was missed of a topic could not be read", cause);
    }
}
