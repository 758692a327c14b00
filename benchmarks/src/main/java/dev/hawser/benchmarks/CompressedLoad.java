package dev.hawser.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * As {@link Load}, but with permessage-deflate, context takeover on both sides, and {@link Documents} as messages.
 *
 * <p>Each connection's stream of messages is the same, so that it is compressed once, before the load begins, and not again
 * for each connection: the server would wait for the load otherwise. In the second round of the documents and in each later
 * one the window holds the same text, so that the frames of the second are right for all later ones.
 *
 * <p>A line for a window has two more numbers: answers that came uncompressed, and payload bytes of all answers. If more than
 * half came uncompressed it fails.
 */
public final class CompressedLoad {

    static final String OFFER = "permessage-deflate";

    /** How many messages are echoed on a connection before it is idle: as many as fill a compressor's buffer, 64 KiB. */
    private static final int MESSAGES_BEFORE_IDLE = 32;

    private static final int COMPRESSED_TEXT = 0xC1;

    private CompressedLoad() {}

    public static void main(String[] arguments) throws Exception {
        LoadPlan plan = LoadPlan.of(arguments);
        List<byte[]> documents = Documents.all();
        List<byte[]> frames = Documents.compressedTwice(documents).stream()
                .map(payload -> EchoClient.frame(COMPRESSED_TEXT, payload))
                .toList();
        Connections<Inflating> connections = Connections.open(
                plan, OFFER, key -> new Inflating(key, documents, frames, Math.min(plan.inFlight(), 16)));
        if (plan.windows() == 0) {
            connections.idle(MESSAGES_BEFORE_IDLE);
            return;
        }
        connections.run(plan.warmUp());
        for (int i = 0; i < plan.windows(); i++) {
            long uncompressedBefore = sum(connections, client -> client.uncompressed);
            long bytesBefore = sum(connections, client -> client.bytes);
            Connections.Window window = connections.window();
            long uncompressed = sum(connections, client -> client.uncompressed) - uncompressedBefore;
            long bytes = sum(connections, client -> client.bytes) - bytesBefore;
            if (uncompressed > window.messages() / 2) {
                throw new IOException(
                        "Expected compressed answers but " + uncompressed + " of " + window.messages() + " were not");
            }
            System.out.println(window.messages() + " " + window.cpuMicros() + " " + uncompressed + " " + bytes);
        }
    }

    private static long sum(Connections<Inflating> connections, ToLongFunction<Inflating> number) {
        return connections.clients().stream().mapToLong(number).sum();
    }

    /** Sends one document after the other, and checks each byte that comes back. */
    private static final class Inflating extends EchoClient {

        private static final byte[] TAIL = {0, 0, (byte) 0xFF, (byte) 0xFF};
        private static final byte[] TEXT = new byte[2 * Documents.BYTES];

        private final List<byte[]> documents;
        private final List<byte[]> frames;
        private final Inflater inflater = new Inflater(true);
        private int next;
        private int expected;
        private int received;
        private boolean compressed;
        private long uncompressed;
        private long bytes;

        Inflating(SelectionKey key, List<byte[]> documents, List<byte[]> frames, int framesAtOnce) {
            super(
                    key,
                    framesAtOnce
                            * frames.stream()
                                    .mapToInt(frame -> frame.length)
                                    .max()
                                    .orElseThrow());
            this.documents = documents;
            this.frames = frames;
        }

        @Override
        int fill(ByteBuffer output, int most) {
            int count = 0;
            for (; count < most && output.remaining() >= frames.get(next).length; count++) {
                output.put(frames.get(next));
                next = next + 1 < frames.size() ? next + 1 : documents.size();
            }
            return count;
        }

        @Override
        void begin(int first) throws IOException {
            check(first & 0x3F, 1);
            compressed = (first & 0x40) != 0;
        }

        @Override
        void payload(ByteBuffer input, int count) throws IOException {
            bytes += count;
            if (compressed) {
                inflater.setInput(input.slice(input.position(), count));
                inflate();
                return;
            }
            for (int left = count; left > 0; ) {
                int some = Math.min(left, TEXT.length);
                input.get(TEXT, 0, some);
                left -= some;
                checkText(some);
            }
        }

        @Override
        void end() throws IOException {
            if (compressed) {
                inflater.setInput(TAIL);
                inflate();
            } else {
                uncompressed++;
            }
            if (received != Documents.BYTES) {
                throw new IOException("Expected " + Documents.BYTES + " bytes but were " + received);
            }
            received = 0;
            expected = (expected + 1) % documents.size();
        }

        private void inflate() throws IOException {
            try {
                for (int count = inflater.inflate(TEXT); count > 0; count = inflater.inflate(TEXT)) {
                    checkText(count);
                }
            } catch (DataFormatException wrong) {
                throw new IOException("Expected what DEFLATE can read", wrong);
            }
            if (!inflater.needsInput() || inflater.finished()) {
                throw new IOException("Expected a stream that goes on but it ended");
            }
        }

        /** Checks what has come next. */
        private void checkText(int count) throws IOException {
            byte[] document = documents.get(expected);
            if (received + count > document.length
                    || !Arrays.equals(TEXT, 0, count, document, received, received + count)) {
                throw new IOException("Expected document " + expected + " from byte " + received);
            }
            received += count;
        }
    }
}
