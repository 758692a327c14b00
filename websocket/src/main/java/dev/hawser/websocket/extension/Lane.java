package dev.hawser.websocket.extension;

import dev.hawser.websocket.extension.Extension.Result;
import dev.hawser.websocket.extension.Extension.Session;
import dev.hawser.websocket.extension.ExtensionException.Kind;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Objects;
import java.util.function.LongPredicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a {@link Pipeline}: a message goes through all stages before the next may enter. Not thread-safe, but
 * results may come on any thread.
 */
public final class Lane {

    /** What a lane calls of each session. */
    interface Direction {

        void process(Session session, ExtensionMessage message, Result result);
    }

    /** Hears of messages that have come through. */
    interface Listener {

        /** @throws ExtensionException if what came out will not do */
        void passed(ExtensionMessage before, ExtensionMessage after);
    }

    private final List<Pipeline.Stage> stages;
    private final Direction direction;
    private final Listener listener;
    private final ToLongFunction<Session> held;
    private Runnable progress = () -> {};
    private LongPredicate growth = bytes -> true;
    /** What the sessions held last. */
    private long known;

    // The message that is being worked on.
    private @Nullable ExtensionMessage entered;
    private int next;
    private @Nullable Step pending;
    /** Set by whoever ends the connection. */
    private volatile boolean abandoned;

    /**
     * A lane without a message.
     *
     * @param stages in the order of this direction
     * @param held how much memory a session holds for this direction
     */
    Lane(List<Pipeline.Stage> stages, Direction direction, ToLongFunction<Session> held, Listener listener) {
        this.stages = stages;
        this.held = held;
        this.direction = direction;
        this.listener = listener;
    }

    void onProgress(Runnable progress) {
        this.progress = progress;
    }

    /** @param growth asked before a message grows beyond what came; see {@link Result#allows} */
    public void onGrowth(LongPredicate growth) {
        if (!stages.isEmpty()) { // one without extensions is shared
            this.growth = growth;
        }
    }

    /** How many bytes the sessions hold between messages, or have held before the one that they are at work on. */
    public long held() {
        if (!stages.isEmpty() && !isWaiting()) { // one without extensions is shared
            long sum = 0;
            for (Pipeline.Stage stage : stages) {
                sum += held.applyAsLong(stage.session());
            }
            known = sum;
        }
        return known;
    }

    /** Whether a message is being worked on that somebody waits for: then no other may enter. */
    public boolean isBusy() {
        return pending != null && !abandoned;
    }

    /** Nobody waits for messages any more, nor is a session to see them. */
    public void abandon() {
        if (!stages.isEmpty()) { // one without extensions is shared
            abandoned = true;
        }
    }

    /** Whether a session that took its time has done its work, so that {@link #proceed} has something to do. */
    public boolean isReady() {
        Step step = pending;
        return step != null && step.isDone();
    }

    /** Whether a session is at work at this very moment, as far as one can know. */
    boolean isWaiting() {
        Step step = pending;
        return step != null && !step.isDone();
    }

    /**
     * Sends a message through all stages.
     *
     * @return what has become of it; null if that takes time: ask {@link #proceed} then; null, too, if nobody waits for it
     * @throws ExtensionException if nothing can be made of it
     */
    public @Nullable ExtensionMessage process(ExtensionMessage message) {
        if (abandoned) {
            return null;
        }
        if (pending != null) {
            throw new IllegalStateException("A message must not enter before the last one has left");
        }
        entered = message;
        next = 0;
        return goOn(message);
    }

    /**
     * Goes on with the message that is being worked on.
     *
     * @return as {@link #process}; null also when there is none
     * @throws ExtensionException if nothing can be made of it
     */
    public @Nullable ExtensionMessage proceed() {
        Step step = pending;
        if (step == null || !step.isDone()) {
            return null;
        }
        pending = null;
        return abandoned ? null : goOn(step.result());
    }

    private @Nullable ExtensionMessage goOn(ExtensionMessage message) {
        ExtensionMessage current = message;
        while (next < stages.size()) {
            Pipeline.Stage stage = stages.get(next++);
            Step step = new Step(progress, growth);
            step.run(stage, direction, current);
            if (!step.isDone()) {
                pending = step;
                return null;
            }
            current = step.result();
        }
        tell(Objects.requireNonNull(entered), current);
        entered = null;
        return current;
    }

    /** The message may be part of what the peer is to refer to later: it must not get lost because somebody throws. */
    private void tell(ExtensionMessage before, ExtensionMessage after) {
        try {
            listener.passed(before, after);
        } catch (ExtensionException broken) {
            throw broken;
        } catch (RuntimeException thrown) {
            throw new ExtensionException(Kind.BROKEN, "Observer of extensions failed", thrown);
        }
    }

    /** What one session makes of one message. */
    private static final class Step implements Result {

        /** Sets {@link #result} once, whoever is first. */
        private static final VarHandle RESULT;

        static {
            try {
                RESULT = MethodHandles.lookup().findVarHandle(Step.class, "result", Object.class);
            } catch (ReflectiveOperationException impossible) {
                throw new ExceptionInInitializerError(impossible);
            }
        }

        private final Runnable progress;
        private final LongPredicate growth;
        private final Thread caller = Thread.currentThread();
        /** Whether the session is being called. Of interest to the caller's thread only. */
        private boolean calling;
        /** The message, or what went wrong; null until then. */
        private volatile @Nullable Object result;

        Step(Runnable progress, LongPredicate growth) {
            this.progress = progress;
            this.growth = growth;
        }

        void run(Pipeline.Stage stage, Direction direction, ExtensionMessage message) {
            calling = true;
            try {
                direction.process(stage.session(), message, this);
            } catch (ExtensionException failure) {
                set(failure);
            } catch (Throwable broken) { // no memory, for instance: this connection ends, the thread goes on
                set(new ExtensionException(
                        Kind.BROKEN, "Extension " + stage.agreed().name() + " failed", broken));
            } finally {
                calling = false;
            }
        }

        @Override
        public boolean allows(long bytes) {
            return growth.test(bytes);
        }

        @Override
        @SuppressWarnings("ConstantValue") // not all extensions are ours
        public void done(ExtensionMessage message) {
            set(message == null ? new ExtensionException(Kind.BROKEN, "Expected a message but was null") : message);
        }

        @Override
        public void failed(ExtensionException failure) {
            set(failure);
        }

        private void set(Object value) {
            if (RESULT.compareAndSet(this, null, value) && (!calling || Thread.currentThread() != caller)) {
                progress.run();
            }
        }

        boolean isDone() {
            return result != null;
        }

        ExtensionMessage result() {
            Object value = result;
            if (value instanceof ExtensionException failure) {
                throw failure;
            }
            return (ExtensionMessage) Objects.requireNonNull(value);
        }
    }
}
