package dev.hawser.autoconfigure;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.Deflater;

/**
 * Hostile clients, each with a way of its own, all on one thread: they connect, do their worst, and come back two seconds after
 * they were thrown out.
 */
final class Besiegers implements AutoCloseable {

    /** So many are on their way in at once: the server's backlog is no subject here. */
    private static final int CONNECTING = 100;

    /** Between two writes of each: it is memory that they are after, not the processor. */
    private static final Duration PACE = Duration.ofMillis(200);

    /** Until each comes back. */
    private static final Duration RETURN = Duration.ofSeconds(2);

    private static final byte[] ZEROS = new byte[16 * 1024];

    /** What each kind of the table in SECURITY.md does. */
    private enum Way {
        /** A frame that says it has 64 MB, and goes on coming. */
        LONG_FRAME("/echo", false, bytes(header(0x82, (64 << 20) - 2)), ZEROS),
        /** Fragments of one byte without end, pings between them. */
        TINY_FRAGMENTS("/echo", true, header(0x02, 0), tiny()),
        /** Fragments of 16 KB without end. */
        LARGE_FRAGMENTS("/echo", false, header(0x02, 0), bytes(header(0x00, ZEROS.length), ZEROS)),
        /** Kilobytes that inflate to 60 MB, again and again. */
        BOMBS("/echo", false, new byte[0], bytes(header(0xC2, BOMB.length), BOMB)),
        /** Asks for a megabyte again and again, and reads nothing. */
        DEAF("/flood", false, new byte[0], bytes(header(0x81, 1), new byte[] {'!'})),
        /** Pings, and reads no pong. */
        PINGS("/echo", false, new byte[0], repeat(bytes(header(0x89, 125), new byte[125]), 100)),
        /** A header of a frame of 64 KB, and nothing after it. */
        PROMISES("/echo", true, header(0x82, 65_536), null),
        /** Says something compressed, so that a context is kept, and falls silent. */
        CONTEXTS("/echo", true, bytes(header(0xC1, HELLO.length), HELLO), null),
        /** Lengths and opcodes that cannot be. */
        NONSENSE(
                "/echo", true, new byte[] {(byte) 0x83, (byte) 0xFF, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0}, null),
        /** Half a message, then a reset. */
        RESETS("/echo", true, bytes(header(0x82, 1000), new byte[500]), new byte[0]),
        /** Never ends its handshake. */
        HALF_HANDSHAKES(null, true, new byte[0], null),
        /** A handshake with 7 KB of extensions that are none. */
        HEADERS("/echo", true, new byte[0], null),
        /** An event stream that is not read. */
        STREAMS("/events", false, new byte[0], null);

        private final String path;
        private final boolean reads;
        /** What comes after the handshake, and then again and again; null for nothing, empty for a reset. */
        private final byte[] first;

        private final byte[] again;

        Way(String path, boolean reads, byte[] first, byte[] again) {
            this.path = path;
            this.reads = reads;
            this.first = first;
            this.again = again;
        }

        byte[] request(int port) {
            String host = "\r\nHost: 127.0.0.1:" + port + "\r\n";
            if (path == null) {
                return ascii("GET /echo HTTP/1.1" + host + "Upgrade: websocket\r\nX-Half: ");
            }
            if (this == STREAMS) {
                return ascii("GET " + path + " HTTP/1.1" + host + "Accept: text/event-stream\r\n\r\n");
            }
            String extensions = this == HEADERS ? "a;b=\"\\\",".repeat(900) : "permessage-deflate";
            return ascii("GET " + path + " HTTP/1.1" + host
                    + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: " + extensions
                    + "\r\n\r\n");
        }
    }

    static final byte[] BOMB = deflated(new byte[60 << 20]);
    private static final byte[] HELLO = deflated("hello".getBytes(StandardCharsets.US_ASCII));

    private static byte[] deflated(byte[] message) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(message);
        byte[] out = new byte[message.length / 500 + 100];
        int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(out, length - 4);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Of a frame with a mask of zeros. */
    private static byte[] header(int first, int length) {
        ByteBuffer header = ByteBuffer.allocate(14).put((byte) first);
        if (length < 126) {
            header.put((byte) (0x80 | length));
        } else if (length < 65_536) {
            header.put((byte) 0xFE).putShort((short) length);
        } else {
            header.put((byte) 0xFF).putLong(length);
        }
        return Arrays.copyOf(header.array(), header.putInt(0).position());
    }

    private static byte[] bytes(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] tiny() {
        byte[] one = bytes(header(0x00, 1), new byte[1]);
        return repeat(bytes(one, one, one, header(0x89, 0)), 200);
    }

    private static byte[] repeat(byte[] bytes, int times) {
        byte[][] all = new byte[times][];
        Arrays.fill(all, bytes);
        return bytes(all);
    }

    private final int port;
    private final Selector selector = Selector.open();
    private final ByteBuffer trash = ByteBuffer.allocateDirect(64 * 1024);
    /** Those that are to connect, and those that are to write again, the first to do so first. */
    private final Queue<Besieger> waiting = new ArrayDeque<>();

    private final Queue<Besieger> pausing = new ArrayDeque<>();
    /** How many connections each kind has begun, and how many handshakes have gone through. */
    private final Map<Way, long[]> tried = new TreeMap<>();

    private final Thread thread = new Thread(this::run, "besiegers");
    private int connecting;
    private volatile boolean over;

    Besiegers(int port, int count) throws IOException {
        this.port = port;
        for (int i = 0; i < count; i++) {
            Way way = Way.values()[i % Way.values().length];
            tried.put(way, new long[2]);
            waiting.add(new Besieger(way));
        }
        thread.setDaemon(true);
        thread.start();
    }

    /** To be asked of a running siege. */
    Map<String, long[]> tried() {
        return tried.entrySet().stream()
                .collect(Collectors.toMap(each -> each.getKey().name(), Map.Entry::getValue));
    }

    String summary() {
        return tried.entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue()[0] + "/" + each.getValue()[1])
                .collect(Collectors.joining(", "));
    }

    private void run() {
        try {
            while (!over) {
                long now = System.nanoTime();
                while (connecting < CONNECTING && !waiting.isEmpty() && waiting.element().due - now <= 0) {
                    waiting.remove().connect();
                }
                while (!pausing.isEmpty() && pausing.element().due - now <= 0) {
                    pausing.remove().goOn();
                }
                selector.select(20);
                for (SelectionKey key : selector.selectedKeys()) {
                    ((Besieger) key.attachment()).go(key);
                }
                selector.selectedKeys().clear();
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } finally {
            selector.keys().forEach(key -> ((Besieger) key.attachment()).leave());
        }
    }

    @Override
    public void close() throws IOException {
        over = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        selector.close();
    }

    /** One of them. */
    private final class Besieger {

        private final Way way;
        private SocketChannel channel;
        private ByteBuffer next;
        private boolean in;
        private long due = System.nanoTime();

        Besieger(Way way) {
            this.way = way;
        }

        void connect() throws IOException {
            connecting++;
            tried.get(way)[0]++;
            channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            next = ByteBuffer.wrap(way.request(port));
            in = false;
            channel.register(selector, SelectionKey.OP_CONNECT, this);
            channel.connect(new InetSocketAddress("127.0.0.1", port));
        }

        void go(SelectionKey key) {
            try {
                if (key.isConnectable() && channel.finishConnect()) {
                    key.interestOps(SelectionKey.OP_WRITE | SelectionKey.OP_READ);
                }
                if (key.isReadable()) {
                    read(key);
                }
                if (key.isValid() && key.isWritable()) {
                    write(key);
                }
            } catch (IOException thrownOut) {
                again();
            }
        }

        private void read(SelectionKey key) throws IOException {
            trash.clear();
            if (channel.read(trash) < 0) {
                throw new IOException("end");
            }
            if (!in) {
                if (trash.get(9) != '1' && way != Way.STREAMS) { // the status: not 101
                    throw new IOException("refused");
                }
                in = true;
                connecting--;
                tried.get(way)[1]++;
                next = ByteBuffer.wrap(way.first);
                key.interestOps(SelectionKey.OP_WRITE | (way.reads ? SelectionKey.OP_READ : 0));
            }
        }

        private void write(SelectionKey key) throws IOException {
            channel.write(next);
            if (next.hasRemaining()) {
                return;
            }
            if (!in) {
                key.interestOps(SelectionKey.OP_READ);
                if (way.path == null) { // there will be no answer
                    in = true;
                    connecting--;
                }
            } else if (way.again == null) {
                key.interestOps(way.reads ? SelectionKey.OP_READ : 0);
            } else if (way.again.length == 0) {
                throw new IOException("reset");
            } else {
                next = ByteBuffer.wrap(way.again);
                key.interestOps(way.reads ? SelectionKey.OP_READ : 0);
                due = System.nanoTime() + PACE.toNanos();
                pausing.add(this);
            }
        }

        void goOn() {
            SelectionKey key = channel.keyFor(selector);
            if (key != null && key.isValid()) {
                key.interestOps(SelectionKey.OP_WRITE | (way.reads ? SelectionKey.OP_READ : 0));
            }
        }

        private void again() {
            leave();
            if (!in) {
                connecting--;
            }
            pausing.remove(this);
            due = System.nanoTime() + RETURN.toNanos();
            waiting.add(this);
        }

        void leave() {
            try {
                channel.close();
            } catch (IOException gone) {
                // as it should be
            }
        }
    }
}
