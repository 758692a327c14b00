package dev.hawser.websocket.extension.deflate;

import dev.hawser.websocket.extension.deflate.DeflateOptions.Strategy;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.Deflater;

/** The JDK's zlib, which holds about 256 KiB outside the heap. */
final class JdkCompressor implements Compressor {

    /** What comes out of a message is expected to take so much at most. */
    private static final int CHUNK = 128 * 1024;

    /** What a flush adds to data that cannot be compressed, and a little more. */
    private static final int OVERHEAD = 16;

    /** As zlib's documentation has it: {@code (1 << (windowBits + 2)) + (1 << (memLevel + 9))}. */
    private static final int MEMORY = (1 << 17) + (1 << 17);

    private static final byte[] NOTHING = {};

    private final Deflater deflater;

    JdkCompressor(DeflateOptions options) {
        deflater = new Deflater(options.level(), true);
        if (options.strategy() != Strategy.DEFAULT) {
            deflater.setStrategy(options.strategy() == Strategy.FILTERED ? Deflater.FILTERED : Deflater.HUFFMAN_ONLY);
            deflater.deflate(
                    new byte[1], 0, 1, Deflater.NO_FLUSH); // the first call does nothing but change the strategy
        }
    }

    @Override
    public byte[] compress(byte[] data, boolean forget) {
        return Scratch.with(scratch -> compress(data, forget ? Deflater.FULL_FLUSH : Deflater.SYNC_FLUSH, scratch));
    }

    private byte[] compress(byte[] data, int lastFlush, Scratch scratch) {
        byte[] output = new byte[Math.min(data.length, CHUNK) + OVERHEAD];
        int length = 0;
        int start = 0;
        do {
            ByteBuffer next = scratch.input(data, start);
            start += next.remaining();
            deflater.setInput(next);
            int flush = start < data.length ? Deflater.NO_FLUSH : lastFlush;
            boolean full;
            do {
                ByteBuffer out = scratch.output(Scratch.OUTPUT);
                int count = deflater.deflate(out, flush);
                full = !out.hasRemaining(); // then there may be more
                if (output.length - length < count) {
                    output = Arrays.copyOf(output, Math.max(2 * output.length, length + count));
                }
                out.flip().get(output, length, count);
                length += count;
            } while (full);
        } while (start < data.length);
        deflater.setInput(NOTHING); // or it holds what it was lent
        return Arrays.copyOf(output, length - TAIL_LENGTH);
    }

    @Override
    public long memory() {
        return MEMORY;
    }

    @Override
    public void end() {
        deflater.end();
    }
}
