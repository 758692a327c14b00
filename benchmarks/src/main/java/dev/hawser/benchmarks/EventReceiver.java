package dev.hawser.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** An event stream over HTTP/1.1, in chunks (RFC 9112, section 7.1). */
final class EventReceiver implements Receiver {

    private static final ByteBuffer INPUT = ByteBuffer.allocateDirect(256 * 1024);

    private final Receipts receipts = new Receipts();
    private final SocketChannel channel;
    /** Of the chunk that is being read; while it is 0 the length of the next is read. */
    private int left;

    private int length;
    private boolean hasLength;

    EventReceiver(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public int read() throws IOException {
        INPUT.clear();
        long now = System.nanoTime();
        if (channel.read(INPUT) < 0) {
            throw new EOFException("Connection ended");
        }
        INPUT.flip();
        int messages = 0;
        while (INPUT.hasRemaining()) {
            if (left > 0) {
                int count = Math.min(left, INPUT.remaining());
                messages += receipts.take(INPUT, count, now);
                left -= count;
            } else {
                length(INPUT.get());
            }
        }
        return messages;
    }

    /** Takes the next byte between two chunks: the line end of the one, or the length of the next, or its line end. */
    private void length(byte next) throws IOException {
        int digit = Character.digit(next, 16);
        if (digit >= 0) {
            length = length << 4 | digit;
            hasLength = true;
        } else if (next != '\r' && next != '\n') {
            throw new IOException("Expected the length of a chunk but was byte " + next);
        } else if (next == '\n' && hasLength) {
            if (length == 0) {
                throw new EOFException("The server has ended the stream");
            }
            left = length;
            length = 0;
            hasLength = false;
        }
    }

    @Override
    public Receipts receipts() {
        return receipts;
    }
}
