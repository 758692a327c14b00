package dev.hawser.websocket.extension.deflate;

import dev.hawser.websocket.extension.ExtensionException;
import dev.hawser.websocket.extension.ExtensionException.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decompresses messages (RFC 7692, section 7.2.2), up to a length, with the JDK's zlib, which holds about 40 KiB outside the
 * heap. Not thread-safe.
 */
final class Decompressor {

    /** What the sender has left out. */
    private static final byte[] TAIL = {0, 0, (byte) 0xFF, (byte) 0xFF};

    /** The largest window: nothing refers further back. */
    private static final int WINDOW = 1 << 15;

    /** So much is asked of zlib at once: while it works, the garbage collector may have to wait. */
    private static final int CHUNK = 256 * 1024;

    private static final int SMALLEST_CHUNK = 512;

    /** A final block makes zlib begin anew, which costs much more than the two bytes of the smallest one. */
    private static final int MOST_FINAL_BLOCKS = 16;

    private static final byte[] NOTHING = {};

    private final Inflater inflater = new Inflater(true);
    /**
     * The end of what came before, once zlib has begun anew and does not know it any more; empty while the peer has ended no
     * stream.
     */
    private byte[] window = NOTHING;

    /**
     * Decompresses one message.
     *
     * @param payload as it came, over all fragments
     * @param maxLength the longest message in bytes; what is longer is noticed before it is there
     * @throws ExtensionException if it would be longer, or is not DEFLATE
     */
    byte[] decompress(byte[] payload, int maxLength) {
        Output output = new Output(payload.length, maxLength);
        try {
            if (inflate(payload, output)) {
                inflate(TAIL, output);
            }
        } catch (DataFormatException wrong) {
            throw new ExtensionException(
                    Kind.INVALID_DATA, "Expected compressed data but was not: " + wrong.getMessage(), wrong);
        }
        if (output.finalBlocks > 0 || window.length > 0) {
            window = output.window(window);
        }
        return output.toByteArray();
    }

    /**
     * Inflates all of {@code input}; false if a final block ended exactly with it, so that nothing is open. "blocks with the
     * BFINAL bit set" end a stream, not the message, nor the window (section 7.2.3.4): what follows may refer to what
     * was before.
     */
    private boolean inflate(byte[] input, Output output) throws DataFormatException {
        int start = 0;
        do {
            inflater.setInput(input, start, input.length - start);
            int room;
            int count;
            do {
                byte[] chunk = output.room();
                room = chunk.length - output.end;
                count = inflater.inflate(chunk, output.end, room);
                output.end += count;
            } while (count == room && !inflater.finished()); // with room left, everything is out
            if (!inflater.finished()) {
                return true;
            }
            start = input.length - inflater.getRemaining();
            beginAnew(output);
        } while (start < input.length);
        return false;
    }

    private void beginAnew(Output output) {
        if (++output.finalBlocks > MOST_FINAL_BLOCKS) {
            throw new ExtensionException(
                    Kind.INVALID_DATA, "Expected at most " + MOST_FINAL_BLOCKS + " final blocks in a message");
        }
        window = output.window(window);
        inflater.reset();
        if (window.length > 0) {
            inflater.setDictionary(window);
        }
    }

    /** Forgets all messages, as is agreed where there is no context takeover. */
    void forget() {
        inflater.reset();
        window = NOTHING;
    }

    /** Frees the memory. */
    void end() {
        inflater.end();
    }

    /** What has come out of a message so far. */
    private static final class Output {

        private final int maxLength;
        private final Deque<byte[]> full = new ArrayDeque<>(2);
        private int fullLength;
        /** The chunk that is being filled, and how far it is. */
        private byte[] chunk;

        private int end;
        private int finalBlocks;
        /** So much of it is in the window already. */
        private int remembered;

        Output(int payloadLength, int maxLength) {
            this.maxLength = maxLength;
            long guess = Math.max(SMALLEST_CHUNK, 4L * payloadLength);
            this.chunk = new byte[(int) Math.min(guess, Math.min(CHUNK, maxLength + 1L))];
        }

        /** A chunk with room after {@link #end}: for one byte more than a message may have, at most. */
        byte[] room() {
            if (end == chunk.length) {
                int length = length();
                full.add(chunk);
                fullLength = length;
                chunk = new byte[(int) Math.min(Math.min(length, CHUNK), maxLength + 1L - length)];
                end = 0;
            }
            return chunk;
        }

        private int length() {
            if (fullLength + end > maxLength) {
                throw new ExtensionException(
                        Kind.TOO_LONG, "Message inflates to more than max-length (" + maxLength + " bytes)");
            }
            return fullLength + end;
        }

        /**
         * The last 32 KiB of all that the peer may refer to.
         *
         * @param before the window when this was last asked
         */
        byte[] window(byte[] before) {
            int fresh = fullLength + end - remembered;
            if (fresh == 0) {
                return before;
            }
            remembered += fresh;
            byte[] last = new byte[(int) Math.min(WINDOW, (long) before.length + fresh)];
            int freshAt = Math.max(0, last.length - fresh);
            int at = copyBackwards(chunk, end, last, last.length, freshAt);
            for (Iterator<byte[]> chunks = full.descendingIterator(); at > freshAt && chunks.hasNext(); ) {
                byte[] next = chunks.next();
                at = copyBackwards(next, next.length, last, at, freshAt);
            }
            copyBackwards(before, before.length, last, at, 0);
            return last;
        }

        /** Fills {@code to} from {@code at} down, to {@code lowest} at most; where it has come to. */
        private static int copyBackwards(byte[] from, int length, byte[] to, int at, int lowest) {
            int count = Math.min(length, at - lowest);
            System.arraycopy(from, length - count, to, at - count, count);
            return at - count;
        }

        /** All of it, if it is not too long. */
        byte[] toByteArray() {
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
