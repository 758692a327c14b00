package dev.hawser.websocket.extension.deflate;

import dev.hawser.websocket.extension.ExtensionException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Any bytes as compressed messages, beside the JDK's Inflater; and as messages to be compressed, with settings that the
 * first byte chooses. The second byte says how long each message is, and whether the window is kept.
 */
public final class DeflateFuzzer {

    private static final byte[] TAIL = {0, 0, (byte) 0xFF, (byte) 0xFF};
    private static final int LIMIT = 5000;

    private DeflateFuzzer() {}

    /** Called by the fuzzer; throws where a promise is broken. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length < 2) {
            return;
        }
        byte[] bytes = Arrays.copyOfRange(input, 2, input.length);
        int step = 1 + (input[1] & 0x7F) * 8;
        boolean forget = input[1] < 0;
        decompress(bytes, step, forget);
        compress(bytes, step, forget, input[0] & 0xFF);
    }

    private static void decompress(byte[] bytes, int step, boolean forget) {
        Inflater reference = new Inflater(true);
        Decompressor decompressor = new Decompressor();
        try {
            boolean comparable = true;
            for (int at = 0; at < bytes.length; at += step) {
                byte[] payload = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + step));
                String ours = ours(decompressor, payload);
                if (comparable) {
                    String expected = expected(reference, payload);
                    comparable = !reference.finished(); // from there on it knows less than we do
                    // What is both too long and invalid may fail for either, as buffers fall.
                    boolean bothFail = !ours.startsWith("[") && !expected.startsWith("[");
                    if (comparable && !bothFail && !ours.equals(expected)) {
                        throw new AssertionError("Expected " + expected + " but was " + ours);
                    }
                }
                if (!ours.startsWith("[")) {
                    return;
                }
                if (forget) {
                    decompressor.forget();
                    reference.reset();
                    comparable = true;
                }
            }
        } finally {
            decompressor.end();
            reference.end();
        }
    }

    private static String ours(Decompressor decompressor, byte[] payload) {
        try {
            byte[] message = decompressor.decompress(payload, LIMIT, bytes -> true);
            if (message.length > LIMIT) {
                throw new AssertionError(message.length + " bytes are more than the limit");
            }
            return Arrays.toString(message);
        } catch (ExtensionException failure) {
            if (!failure.reason().matches("[ -~]{1,123}")) {
                throw new AssertionError("A reason must be short and printable, but is " + failure.reason());
            }
            return failure.kind().toString();
        }
    }

    private static String expected(Inflater reference, byte[] payload) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[997];
        try {
            for (byte[] part : new byte[][] {payload, TAIL}) {
                int before = all.size();
                reference.setInput(part);
                for (int count = reference.inflate(buffer); count > 0; count = reference.inflate(buffer)) {
                    all.write(buffer, 0, count);
                    if (all.size() > LIMIT) {
                        return ExtensionException.Kind.TOO_LONG.toString();
                    }
                }
                if (part == TAIL && all.size() > before) {
                    return ExtensionException.Kind.INVALID_DATA.toString(); // it has been cut off
                }
            }
            return Arrays.toString(all.toByteArray());
        } catch (DataFormatException wrong) {
            return ExtensionException.Kind.INVALID_DATA.toString();
        }
    }

    private static void compress(byte[] bytes, int step, boolean forget, int choice) {
        int bits = 8 + choice % 8;
        DeflateOptions options = DeflateOptions.DEFAULT.with(o -> o.level(choice % 10)
                .memLevel(choice < 128 ? 8 : 1 + choice % 9)
                .strategy(DeflateOptions.Strategy.values()[choice % 3]));
        Compressor compressor = Compressor.of(options, bits);
        Decompressor decompressor = new Decompressor();
        try {
            for (int at = 0; at < bytes.length; at += step) {
                byte[] message = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + step));
                byte[] back =
                        decompressor.decompress(compressor.compress(message, forget), message.length, unasked -> true);
                if (!Arrays.equals(message, back)) {
                    throw new AssertionError(
                            "Expected " + Arrays.toString(message) + " but was " + Arrays.toString(back));
                }
                if (forget) {
                    decompressor.forget();
                }
            }
        } finally {
            compressor.end();
            decompressor.end();
        }
    }
}
