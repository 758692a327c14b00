package dev.hawser.autoconfigure;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/** A thread of the store. It is interrupted when the store is closed, but not while it closes its connection. */
final class RedisTopicThread {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock. */
    private boolean working = true;

    RedisTopicThread(String name, Runnable work, RedisLink link) {
        thread = new Thread(() -> run(work, link), name);
        thread.setDaemon(true);
    }

    private void run(Runnable work, RedisLink link) {
        try {
            work.run();
        } finally {
            lock.lock();
            try {
                working = false;
                Thread.interrupted();
            } finally {
                lock.unlock();
            }
            link.close();
        }
    }

    void start() {
        thread.start();
    }

    /** Waits for its end; not if it is the one that asks. */
    void join(Duration most) {
        if (Thread.currentThread() != thread) {
            try {
                thread.join(most.toMillis());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Has it end. */
    void end() {
        lock.lock();
        try {
            if (working) {
                thread.interrupt();
            }
        } finally {
            lock.unlock();
        }
        join(PATIENCE);
    }
}
