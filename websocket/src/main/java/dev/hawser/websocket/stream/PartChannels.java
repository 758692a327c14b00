package dev.hawser.websocket.stream;

import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** Both halves of a socket as channels. Those of {@link java.nio.channels.Channels} would lock while they wait. */
final class PartChannels {

    private PartChannels() {}

    /** Reads as {@code input} does, and closes it. */
    record Reading(PartInputStream input) implements ReadableByteChannel {

        @Override
        public int read(ByteBuffer buffer) throws IOException {
            if (!isOpen()) {
                throw new ClosedChannelException();
            }
            return input.read(buffer);
        }

        @Override
        public boolean isOpen() {
            return !input.isClosed();
        }

        @Override
        public void close() {
            input.close();
        }
    }

    /** Each write leaves at once, in binary messages. */
    static final class Writing implements WritableByteChannel {

        private static final int LONGEST = 64 * 1024;

        private final WebSocket socket;
        private final Gate gate;
        private volatile boolean closed;

        Writing(WebSocket socket, Gate gate) {
            this.socket = socket;
            this.gate = gate;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            if (closed) {
                throw new ClosedChannelException();
            }
            int count = source.remaining();
            while (source.hasRemaining()) {
                byte[] part = new byte[Math.min(LONGEST, source.remaining())];
                source.get(part);
                gate.pass(() -> socket.send(Message.wrap(false, part)));
            }
            return count;
        }

        @Override
        public boolean isOpen() {
            return !closed;
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                socket.close();
            }
        }
    }
}
