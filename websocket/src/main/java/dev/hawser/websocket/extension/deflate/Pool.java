package dev.hawser.websocket.extension.deflate;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Things that are expensive to make, for connections that need one for as long as a message takes. Thread-safe: it is the
 * one thing here that connections share. Those that come back when it has enough are ended.
 */
final class Pool<T> {

    private final Supplier<T> maker;
    private final Consumer<T> end;
    private final int most;
    private final ConcurrentLinkedDeque<T> idle = new ConcurrentLinkedDeque<>();
    /** How many are idle, or are about to be. */
    private final AtomicInteger count = new AtomicInteger();

    /** One that keeps as many as there are processors: more are seldom at work at once. */
    Pool(Supplier<T> maker, Consumer<T> end) {
        this(Runtime.getRuntime().availableProcessors(), maker, end);
    }

    /** @param most so many wait to be taken */
    Pool(int most, Supplier<T> maker, Consumer<T> end) {
        this.most = most;
        this.maker = maker;
        this.end = end;
    }

    /** One for the caller alone. */
    T take() {
        T one = idle.pollFirst();
        if (one == null) {
            return maker.get();
        }
        count.decrementAndGet();
        return one;
    }

    void giveBack(T one) {
        if (count.incrementAndGet() <= most) {
            idle.addFirst(one); // the one last used is in the processor's cache
        } else {
            count.decrementAndGet();
            end.accept(one);
        }
    }

    /** How many wait to be taken. */
    int size() {
        return idle.size();
    }
}
