package dev.hawser.tests.redis;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * Many clients of an event stream of numbers, in one thread, as browsers are: each comes back, to the next node, with the last id
 * that it has seen.
 */
final class Listeners implements AutoCloseable {

    /** Nodes ping every second. */
    private static final Duration SILENCE = Duration.ofSeconds(5);

    private static final Duration RETRY = Duration.ofMillis(500);

    private final List<InetSocketAddress> nodes;
    private final List<Listener> listeners = new ArrayList<>();
    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    private final Random random = new Random(7);
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile boolean closed;

    private volatile long delivered;
    private volatile long doubled;
    private volatile long lost;
    private volatile long resets;
    private volatile long returns;
    private volatile int least;

    Listeners(List<InetSocketAddress> nodes, int count) throws IOException {
        this.nodes = nodes;
        this.selector = Selector.open();
        for (int i = 0; i < count; i++) {
            listeners.add(new Listener(i));
        }
        Thread thread = new Thread(this::run, "listeners");
        thread.setDaemon(true);
        thread.start();
    }

    /** How many numbers came when they should. */
    long delivered() {
        return delivered;
    }

    /** How many numbers came again. */
    long doubled() {
        return doubled;
    }

    /** How many numbers were left out. */
    long lost() {
        return lost;
    }

    /** How often one was told that something is kept no more. */
    long resets() {
        return resets;
    }

    /** How often one connected again. */
    long returns() {
        return returns;
    }

    /** Of how many numbers all have heard. */
    int least() {
        return least;
    }

    private void run() {
        try {
            while (!closed) {
                long now = System.nanoTime();
                int slowest = Integer.MAX_VALUE;
                for (Listener listener : listeners) {
                    listener.check(now);
                    slowest = Math.min(slowest, listener.next);
                }
                least = slowest;
                selector.select(50);
                for (SelectionKey key : selector.selectedKeys()) {
                    ((Listener) key.attachment()).ready(key);
                }
                selector.selectedKeys().clear();
            }
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        } finally {
            ended.complete(null);
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        ended.join();
        for (Listener listener : listeners) {
            listener.disconnect();
        }
        selector.close();
    }

    private final class Listener {

        private int node;
        private SocketChannel channel;
        private long heard;
        private long connectAt = System.nanoTime();
        private boolean inHead;
        private final StringBuilder line = new StringBuilder();
        private String id = "";
        private String name = "";
        private String data = "";
        private int next;

        Listener(int index) {
            node = index % nodes.size();
        }

        void check(long now) throws IOException {
            if (channel == null && now - connectAt >= 0) {
                connect(now);
            } else if (channel != null && now - heard > SILENCE.toNanos()) {
                comeBack();
            }
        }

        private void connect(long now) throws IOException {
            heard = now;
            channel = SocketChannel.open();
            channel.configureBlocking(false);
            try {
                channel.connect(nodes.get(node));
                channel.register(selector, SelectionKey.OP_CONNECT, this);
            } catch (IOException refused) {
                comeBack();
            }
        }

        void disconnect() {
            try {
                if (channel != null) {
                    channel.close();
                }
            } catch (IOException gone) {
                // It is.
            }
            channel = null;
        }

        private void comeBack() {
            disconnect();
            line.setLength(0);
            name = "";
            data = "";
            node = (node + 1) % nodes.size();
            returns++;
            connectAt = System.nanoTime() + random.nextLong(RETRY.toNanos());
        }

        void ready(SelectionKey key) {
            try {
                if (key.isConnectable() && channel.finishConnect()) {
                    inHead = true;
                    String lastEventId = id.isEmpty() ? "" : "Last-Event-ID: " + id + "\r\n";
                    channel.write(ByteBuffer.wrap(
                            ("GET /numbers HTTP/1.0\r\nHost: x\r\nAccept: text/event-stream\r\n" + lastEventId + "\r\n")
                                    .getBytes(StandardCharsets.US_ASCII)));
                    key.interestOps(SelectionKey.OP_READ);
                } else if (key.isReadable()) {
                    read();
                }
            } catch (IOException gone) {
                comeBack();
            }
        }

        private void read() throws IOException {
            buffer.clear();
            int count = channel.read(buffer);
            if (count < 0) {
                comeBack();
                return;
            }
            heard = System.nanoTime();
            byte[] bytes = buffer.array();
            for (int i = 0; i < count; i++) {
                char c = (char) bytes[i];
                if (c == '\n') {
                    line();
                    line.setLength(0);
                } else if (c != '\r') {
                    line.append(c);
                }
            }
        }

        private void line() throws IOException {
            String text = line.toString();
            if (inHead) {
                if (text.startsWith("HTTP/") && !text.contains(" 200")) {
                    throw new IOException(text);
                }
                inHead = !text.isEmpty();
            } else if (text.isEmpty()) {
                event();
            } else if (text.startsWith("id: ")) {
                id = text.substring(4);
            } else if (text.startsWith("event: ")) {
                name = text.substring(7);
            } else if (text.startsWith("data: ")) {
                data = text.substring(6);
            }
        }

        private void event() {
            if (name.equals("hawser.reset")) {
                resets++;
            } else if (!data.isEmpty()) {
                int number = Integer.parseInt(data);
                if (number < next) {
                    doubled++;
                } else {
                    lost += number - next;
                    delivered++;
                    next = number + 1;
                }
            }
            name = "";
            data = "";
        }
    }
}
