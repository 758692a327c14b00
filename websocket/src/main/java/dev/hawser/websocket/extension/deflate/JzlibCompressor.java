package dev.hawser.websocket.extension.deflate;

import com.jcraft.jzlib.Deflater;
import com.jcraft.jzlib.JZlib;
import java.util.Arrays;

/** JZlib, for windows and memory levels that the JDK does not have. Its memory is on the heap. */
final class JzlibCompressor implements Compressor {

    /**
     * The smallest window that zlib has. It never refers to the last 262 bytes of a window, which leaves 250 of these 512:
     * what it makes of them is right for a window of 2^8 bytes, too.
     */
    private static final int LEAST_BITS = 9;

    /**
     * With less, far matches may overwrite what is yet to be written: zlib's CVE-2018-25032, which JZlib has. With more, a
     * block is so long that codes of its own are shorter than those which take so much room.
     */
    private static final int LEAST_MEMORY = 3;

    private static final int OVERHEAD = 16;

    private final Deflater deflater = new Deflater();
    /** As zlib's documentation has it. */
    private final long memory;

    JzlibCompressor(DeflateOptions options, int windowBits) {
        int strategy =
                switch (options.strategy()) {
                    case DEFAULT -> JZlib.Z_DEFAULT_STRATEGY;
                    case FILTERED -> JZlib.Z_FILTERED;
                    case HUFFMAN_ONLY -> JZlib.Z_HUFFMAN_ONLY;
                };
        int bits = Math.max(LEAST_BITS, windowBits);
        int memLevel = Math.max(LEAST_MEMORY, options.memLevel());
        memory = (1L << (bits + 2)) + (1L << (memLevel + 9));
        check(deflater.init(options.level(), bits, memLevel, JZlib.WrapperType.NONE));
        check(deflater.params(options.level(), strategy));
    }

    @Override
    public byte[] compress(byte[] data, boolean forget) {
        byte[] output = new byte[Math.min(data.length, 64 * 1024) + OVERHEAD];
        deflater.setInput(data);
        deflater.setNextOut(output);
        deflater.setNextOutIndex(0);
        deflater.setAvailOut(output.length);
        while (true) {
            check(deflater.deflate(forget ? JZlib.Z_FULL_FLUSH : JZlib.Z_SYNC_FLUSH));
            if (deflater.getAvailOut() > 0) {
                break;
            }
            // More than six bytes at the end of a flush, or it is done twice.
            output = Arrays.copyOf(output, 2 * output.length);
            deflater.setNextOut(output);
            deflater.setAvailOut(output.length - deflater.getNextOutIndex());
        }
        int length = deflater.getNextOutIndex();
        deflater.setNextIn(new byte[0]); // holds neither the message nor what became of it
        deflater.setNextOut(new byte[0]);
        return Arrays.copyOf(output, length - TAIL_LENGTH);
    }

    private static void check(int result) {
        if (result != JZlib.Z_OK) {
            throw new IllegalStateException("JZlib failed with " + result);
        }
    }

    @Override
    public long memory() {
        return memory;
    }

    @Override
    public void end() {
        deflater.end();
    }
}
