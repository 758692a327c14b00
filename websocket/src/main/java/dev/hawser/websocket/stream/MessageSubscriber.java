package dev.hawser.websocket.stream;

import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.protocol.CloseCode;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Sends what a publisher has, and asks for one message at a time, when the socket takes more. */
final class MessageSubscriber implements Flow.Subscriber<Message> {

    private final WebSocket socket;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private Flow.@Nullable Subscription subscription;
    private boolean ended;
    private long drains;
    /** Whether a message is to be asked for after the next drain. */
    private boolean drainAwaited;

    private volatile boolean wanted;
    private volatile boolean cancelled;
    /** How many changes of these have not been told the publisher; who makes the first tells it of all (rule 2.7). */
    private final AtomicInteger untold = new AtomicInteger();

    MessageSubscriber(WebSocket socket) {
        this.socket = socket;
        socket.onDrain(this::drained);
        socket.onClose((code, reason) -> cancel());
    }

    @Override
    public void onSubscribe(Flow.Subscription offered) {
        Objects.requireNonNull(offered, "subscription");
        boolean accepted;
        lock.lock();
        try {
            accepted = subscription == null && !ended;
            if (accepted) {
                subscription = offered;
            }
        } finally {
            lock.unlock();
        }
        if (accepted) {
            want();
        } else {
            offered.cancel();
        }
    }

    @Override
    public void onNext(Message message) {
        Objects.requireNonNull(message, "message");
        long seen;
        lock.lock();
        try {
            seen = drains;
        } finally {
            lock.unlock();
        }
        boolean more = socket.send(message);
        lock.lock();
        try {
            more |= drains != seen;
            drainAwaited = !more; // or for ever, if the socket is closing
        } finally {
            lock.unlock();
        }
        if (more) {
            want();
        }
    }

    private void drained() {
        boolean more;
        lock.lock();
        try {
            drains++;
            more = drainAwaited;
            drainAwaited = false;
        } finally {
            lock.unlock();
        }
        if (more) {
            want();
        }
    }

    private void want() {
        wanted = true;
        tellPublisher();
    }

    private void cancel() {
        lock.lock();
        try {
            ended = true;
        } finally {
            lock.unlock();
        }
        cancelled = true;
        tellPublisher();
    }

    private void tellPublisher() {
        if (untold.getAndIncrement() > 0) {
            return; // who tells now comes to this, too
        }
        for (int told = 1; told != 0; told = untold.addAndGet(-told)) {
            Flow.Subscription to = subscription();
            if (to != null && cancelled) {
                to.cancel();
            } else if (to != null && wanted) {
                wanted = false;
                to.request(1);
            }
        }
    }

    private Flow.@Nullable Subscription subscription() {
        lock.lock();
        try {
            return subscription;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onError(Throwable failure) {
        Objects.requireNonNull(failure, "failure");
        forget();
        socket.drop(CloseCode.INTERNAL_ERROR, "Internal error");
    }

    @Override
    public void onComplete() {
        forget();
        socket.close();
    }

    /** The subscription has ended (rule 2.4). */
    private void forget() {
        lock.lock();
        try {
            ended = true;
            subscription = null;
        } finally {
            lock.unlock();
        }
    }
}
