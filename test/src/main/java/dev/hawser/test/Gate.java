package dev.hawser.test;

import java.util.concurrent.CountDownLatch;

/** Where threads that bring something wait while a test does not read. Thread-safe. */
final class Gate {

    private volatile CountDownLatch closed = new CountDownLatch(0);

    /** Waits while the gate is shut; an interrupt opens it for this thread. */
    void pass() {
        try {
            closed.await();
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    void shut() {
        open();
        closed = new CountDownLatch(1);
    }

    void open() {
        closed.countDown();
    }
}
