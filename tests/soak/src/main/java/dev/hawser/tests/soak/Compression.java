package dev.hawser.tests.soak;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The client's half of permessage-deflate (RFC 7692, section 7.2). Each message is compressed by itself, which is always allowed; what
 * the server sends is inflated by each connection's own.
 */
final class Compression implements AutoCloseable {

    private static final int TAIL_LENGTH = 4;
    private static final byte[] TAIL = {0, 0, -1, -1};

    private final Deflater deflater = new Deflater(1, true);
    private final byte[] chunk = new byte[64 * 1024];

    byte[] compress(byte[] data) {
        deflater.reset();
        deflater.setInput(data);
        byte[] compressed = new byte[data.length + data.length / 100 + 64];
        int length = 0;
        for (int count = -1; count != 0; ) {
            count = deflater.deflate(compressed, length, compressed.length - length, Deflater.SYNC_FLUSH);
            length += count;
        }
        deflater.setInput(new byte[0]);
        return Arrays.copyOf(compressed, length - TAIL_LENGTH);
    }

    byte[] inflate(Inflater inflater, byte[] compressed) throws DataFormatException {
        java.io.ByteArrayOutputStream data = new java.io.ByteArrayOutputStream(4 * compressed.length);
        for (byte[] part : new byte[][] {compressed, TAIL}) {
            inflater.setInput(part);
            for (int count = -1; count != 0; ) {
                count = inflater.inflate(chunk);
                data.write(chunk, 0, count);
            }
        }
        return data.toByteArray();
    }

    @Override
    public void close() {
        deflater.end();
    }
}
