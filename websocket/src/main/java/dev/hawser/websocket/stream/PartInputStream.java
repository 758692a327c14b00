package dev.hawser.websocket.stream;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the payload of one message, or of all that come, as if it were one. Not thread-safe, but may be closed from any thread. */
final class PartInputStream extends InputStream {

    private final Inbox inbox;
    /** Whether it ends with its message. */
    private final boolean single;

    private @Nullable Part part;
    private int position;
    private volatile boolean closed;

    /** Reads all messages. */
    PartInputStream(Inbox inbox) {
        this.inbox = inbox;
        this.single = false;
    }

    /** Reads the message that begins with {@code first}. */
    PartInputStream(Inbox inbox, Part first) {
        this.inbox = inbox;
        this.single = true;
        this.part = first;
    }

    /** Sees to it that the part has something to be read; false at the end. */
    private boolean fill() throws IOException {
        if (closed) {
            throw new IOException("The stream is closed");
        }
        return advance();
    }

    private boolean advance() throws IOException {
        for (Part current = part; current == null || position == current.data().length; current = part) {
            if (single && current != null && current.last()) {
                return false;
            }
            Part next = inbox.take();
            if (next == null) {
                if (current != null && !current.last()) {
                    throw new IOException("The WebSocket was closed within a message");
                }
                return false;
            }
            part = next;
            position = 0;
        }
        return true;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        return read(ByteBuffer.wrap(buffer, offset, length));
    }

    /** As {@link java.nio.channels.ReadableByteChannel#read}. */
    int read(ByteBuffer buffer) throws IOException {
        if (!buffer.hasRemaining()) {
            return 0;
        }
        Part current = fill() ? part : null;
        if (current == null) {
            return -1;
        }
        int count = Math.min(buffer.remaining(), current.data().length - position);
        buffer.put(current.data(), position, count);
        position += count;
        return count;
    }

    @Override
    public int available() {
        Part current = part;
        int rest = current == null ? 0 : current.data().length - position;
        return rest > 0 || (single && current != null && current.last()) ? rest : inbox.available();
    }

    /** Reads what is left, for nobody. */
    void skipRest() throws IOException {
        while (advance()) {
            Part current = part;
            position = current == null ? 0 : current.data().length;
        }
    }

    /** Of all messages: what comes from now on is dropped. */
    @Override
    public void close() {
        closed = true;
        if (!single) {
            inbox.discard();
        }
    }

    boolean isClosed() {
        return closed;
    }
}
