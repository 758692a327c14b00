package dev.hawser.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** One connection: sends messages and takes the frames that come back apart; what is in both, a subclass knows. */
abstract class EchoClient {

    private static final int KEY = 0x37FA213D;
    private static final ByteBuffer INPUT = ByteBuffer.allocateDirect(256 * 1024);

    private final SocketChannel channel;
    private final SelectionKey key;
    private final ByteBuffer output;
    private int toSend;

    // The frame that is coming back, and whether its message has begun.
    private int headerBytes;
    private int headerLength = 2;
    private int length;
    private int left;
    private boolean begun;
    private boolean fin;

    /** Sends by {@code outputBytes} at once. */
    EchoClient(SelectionKey key, int outputBytes) {
        this.channel = (SocketChannel) key.channel();
        this.key = key;
        this.output = ByteBuffer.allocateDirect(outputBytes).limit(0);
    }

    /** Puts as many of the messages that are next as fit, but no more than {@code most}, and returns how many. */
    abstract int fill(ByteBuffer output, int most);

    /** A message begins; the first byte of its first frame, without FIN. */
    abstract void begin(int first) throws IOException;

    /** The next so many bytes are payload. */
    abstract void payload(ByteBuffer input, int count) throws IOException;

    /** The message is whole. */
    abstract void end() throws IOException;

    /** A whole message in one masked frame, whose first byte is given. */
    static byte[] frame(int first, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(14 + payload.length);
        frame.put((byte) first);
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else if (payload.length < 65_536) {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(payload.length);
        }
        frame.putInt(KEY);
        for (int at = 0; at < payload.length; at++) {
            frame.put((byte) (payload[at] ^ KEY >>> (24 - 8 * (at % 4))));
        }
        byte[] bytes = new byte[frame.flip().remaining()];
        frame.get(bytes);
        return bytes;
    }

    final void send(int count) throws IOException {
        toSend += count;
        write();
    }

    final void write() throws IOException {
        while (true) {
            if (!output.hasRemaining()) {
                if (toSend == 0) {
                    key.interestOps(SelectionKey.OP_READ);
                    return;
                }
                toSend -= fill(output.clear(), toSend);
                output.flip();
            }
            channel.write(output);
            if (output.hasRemaining()) {
                key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                return;
            }
        }
    }

    /** The messages that have come back whole; a server may answer in fragments. */
    final int read() throws IOException {
        int messages = 0;
        INPUT.clear();
        if (channel.read(INPUT) < 0) {
            throw new IOException("Connection ended");
        }
        INPUT.flip();
        while (INPUT.hasRemaining()) {
            if (left > 0) {
                int count = Math.min(left, INPUT.remaining());
                int next = INPUT.position() + count;
                payload(INPUT, count);
                INPUT.position(next);
                left -= count;
            } else {
                header(INPUT.get());
            }
            if (headerBytes == 0 && left == 0 && fin) {
                end();
                begun = false;
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
            if (begun) {
                check(next & 0x7F, 0);
            } else {
                begin(next & 0x7F);
                begun = true;
            }
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

    static void check(int actual, int expected) throws IOException {
        if (actual != expected) {
            throw new IOException("Expected byte " + expected + " but was " + actual);
        }
    }
}
