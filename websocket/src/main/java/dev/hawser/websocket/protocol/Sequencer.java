package dev.hawser.websocket.protocol;

import dev.hawser.websocket.extension.ExtensionException;
import dev.hawser.websocket.extension.ExtensionMessage;
import dev.hawser.websocket.extension.Lane;
import dev.hawser.websocket.extension.Pipeline;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what is sent in order while extensions are at work on a message. Their work is handed out as a task, which one thread
 * may do while others send: it touches nothing else here but where its result is left.
 */
final class Sequencer {

    private record Command(int length, Runnable action) {}

    /** A message that an extension is at work on, and who writes what becomes of it. */
    private record Current(Outgoing message, Consumer<ExtensionMessage> writer) {}

    private final Pipeline pipeline;
    private final Lane lane;
    private final Queue<Command> waiting = new ArrayDeque<>(0);
    private long waitingLength;
    private @Nullable Current current;
    /** Whether the current message has entered the lane. */
    private boolean entered;

    /** Whether a thread has the extensions work; the lane is its own then. */
    private boolean working;
    // What it brings.
    private @Nullable ExtensionMessage done;
    private @Nullable ExtensionException failure;

    Sequencer(Pipeline pipeline) {
        this.pipeline = pipeline;
        this.lane = pipeline.outgoing();
    }

    /** Whether something waits for an extension. */
    boolean isBusy() {
        return current != null;
    }

    /** Whether a thread has the extensions work. */
    boolean isWorking() {
        return working;
    }

    /** How many bytes wait. */
    long held() {
        Current now = current;
        return now == null ? 0 : waitingLength + now.message().length();
    }

    /** Has a message written, in its turn, after the extensions have worked on it; see {@link #work}. */
    void message(Outgoing message, Consumer<ExtensionMessage> writer) {
        inOrder(message.length(), () -> begin(message, writer));
    }

    /** Does this when all that came before is written: at once, or after extensions have done their work. */
    void inOrder(int length, Runnable action) {
        if (isBusy()) {
            waiting.add(new Command(length, action));
            waitingLength += length;
        } else {
            action.run();
        }
    }

    private void begin(Outgoing message, Consumer<ExtensionMessage> writer) {
        ExtensionMessage known = message.processed(pipeline.profile());
        if (known != null) {
            pipeline.reused(message.plain(), known);
            writer.accept(known);
        } else {
            current = new Current(message, writer);
            entered = false;
        }
    }

    /** What the extensions have to do now: to be run, with {@link #proceed} after it. Null if they have nothing to do. */
    @Nullable
    Runnable work() {
        Current now = current;
        if (now == null || working || (entered && !lane.isReady())) {
            return null;
        }
        working = true;
        boolean first = !entered;
        entered = true;
        return () -> {
            try {
                done = first ? lane.process(now.message().plain()) : lane.proceed();
            } catch (ExtensionException broken) {
                failure = broken;
            }
        };
    }

    /**
     * Goes on with what the extensions have done.
     *
     * @throws ExtensionException if one is broken; nothing waits any more then
     */
    void proceed() {
        ExtensionMessage message = done;
        ExtensionException broken = failure;
        Current now = current;
        working = false;
        done = null;
        failure = null;
        if (now == null) {
            return; // nobody wants it any more
        }
        if (broken != null) {
            clear();
            throw broken;
        }
        if (message != null) {
            current = null;
            now.message().keep(pipeline.profile(), message);
            now.writer().accept(message);
        }
        while (!isBusy() && !waiting.isEmpty()) {
            Command next = waiting.remove();
            waitingLength -= next.length();
            next.action().run();
        }
    }

    /** Nothing is to be sent any more. */
    void clear() {
        current = null;
        waiting.clear();
        waitingLength = 0;
    }
}
