package dev.hawser.benchmarks;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The connections of one client. A failure of any of them is thrown by whatever waits here. */
final class Conversations {

    /** So many handshakes at once are no more than a server's backlog takes. */
    private static final int HANDSHAKES = 200;

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(120);

    private final ClientLibrary library;
    private final URI server;
    private final byte[] message;
    private final List<Conversation> conversations = new ArrayList<>();
    private final Semaphore handshakes = new Semaphore(HANDSHAKES);
    private volatile boolean goingOn;
    private volatile @Nullable Throwable failure;

    Conversations(ClientLibrary library, URI server, int bytes) {
        this.library = library;
        this.server = server;
        this.message = new byte[bytes];
        for (int at = 0; at < bytes; at++) {
            message[at] = (byte) ('a' + at % 23);
        }
    }

    /** Opens so many more, and waits until they are open. */
    void open(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            acquire(1);
            Conversation next = new Conversation(this);
            conversations.add(next);
            library.connect(server, next);
        }
        acquire(HANDSHAKES);
        handshakes.release(HANDSHAKES);
    }

    private void acquire(int permits) throws InterruptedException {
        long start = System.nanoTime();
        while (!handshakes.tryAcquire(permits, 100, TimeUnit.MILLISECONDS)) {
            check(start);
        }
    }

    void opened() {
        handshakes.release();
    }

    /** Has one message echoed on each, and waits until they are back. */
    void echoOnce() throws InterruptedException {
        long target = echoed() + conversations.size();
        conversations.forEach(conversation -> conversation.send(1));
        long start = System.nanoTime();
        while (echoed() < target) {
            TimeUnit.MILLISECONDS.sleep(10);
            check(start);
        }
    }

    /** Keeps so many messages of each on their way from now on. */
    void goOn(int inFlight) {
        goingOn = true;
        conversations.forEach(conversation -> conversation.send(inFlight));
    }

    /** Waits for so long. */
    void run(int seconds) throws InterruptedException {
        TimeUnit.SECONDS.sleep(seconds);
        check(System.nanoTime());
    }

    /** How many messages have come back on each. */
    long[] counts() {
        return conversations.stream().mapToLong(Conversation::echoed).toArray();
    }

    private long echoed() {
        long echoed = 0;
        for (long count : counts()) {
            echoed += count;
        }
        return echoed;
    }

    boolean goesOn() {
        return goingOn;
    }

    byte[] message() {
        return message;
    }

    void failed(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
    }

    private void check(long start) {
        Throwable cause = failure;
        if (cause != null) {
            throw new IllegalStateException("A connection has failed", cause);
        }
        if (System.nanoTime() - start > PATIENCE) {
            throw new IllegalStateException("Nothing happens any more");
        }
    }
}
