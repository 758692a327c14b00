package dev.hawser.tests.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A way to a port that can be cut: then nothing comes through, and nobody is told. */
final class Cable implements AutoCloseable {

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition joined = lock.newCondition();
    private final AtomicBoolean losesAnswer = new AtomicBoolean();
    private boolean cut;

    Cable(int target) throws IOException {
        this.target = target;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        run(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Holds back all that is sent in both directions, on connections of before and of later. */
    void cut() {
        lock.lock();
        try {
            cut = true;
        } finally {
            lock.unlock();
        }
    }

    /** Lets it through. */
    void join() {
        lock.lock();
        try {
            cut = false;
            joined.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Breaks the connection over which the next answer comes, instead of passing that on. */
    void loseAnswer() {
        losesAnswer.set(true);
    }

    boolean hasLostAnswer() {
        return !losesAnswer.get();
    }

    private static void run(Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException | InterruptedException ended) {
                        // So is this.
                    }
                },
                "cable");
        thread.setDaemon(true);
        thread.start();
    }

    private interface Task {
        void run() throws IOException, InterruptedException;
    }

    private void accept() throws IOException {
        while (true) {
            Socket near = server.accept();
            sockets.add(near);
            run(() -> {
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(far);
                run(() -> pass(near, far, false));
                pass(far, near, true);
            });
        }
    }

    private void pass(Socket from, Socket to, boolean answers) throws IOException, InterruptedException {
        try (from;
                to) {
            InputStream input = from.getInputStream();
            OutputStream output = to.getOutputStream();
            byte[] buffer = new byte[65536];
            for (int length = input.read(buffer); length >= 0; length = input.read(buffer)) {
                awaitJoined();
                if (answers && losesAnswer.getAndSet(false)) {
                    return;
                }
                output.write(buffer, 0, length);
            }
        }
    }

    private void awaitJoined() throws InterruptedException {
        lock.lock();
        try {
            while (cut) {
                joined.await();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        join();
    }
}
