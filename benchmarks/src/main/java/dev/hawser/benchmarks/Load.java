package dev.hawser.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that loads an echo server: so many connections, each with so many messages on their way at any time.
 *
 * <p>Arguments: port, the server's process id, connections, bytes, in flight, seconds to warm up, seconds a window, windows.
 * Prints a line for each window: messages echoed, and CPU time of the server in microseconds. Without windows it opens the
 * connections, has one message echoed on each, prints {@code ready} and waits for the end of its input.
 */
public final class Load {

    private static final long TICK_MICROS = 10_000; // Linux counts CPU time in hundredths of a second

    private final Selector selector;
    private final List<EchoClient> clients = new ArrayList<>();

    private Load() throws IOException {
        selector = Selector.open();
    }

    public static void main(String[] arguments) throws Exception {
        int[] numbers = new int[arguments.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Integer.parseInt(arguments[i]);
        }
        int inFlight = numbers[4];
        Load load = new Load();
        load.connect(numbers[0], numbers[2], numbers[3], inFlight);
        if (numbers[7] == 0) {
            load.echoOnce();
            System.out.println("ready");
            while (System.in.read() >= 0) {
                // The end of the input is the signal to go.
            }
            return;
        }
        load.run(numbers[5]);
        for (int window = 0; window < numbers[7]; window++) {
            long cpu = cpuMicros(numbers[1]);
            long messages = load.run(numbers[6]);
            System.out.println(messages + " " + (cpuMicros(numbers[1]) - cpu));
        }
    }

    /** User and system time of a process. */
    private static long cpuMicros(int pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_MICROS;
    }

    private void connect(int port, int connections, int bytes, int inFlight) throws IOException {
        for (int i = 0; i < connections; i++) {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
            shakeHands(channel);
            channel.configureBlocking(false);
            EchoClient client =
                    new EchoClient(channel, channel.register(selector, SelectionKey.OP_READ), bytes, inFlight);
            clients.add(client);
            client.send(inFlight);
        }
    }

    private static void shakeHands(SocketChannel channel) throws IOException {
        channel.write(ByteBuffer.wrap(("GET /echo HTTP/1.1\r\nHost: 127.0.0.1:"
                        + ((InetSocketAddress) channel.getRemoteAddress()).getPort()
                        + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                .getBytes()));
        ByteBuffer one = ByteBuffer.allocate(1);
        StringBuilder response = new StringBuilder();
        while (!response.toString().endsWith("\r\n\r\n")) {
            if (channel.read(one.clear()) < 0) {
                throw new IOException("Connection ended after " + response);
            }
            response.append((char) one.get(0));
        }
        if (!response.toString().startsWith("HTTP/1.1 101")) {
            throw new IOException("Expected 101 but was " + response);
        }
    }

    /** Echoes for so long; the messages that came back. */
    private long run(int seconds) throws IOException {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        long messages = 0;
        while (System.nanoTime() < end) {
            messages += turn(true);
        }
        return messages;
    }

    private void echoOnce() throws IOException {
        int left = clients.size();
        while (left > 0) {
            left -= turn(false);
        }
    }

    private int turn(boolean goOn) throws IOException {
        int messages = 0;
        selector.select(100);
        for (SelectionKey key : selector.selectedKeys()) {
            EchoClient client = (EchoClient) key.attachment();
            if (key.isWritable()) {
                client.write();
            }
            if (key.isReadable()) {
                int echoed = client.read();
                messages += echoed;
                if (goOn && echoed > 0) {
                    client.send(echoed);
                }
            }
        }
        selector.selectedKeys().clear();
        return messages;
    }

    /** One connection: sends the same text again and again, and checks each frame that comes back. */
    private static final class EchoClient {

        private static final int KEY = 0x37FA213D;
        private static final ByteBuffer INPUT = ByteBuffer.allocateDirect(256 * 1024);

        private final SocketChannel channel;
        private final int bytes;
        private final ByteBuffer frame;
        private final int frames;
        private final SelectionKey key;
        private int toSend;

        // The frame that is coming back, and how much of its message has come.
        private int headerBytes;
        private int headerLength = 2;
        private int length;
        private int left;
        private int received;
        private boolean fin;

        EchoClient(SocketChannel channel, SelectionKey key, int bytes, int inFlight) {
            this.channel = channel;
            this.key = key;
            key.attach(this);
            this.bytes = bytes;
            byte[] header = frameHeader(bytes);
            this.frames = Math.max(1, Math.min(inFlight, 64 * 1024 / (bytes + 14)));
            this.frame = ByteBuffer.allocateDirect(frames * (header.length + 4 + bytes));
            for (int i = 0; i < frames; i++) {
                frame.put(header[0]).put((byte) (header[1] | 0x80)).put(header, 2, header.length - 2);
                frame.putInt(KEY);
                for (int at = 0; at < bytes; at++) {
                    frame.put((byte) (payload(at) ^ KEY >>> (24 - 8 * (at % 4))));
                }
            }
            frame.limit(0);
        }

        private static byte payload(int at) {
            return (byte) ('a' + at % 23);
        }

        private static byte[] frameHeader(int bytes) {
            if (bytes < 126) {
                return new byte[] {(byte) 0x81, (byte) bytes};
            }
            return bytes < 65536
                    ? new byte[] {(byte) 0x81, 126, (byte) (bytes >> 8), (byte) bytes}
                    : new byte[] {
                        (byte) 0x81,
                        127,
                        0,
                        0,
                        0,
                        0,
                        (byte) (bytes >> 24),
                        (byte) (bytes >> 16),
                        (byte) (bytes >> 8),
                        (byte) bytes
                    };
        }

        void send(int count) throws IOException {
            toSend += count;
            write();
        }

        void write() throws IOException {
            while (true) {
                if (!frame.hasRemaining()) {
                    if (toSend == 0) {
                        key.interestOps(SelectionKey.OP_READ);
                        return;
                    }
                    int batch = Math.min(toSend, frames);
                    frame.limit(frame.capacity() / frames * batch).position(0);
                    toSend -= batch;
                }
                channel.write(frame);
                if (frame.hasRemaining()) {
                    key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                    return;
                }
            }
        }

        /** The messages that have come back whole; a server may answer in fragments. */
        int read() throws IOException {
            int messages = 0;
            INPUT.clear();
            if (channel.read(INPUT) < 0) {
                throw new IOException("Connection ended");
            }
            INPUT.flip();
            while (INPUT.hasRemaining()) {
                if (left > 0) {
                    check(INPUT.get(INPUT.position()), payload(received));
                    int count = Math.min(left, INPUT.remaining());
                    INPUT.position(INPUT.position() + count);
                    left -= count;
                    received += count;
                } else {
                    header(INPUT.get());
                }
                if (headerBytes == 0 && left == 0 && fin) {
                    if (received != bytes) {
                        throw new IOException("Expected " + bytes + " bytes but were " + received);
                    }
                    received = 0;
                    fin = false;
                    messages++;
                }
            }
            return messages;
        }

        /** Takes the next byte of a frame's header. */
        private void header(byte next) throws IOException {
            headerBytes++;
            if (headerBytes == 1) {
                check((byte) (next & 0x7F), (byte) (received == 0 ? 1 : 0));
                fin = next < 0;
                headerLength = 2;
            } else if (headerBytes == 2) {
                headerLength = next == 126 ? 4 : next == 127 ? 10 : 2;
                length = next < 126 ? next : 0;
            } else {
                length = length << 8 | next & 0xFF;
            }
            if (headerBytes == headerLength) {
                left = length;
                headerBytes = 0;
            }
        }

        private static void check(byte actual, byte expected) throws IOException {
            if (actual != expected) {
                throw new IOException("Expected byte " + expected + " but was " + actual);
            }
        }
    }
}
