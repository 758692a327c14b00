package dev.hawser.websocket.stream;

import java.io.IOException;
import java.io.Writer;
import java.util.Objects;

/** Collects characters, and sends them in parts, none of which ends between two surrogates. Not thread-safe. */
final class PartWriter extends Writer {

    private static final int SIZE = 8 * 1024;

    private final Gate gate;
    private final PartSender<String> sender;
    /** Whether all parts are one message, which is to be ended. */
    private final boolean single;

    private final Runnable whenClosed;
    private final StringBuilder collected = new StringBuilder();
    private boolean closed;

    PartWriter(Gate gate, PartSender<String> sender, boolean single, Runnable whenClosed) {
        this.gate = gate;
        this.sender = sender;
        this.single = single;
        this.whenClosed = whenClosed;
    }

    @Override
    public void write(char[] text, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, text.length);
        if (closed) {
            throw new IOException("The stream is closed");
        }
        for (int done = 0; done < length; ) {
            int count = Math.min(SIZE, length - done);
            collected.append(text, offset + done, count);
            done += count;
            if (collected.length() >= SIZE) {
                flush();
            }
        }
    }

    /** {@link Writer} itself would lock here. */
    @Override
    public void write(int character) throws IOException {
        write(new char[] {(char) character}, 0, 1);
    }

    @Override
    public void write(String text, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, text.length());
        for (int done = 0; done < length; done += SIZE) {
            int count = Math.min(SIZE, length - done);
            char[] piece = new char[count];
            text.getChars(offset + done, offset + done + count, piece, 0);
            write(piece, 0, count);
        }
    }

    /** Sends what was collected; half a character waits for its other half. */
    @Override
    public void flush() throws IOException {
        int end = collected.length();
        if (end > 0 && Character.isHighSurrogate(collected.charAt(end - 1))) {
            end--;
        }
        if (end > 0) {
            String part = collected.substring(0, end);
            collected.delete(0, end);
            gate.pass(() -> sender.send(part, false));
        }
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            String part = collected.toString();
            try {
                if (single || !part.isEmpty()) {
                    gate.pass(() -> sender.send(part, true));
                }
            } finally {
                whenClosed.run();
            }
        }
    }
}
