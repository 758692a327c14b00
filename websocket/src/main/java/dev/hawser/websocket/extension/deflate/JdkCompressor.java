package dev.hawser.websocket.extension.deflate;

import dev.hawser.websocket.extension.deflate.DeflateOptions.Strategy;
import java.util.Arrays;
import java.util.zip.Deflater;

/** The JDK's zlib, which holds about 256 KiB outside the heap. */
final class JdkCompressor implements Compressor {

    /** So much is given to zlib at once: while it works on it, the garbage collector may have to wait. */
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
        byte[] output = new byte[Math.min(data.length, CHUNK) + OVERHEAD];
        int length = 0;
        int start = 0;
        do {
            int count = Math.min(data.length - start, CHUNK);
            deflater.setInput(data, start, count);
            start += count;
            int flush = start < data.length ? Deflater.NO_FLUSH : forget ? Deflater.FULL_FLUSH : Deflater.SYNC_FLUSH;
            boolean full;
            do {
                if (output.length - length < OVERHEAD) {
                    output = Arrays.copyOf(output, 2 * output.length);
                }
                int room = output.length - length;
                int written = deflater.deflate(output, length, room, flush);
                length += written;
                full = written == room; // then there may be more
            } while (full);
        } while (start < data.length);
        deflater.setInput(NOTHING); // or it holds the message until the next
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
