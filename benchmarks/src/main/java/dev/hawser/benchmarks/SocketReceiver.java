package dev.hawser.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;

/** A WebSocket that only reads. */
final class SocketReceiver implements Receiver {

    private static final int TEXT = 1;
    private static final int CLOSE = 8;

    private final Receipts receipts = new Receipts();
    private final Frames frames;
    private long now;
    private int messages;

    SocketReceiver(SelectionKey key) {
        frames = new Frames(key);
    }

    @Override
    public int read() throws IOException {
        messages = 0;
        now = System.nanoTime();
        frames.read();
        return messages;
    }

    @Override
    public Receipts receipts() {
        return receipts;
    }

    private final class Frames extends EchoClient {

        Frames(SelectionKey key) {
            super(key, 0);
        }

        @Override
        int fill(ByteBuffer output, int most) {
            throw new IllegalStateException("Nothing is to be sent");
        }

        @Override
        void begin(int first) throws IOException {
            if (first == CLOSE) {
                throw new IOException("The server has closed the connection");
            }
            check(first, TEXT);
        }

        @Override
        void payload(ByteBuffer input, int count) throws IOException {
            messages += receipts.take(input, count, now);
        }

        @Override
        void end() {
            // A message says itself where it ends.
        }
    }
}
