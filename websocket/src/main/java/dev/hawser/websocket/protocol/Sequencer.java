package dev.hawser.websocket.protocol;

import dev.hawser.websocket.extension.ExtensionException;
import dev.hawser.websocket.extension.ExtensionMessage;
import dev.hawser.websocket.extension.Lane;
import dev.hawser.websocket.extension.Pipeline;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keeps what is sent in order while an extension takes its time over a message. */
final class Sequencer {

    private record Command(int length, Runnable action) {}

    /** A message that an extension is at work on, and who writes what becomes of it. */
    private record Current(Outgoing message, Consumer<ExtensionMessage> writer) {}

    private final Pipeline pipeline;
    private final Lane lane;
    private final Queue<Command> waiting = new ArrayDeque<>(0);
    private long waitingLength;
    private @Nullable Current current;

    Sequencer(Pipeline pipeline) {
        this.pipeline = pipeline;
        this.lane = pipeline.outgoing();
    }

    /** Whether something waits for an extension. */
    boolean isBusy() {
        return current != null;
    }

    /** How many bytes wait. */
    long held() {
        Current now = current;
        return now == null ? 0 : waitingLength + now.message().length();
    }

    /**
     * Has the extensions work on a message, in its turn, and the result written.
     *
     * @throws ExtensionException if one is broken; nothing waits any more then
     */
    void message(Outgoing message, Consumer<ExtensionMessage> writer) {
        inOrder(message.length(), () -> process(message, writer));
    }

    /** Does this when all that came before is written: at once, or after an extension has done its work. */
    void inOrder(int length, Runnable action) {
        if (isBusy()) {
            waiting.add(new Command(length, action));
            waitingLength += length;
        } else {
            action.run();
        }
    }

    private void process(Outgoing message, Consumer<ExtensionMessage> writer) {
        ExtensionMessage known = message.processed(pipeline.profile());
        if (known != null) {
            pipeline.reused(message.plain(), known);
            writer.accept(known);
            return;
        }
        current = new Current(message, writer);
        try {
            finish(lane.process(message.plain()));
        } catch (ExtensionException broken) {
            clear();
            throw broken;
        }
    }

    /**
     * Goes on with what an extension has finished.
     *
     * @throws ExtensionException if one is broken; nothing waits any more then
     */
    void proceed() {
        try {
            finish(lane.proceed());
        } catch (ExtensionException broken) {
            clear();
            throw broken;
        }
        while (!isBusy() && !waiting.isEmpty()) {
            Command next = waiting.remove();
            waitingLength -= next.length();
            next.action().run();
        }
    }

    private void finish(@Nullable ExtensionMessage done) {
        Current now = current;
        if (done != null && now != null) {
            current = null;
            now.message().keep(pipeline.profile(), done);
            now.writer().accept(done);
        }
    }

    /** Nothing is to be sent any more. */
    void clear() {
        current = null;
        waiting.clear();
        waitingLength = 0;
    }
}
