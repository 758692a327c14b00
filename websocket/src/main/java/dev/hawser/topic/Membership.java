package dev.hawser.topic;

import dev.hawser.topic.TopicStore.Page;
import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.memory.MemoryBudget;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A connection in one topic, and what waits for it. Used by the thread of the topic only, but for {@link #leave}. */
final class Membership implements Cursor.Target {

    /** What a message that waits takes for each member, about. */
    private static final int OVERHEAD = 64;

    private final LocalTopic topic;
    private final Peer peer;
    private final String sender;
    private final boolean showsIds;
    private final Cursor cursor;

    /** What the connection does not take for now. */
    private final ArrayDeque<TopicMessage> waiting = new ArrayDeque<>(0);

    private long waitingBytes;
    /** What waits, as the process counts it; null before something does. */
    private MemoryBudget.@Nullable Share memory;

    /** Whether the connection has asked to wait. */
    private boolean stalled;
    /** Whether it was sent something since it joined. */
    private boolean told;

    private volatile boolean left;

    /**
     * @param sender of messages that it is not to get
     * @param showsIds whether a WebSocket wants to know them
     */
    Membership(LocalTopic topic, Peer peer, String sender, boolean showsIds) {
        this.topic = topic;
        this.peer = peer;
        this.sender = sender;
        this.showsIds = showsIds;
        this.cursor = new Cursor(topic, this);
    }

    LocalTopic topic() {
        return topic;
    }

    Positions.Tag tag() {
        return topic.tag();
    }

    Peer peer() {
        return peer;
    }

    boolean showsIds() {
        return showsIds;
    }

    /** Nothing more is to be sent. From any thread. */
    void leave() {
        left = true;
        peer.left(tag());
    }

    boolean hasLeft() {
        return left;
    }

    void hold() {
        cursor.hold();
    }

    /** The messages up to this position have not come, and are kept no more. */
    void skipped(TopicId position) {
        cursor.skipped(position);
    }

    /** Some may have been missed. */
    void recover() {
        cursor.recover();
    }

    void start(CompletionStage<Page> page, @Nullable TopicId from) {
        cursor.start(page, from);
    }

    /** Messages have come. */
    void received(Batch batch) {
        cursor.received(batch);
    }

    /** The connection takes messages again. */
    void drained() {
        stalled = false;
        List<TopicMessage> all = List.copyOf(waiting);
        for (Batch batch : Batch.split(all)) {
            if (isReady()) {
                batch.messages().forEach(message -> pollWaiting());
                transmit(batch);
            }
        }
        if (isReady()) {
            cursor.resume();
        }
    }

    @Override
    public void deliver(Batch all, boolean read) {
        Batch batch = all.hasSenders() ? all.where(message -> !message.sender().equals(sender)) : all;
        if (batch.isEmpty()) {
            return;
        }
        if (read) {
            if (!left) {
                topic.observer().replayed(batch.size());
            }
            transmit(batch);
        } else if (waiting.isEmpty() && isReady()) {
            transmit(batch);
        } else {
            batch.messages().forEach(this::enqueue);
        }
    }

    private void transmit(Batch batch) {
        if (left) {
            return;
        }
        told = true;
        stalled = !peer.send(batch, this);
        topic.observer().delivered(batch.size());
    }

    private void enqueue(TopicMessage message) {
        TopicOptions options = topic.options();
        long size = message.length() + OVERHEAD;
        if (waitingBytes + size > options.maxQueued()) {
            switch (options.slowReceivers()) {
                case CLOSE -> {
                    close("Reads too slowly", CloseCause.SLOW_CONSUMER);
                    return;
                }
                case DROP_OLDEST -> {
                    while (!waiting.isEmpty() && waitingBytes + size > options.maxQueued()) {
                        pollWaiting();
                        topic.observer().dropped(1);
                    }
                }
                case DROP_NEWEST -> {
                    topic.observer().dropped(1);
                    return;
                }
            }
        }
        if (!left) {
            waiting.add(message);
            waitingBytes += size;
            memory().hold(message.content().unwrap());
            memory().outgoing((long) OVERHEAD * waiting.size());
        }
    }

    private MemoryBudget.Share memory() {
        MemoryBudget.Share known = memory;
        if (known == null) {
            known = topic.memory().open(this::giveUpMemoryLater);
            memory = known;
        }
        return known;
    }

    /** On any thread, under any lock; what executes for the topic may be this very thread. */
    private void giveUpMemoryLater() {
        CompletableFuture.runAsync(() -> topic.execute(this::giveUpMemory));
    }

    private void giveUpMemory() {
        close("No memory to spare for what waits", CloseCause.LIMIT);
    }

    /** Nothing waits any more. */
    void forget() {
        waiting.clear();
        waitingBytes = 0;
        if (memory != null) {
            memory.close();
            memory = null;
        }
    }

    private TopicMessage pollWaiting() {
        TopicMessage next = waiting.remove();
        waitingBytes -= next.length() + OVERHEAD;
        memory().letGo();
        memory().outgoing((long) OVERHEAD * waiting.size());
        return next;
    }

    private void close(String reason, CloseCause cause) {
        if (!left) {
            left = true; // its connection will say so, too
            forget();
            topic.observer().closed();
            peer.close(reason, cause);
        }
    }

    @Override
    public void reset(TopicId position) {
        if (showsIds || peer.eventSource().isPresent()) {
            topic.observer().reset();
            deliver(new Batch(List.of(new TopicMessage(position, Topic.RESET, Message.text(topic.name()), ""))), false);
        }
    }

    @Override
    public void caughtUp(TopicId position) {
        if (!left) {
            peer.position(position, this, !told);
        }
    }

    /** Others send on this connection, too: it is asked, and says when it takes more. */
    @Override
    public boolean isReady() {
        stalled = stalled || !peer.takesMore();
        return !stalled && !left;
    }

    @Override
    public void failed(Throwable cause) {
        close("Cannot read what was missed", CloseCause.FAILURE);
    }
}
