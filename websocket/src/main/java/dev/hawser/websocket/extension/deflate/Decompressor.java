package dev.hawser.websocket.extension.deflate;

import dev.hawser.websocket.extension.ExtensionException;
import dev.hawser.websocket.extension.ExtensionException.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongPredicate;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses messages (RFC 7692, section 7.2.2), up to a length, with the JDK's zlib, which holds about 40 KiB outside the
 * heap. Not thread-safe.
 */
final class Decompressor {

    /** What the sender has left out. */
    private static final byte[] TAIL = {0, 0, (byte) 0xFF, (byte) 0xFF};

    private static final byte[] NOTHING = {};

    /** The largest window: nothing refers further back. */
    private static final int WINDOW = 1 << 15;

    /** What zlib holds, with this window. */
    private static final int MEMORY = 40 * 1024;

    /** So much may come out without asking. */
    private static final int SMALL = 64 * 1024;

    /** So much is taken at once. */
    private static final int CHUNK = 256 * 1024;

    private static final int SMALLEST_CHUNK = 512;

    /** A final block makes zlib begin anew, which costs much more than the two bytes of the smallest one. */
    private static final int MOST_FINAL_BLOCKS = 16;

    private final Inflater inflater = new Inflater(true);
    /** The end of what came before, once zlib has begun anew and does not know it any more. */
    private @Nullable Window window;

    /**
     * Decompresses one message.
     *
     * @param payload as it came, over all fragments
     * @param maxLength the longest message in bytes; what is longer is noticed before it is there
     * @param growth asked before it takes much memory, with that of the payload
     * @throws ExtensionException if it would be longer, or take too much memory, or is not DEFLATE
     */
    byte[] decompress(byte[] payload, int maxLength, LongPredicate growth) {
        Output output = new Output(payload.length, maxLength, growth);
        return Scratch.with(scratch -> {
            try {
                if (inflate(payload, output, scratch)) {
                    int length = output.length();
                    inflate(TAIL, output, scratch);
                    if (output.length() > length) { // not a length, but the rest of a block that was cut off
                        throw new DataFormatException("it ends within a block");
                    }
                }
            } catch (DataFormatException wrong) {
                throw new ExtensionException(
                        Kind.INVALID_DATA, "Expected compressed data but was not: " + wrong.getMessage(), wrong);
            } finally {
                inflater.setInput(NOTHING); // or it holds what it was lent
            }
            if (window != null) {
                output.remember(window);
            }
            return output.toByteArray();
        });
    }

    /**
     * Inflates all of {@code input}; false if a final block ended exactly with it, so that nothing is open. "blocks with the
     * BFINAL bit set" end a stream, not the message, nor the window (section 7.2.3.4): what follows may refer to what
     * was before.
     */
    private boolean inflate(byte[] input, Output output, Scratch scratch) throws DataFormatException {
        boolean open = true;
        for (int start = 0; start < input.length; ) {
            ByteBuffer next = scratch.input(input, start);
            inflater.setInput(next);
            while (output.add(inflater, scratch)) {
                // there may be more
            }
            start += next.position();
            open = !inflater.finished();
            if (!open) {
                beginAnew(output);
            }
        }
        return open;
    }

    private void beginAnew(Output output) {
        if (++output.finalBlocks > MOST_FINAL_BLOCKS) {
            throw new ExtensionException(
                    Kind.INVALID_DATA, "Expected at most " + MOST_FINAL_BLOCKS + " final blocks in a message");
        }
        Window known = window;
        if (known == null) {
            known = new Window();
            window = known;
        }
        output.remember(known);
        inflater.reset();
        known.giveTo(inflater);
    }

    /** Forgets all messages, as is agreed where there is no context takeover. */
    void forget() {
        inflater.reset();
        window = null;
    }

    /** How much it holds, on the heap or not, in bytes, about. */
    long memory() {
        return MEMORY + (window == null ? 0 : 2 * WINDOW);
    }

    /** Frees the memory. */
    void end() {
        inflater.end();
    }

    /** The last 32 KiB of what has come out. */
    private static final class Window {

        /** Twice as long, so that what is in it is seldom moved. */
        private final byte[] bytes = new byte[2 * WINDOW];

        private int end;

        void add(byte[] from, int start, int length) {
            int count = Math.min(length, WINDOW);
            if (end + count > bytes.length) {
                int kept = WINDOW - count;
                System.arraycopy(bytes, end - kept, bytes, 0, kept);
                end = kept;
            }
            System.arraycopy(from, start + length - count, bytes, end, count);
            end += count;
        }

        void giveTo(Inflater inflater) {
            int length = Math.min(end, WINDOW);
            if (length > 0) {
                inflater.setDictionary(bytes, end - length, length);
            }
        }
    }

    /** What has come out of a message so far. */
    private static final class Output {

        private final int payloadLength;
        private final int maxLength;
        private final LongPredicate growth;
        private final Deque<byte[]> full = new ArrayDeque<>(2);
        private int fullLength;
        /** The chunk that is being filled, and how far it is. */
        private byte[] chunk;

        private int end;
        private int finalBlocks;
        /** So much of it is in the window already. */
        private int remembered;

        Output(int payloadLength, int maxLength, LongPredicate growth) {
            this.payloadLength = payloadLength;
            this.maxLength = maxLength;
            this.growth = growth;
            long guess = Math.max(SMALLEST_CHUNK, 4L * payloadLength);
            this.chunk = new byte[(int) Math.min(guess, Math.min(CHUNK, maxLength + 1L))];
        }

        /** Adds what comes out next; whether there may be more: with room left, everything is out. */
        boolean add(Inflater inflater, Scratch scratch) throws DataFormatException {
            byte[] to = room();
            ByteBuffer out = scratch.output(to.length - end);
            int count = inflater.inflate(out);
            boolean full = !out.hasRemaining();
            out.flip().get(to, end, count);
            end += count;
            return full && !inflater.finished();
        }

        /** A chunk with room after {@link #end}: for one byte more than a message may have, at most. */
        private byte[] room() {
            if (end == chunk.length) {
                int length = length();
                int next = (int) Math.min(Math.min(length, CHUNK), maxLength + 1L - length);
                ask(length + next);
                full.add(chunk);
                fullLength = length;
                chunk = new byte[next];
                end = 0;
            }
            return chunk;
        }

        /** Before it takes so many bytes. */
        private void ask(long bytes) {
            if (bytes > SMALL && !growth.test(payloadLength + bytes)) {
                throw new ExtensionException(Kind.NO_MEMORY, "No memory to spare for what this message inflates to");
            }
        }

        private int length() {
            if (fullLength + end > maxLength) {
                throw new ExtensionException(
                        Kind.TOO_LONG, "Message inflates to more than max-length (" + maxLength + " bytes)");
            }
            return fullLength + end;
        }

        /** Adds what is not in the window yet. */
        void remember(Window window) {
            int at = 0; // of the chunk, within the message
            for (byte[] next : full) {
                remember(next, next.length, at, window);
                at += next.length;
            }
            remember(chunk, end, at, window);
            remembered = fullLength + end;
        }

        private void remember(byte[] from, int length, int at, Window window) {
            int start = Math.max(0, remembered - at);
            if (start < length) {
                window.add(from, start, length - start);
            }
        }

        /** All of it, if it is not too long. */
        byte[] toByteArray() {
            ask(2L * length());
            byte[] all = new byte[length()];
            int at = 0;
            for (byte[] next : full) {
                System.arraycopy(next, 0, all, at, next.length);
                at += next.length;
            }
            System.arraycopy(chunk, 0, all, at, end);
            return all;
        }
    }
}
