package dev.hawser.websocket.stream;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;

/** Collects bytes, and sends them in parts. Not thread-safe. */
final class PartOutputStream extends OutputStream {

    /** How long a part becomes, unless it is flushed before. */
    static final int SIZE = 16 * 1024;

    private static final byte[] EMPTY = {};

    private final Gate gate;
    private final PartSender<byte[]> sender;
    /** Whether all parts are one message, which is to be ended. */
    private final boolean single;

    private final Runnable whenClosed;
    private byte[] buffer = EMPTY;
    private int count;
    private boolean closed;

    PartOutputStream(Gate gate, PartSender<byte[]> sender, boolean single, Runnable whenClosed) {
        this.gate = gate;
        this.sender = sender;
        this.single = single;
        this.whenClosed = whenClosed;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] data, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, data.length);
        if (closed) {
            throw new IOException("The stream is closed");
        }
        for (int done = 0; done < length; ) {
            if (buffer.length == 0) {
                buffer = new byte[SIZE];
            }
            int room = Math.min(SIZE - count, length - done);
            System.arraycopy(data, offset + done, buffer, count, room);
            count += room;
            done += room;
            if (count == SIZE) {
                flush();
            }
        }
    }

    /** Sends what was collected. */
    @Override
    public void flush() throws IOException {
        if (count > 0) {
            byte[] part = take();
            gate.pass(() -> sender.send(part, false));
        }
    }

    private byte[] take() {
        byte[] part = count == buffer.length ? buffer : Arrays.copyOf(buffer, count);
        buffer = EMPTY; // an idle stream holds none
        count = 0;
        return part;
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            byte[] part = take();
            try {
                if (single || part.length > 0) {
                    gate.pass(() -> sender.send(part, true));
                }
            } finally {
                whenClosed.run();
            }
        }
    }
}
