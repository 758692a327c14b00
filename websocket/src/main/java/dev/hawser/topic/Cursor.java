package dev.hawser.topic;

import dev.hawser.topic.TopicStore.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Follows the messages of a topic from a position: first what is kept, page by page, then what comes, each once and in order.
 * Used by the thread of the topic only.
 */
final class Cursor {

    /** So many messages are read at once. */
    static final int PAGE = 256;

    /** So many that come while a page is read are held; beyond, they are read, too. */
    private static final int MOST_HELD = 1024;

    /** Where they go. */
    interface Target {

        /** Messages to pass on, which were read or have just come. */
        void deliver(Batch batch, boolean read);

        /** Some after the last that was passed on are kept no more; those after {@code position} follow. */
        void reset(TopicId position);

        /** All that was read is passed on; the next will have a greater number. */
        void caughtUp(TopicId position);

        /** Whether more is to be read; if not, {@link Cursor#resume} follows. */
        boolean isReady();

        /** It could not be read; it is tried again when the next comes, or {@link Cursor#recover} says so. */
        void failed(Throwable cause);
    }

    private final LocalTopic topic;
    private final Target target;
    /** Of the last message that was passed on or skipped; null where none has a number. */
    private @Nullable TopicId last;
    /** What has come while something is to be read; null otherwise. */
    private @Nullable List<TopicMessage> held;

    private long heldBytes;
    /** Whether more is to be read than was asked for, since some of what has come is not held. */
    private boolean overflowed;

    private boolean paused;
    private boolean failed;

    Cursor(LocalTopic topic, Target target) {
        this.topic = topic;
        this.target = target;
    }

    /** From now on holds what comes, until what was read before it is here: {@link #start} follows. */
    void hold() {
        held = new ArrayList<>();
        heldBytes = 0;
    }

    /** Whether it knows from where on something may be missed. */
    boolean hasPosition() {
        return last != null;
    }

    /** Starts with what is read from a position, or with the head; it was asked for after {@link #hold}. */
    void start(CompletionStage<Page> first, @Nullable TopicId from) {
        last = from;
        await(first);
    }

    /** Reads what was missed, if it is known from where on. */
    void recover() {
        if (held != null && !failed) {
            overflow(); // what is being read was asked for before
        } else if (last != null) {
            readOn();
        }
    }

    /** The messages up to a position have not come, and are kept no more. */
    void skipped(TopicId position) {
        if (held != null) {
            recover(); // and finds out then
        } else if (last == null || position.compareTo(last) > 0) {
            last = position;
            target.reset(position);
        }
    }

    /** Messages have come. */
    void received(Batch batch) {
        if (failed) {
            readOn();
        } else if (held == null) {
            Batch news = batch.where(this::isNews);
            if (!news.isEmpty()) {
                passOn(news, false);
            }
        } else {
            hold(held, batch);
        }
    }

    private void hold(List<TopicMessage> into, Batch batch) {
        for (TopicMessage message : batch.messages()) {
            if (isFull(into)) {
                overflow();
            }
            boolean lost = message.id() == null && isFull(into);
            if (lost) {
                topic.observer().dropped(1);
            } else if (message.id() == null || !overflowed) {
                into.add(message);
                heldBytes += message.length();
            }
        }
    }

    private boolean isFull(List<TopicMessage> messages) {
        return messages.size() >= MOST_HELD || heldBytes > topic.options().maxQueued();
    }

    /** What has come will be read, but for what has no number. */
    private void overflow() {
        overflowed = true;
        forgetHeld();
    }

    private void forgetHeld() {
        List<TopicMessage> kept = held == null ? new ArrayList<>() : held;
        kept.removeIf(message -> message.id() != null);
        heldBytes = kept.stream().mapToLong(TopicMessage::length).sum();
        held = kept;
    }

    private boolean isNews(TopicMessage message) {
        return last == null || message.id() == null || message.id().compareTo(last) > 0;
    }

    private void passOn(Batch batch, boolean read) {
        TopicId id = batch.messages().get(batch.size() - 1).id();
        if (id != null) {
            last = id;
        }
        target.deliver(batch, read);
    }

    /** The target takes more. */
    void resume() {
        if (paused) {
            paused = false;
            readOn();
        }
    }

    private void readOn() {
        failed = false;
        overflowed = false;
        forgetHeld();
        await(topic.read(last));
    }

    private void await(CompletionStage<Page> page) {
        page.whenComplete((read, cause) -> topic.execute(() -> {
            if (read == null) {
                fail(cause);
                return;
            }
            try {
                read(read);
            } catch (RuntimeException | Error broken) {
                fail(broken); // otherwise it would wait for good
                throw broken;
            }
        }));
    }

    private void fail(Throwable cause) {
        failed = true;
        target.failed(cause);
    }

    private void read(Page page) {
        if (!page.complete()) {
            last = before(page);
            target.reset(last);
        }
        boolean all = true;
        for (Batch batch : Batch.split(page.messages())) {
            all &= target.isReady();
            if (all) {
                passOn(batch, true);
            }
        }
        if (all && !page.more()) {
            last = page.head();
        }
        if (!target.isReady()) {
            paused = true;
            overflow(); // what comes until then is read, as is the rest of this
        } else if (page.more() || overflowed) {
            readOn();
        } else {
            target.caughtUp(page.head());
            List<TopicMessage> come = held == null ? List.of() : held;
            held = null;
            Batch.split(come).forEach(this::received);
        }
    }

    /** The position from which this page would be complete. */
    private static TopicId before(Page page) {
        TopicId first =
                page.messages().isEmpty() ? null : page.messages().get(0).id();
        return first == null ? page.head() : new TopicId(first.epoch(), first.sequence() - 1);
    }
}
