package dev.hawser.websocket.stream;

import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.protocol.CloseCode;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Gives the messages of a socket to one subscriber, as many as it asks for. Reads one more than that, so that a close frame is
 * heard without being asked for; it keeps what has come until it is. Signals on the listeners' thread, or on that which requests.
 */
final class MessagePublisher implements Flow.Publisher<Message> {

    private static final Flow.Subscription NONE = new Flow.Subscription() {
        @Override
        public void request(long count) {
            // There is nothing.
        }

        @Override
        public void cancel() {
            // Nothing either.
        }
    };

    private final WebSocket socket;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final Queue<Message> messages = new ArrayDeque<>(0);
    private Flow.@Nullable Subscriber<? super Message> subscriber;
    private boolean subscribed;
    private long demand;
    private boolean paused;
    /** What to tell when all messages are told; null while more may come. */
    private @Nullable Runnable end;
    /** Whether some thread is telling the subscriber something: no other may then. */
    private boolean telling;

    MessagePublisher(WebSocket socket) {
        this.socket = socket;
        Part.listen(socket, this::arrived);
        socket.onClose((code, reason) -> {
            boolean complete = code == CloseCode.NORMAL || code == CloseCode.NO_STATUS;
            end(complete ? null : new WebSocketClosedException(code, reason), false);
        });
    }

    @Override
    public void subscribe(Flow.Subscriber<? super Message> next) {
        Objects.requireNonNull(next, "subscriber");
        boolean first;
        lock.lock();
        try {
            first = !subscribed;
            subscribed = true;
            if (first) {
                subscriber = next;
                telling = true;
            }
        } finally {
            lock.unlock();
        }
        if (!first) {
            next.onSubscribe(NONE);
            next.onError(
                    new IllegalStateException("Expected one subscriber to the messages of a socket but was a second"));
            return;
        }
        try {
            next.onSubscribe(new Demand());
        } catch (Throwable thrown) {
            cancel();
            throw thrown;
        } finally {
            stopTelling();
        }
        tell();
    }

    private final class Demand implements Flow.Subscription {

        @Override
        public void request(long count) {
            if (count <= 0) {
                end(
                        new IllegalArgumentException(
                                "Expected a demand of 1 or more but was " + count + " (Reactive Streams, rule 3.9)"),
                        true);
                return;
            }
            lock.lock();
            try {
                demand = demand + count < 0 ? Long.MAX_VALUE : demand + count;
                regulate();
            } finally {
                lock.unlock();
            }
            tell();
        }

        @Override
        public void cancel() {
            MessagePublisher.this.cancel();
        }
    }

    private void arrived(Part part) {
        if (part.framed()) {
            end(
                    new IllegalStateException(
                            "Expected whole messages but was a part: publisher() needs a socket that puts"
                                    + " fragments together; read others by nextMessage()"),
                    true);
            return;
        }
        lock.lock();
        try {
            if (subscribed && subscriber == null) {
                return; // cancelled, or ended
            }
            messages.add(Message.wrap(part.text(), part.data()));
            regulate();
        } finally {
            lock.unlock();
        }
        tell();
    }

    /** @param now whether what waits is dropped */
    private void end(@Nullable Throwable failure, boolean now) {
        lock.lock();
        try {
            if (end == null) {
                end = () -> {
                    Flow.Subscriber<? super Message> to = takeSubscriber();
                    if (to != null && failure == null) {
                        to.onComplete();
                    } else if (to != null) {
                        to.onError(failure);
                    }
                };
            }
            if (now) {
                messages.clear();
            }
            regulate();
        } finally {
            lock.unlock();
        }
        tell();
    }

    private void cancel() {
        lock.lock();
        try {
            subscriber = null;
            messages.clear();
            regulate();
        } finally {
            lock.unlock();
        }
    }

    private Flow.@Nullable Subscriber<? super Message> takeSubscriber() {
        lock.lock();
        try {
            Flow.Subscriber<? super Message> last = subscriber;
            subscriber = null;
            return last;
        } finally {
            lock.unlock();
        }
    }

    /** Has the socket read while less waits than is asked for, and one; and when nobody listens any more. Under the lock. */
    private void regulate() {
        boolean wanted = end != null || (subscribed && subscriber == null) || messages.size() <= demand;
        if (wanted == paused) {
            paused = !wanted;
            if (paused) {
                socket.pause();
            } else {
                socket.resume();
            }
        }
    }

    /** Tells the subscriber all that it has asked for, unless another thread does, or this one further up. */
    private void tell() {
        for (Runnable next = next(); next != null; next = next()) {
            boolean told = false;
            try {
                next.run();
                told = true;
            } finally {
                stopTelling();
                if (!told) {
                    cancel();
                }
            }
        }
    }

    private @Nullable Runnable next() {
        lock.lock();
        try {
            Flow.Subscriber<? super Message> to = subscriber;
            if (telling || to == null) {
                return null;
            }
            Message message = demand > 0 ? messages.poll() : null;
            if (message == null) {
                telling = messages.isEmpty() && end != null;
                return telling ? end : null;
            }
            demand -= demand == Long.MAX_VALUE ? 0 : 1;
            telling = true;
            return () -> to.onNext(message);
        } finally {
            lock.unlock();
        }
    }

    private void stopTelling() {
        lock.lock();
        try {
            telling = false;
        } finally {
            lock.unlock();
        }
    }
}
