package dev.hawser.websocket.extension.deflate;

import static dev.hawser.websocket.protocol.Bytes.hex;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.jcraft.jzlib.JZlib;
import com.sun.management.ThreadMXBean;
import dev.hawser.websocket.extension.ExtensionException;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.LongPredicate;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes in comes out, compared with the JDK's Inflater and Deflater and with JZlib's inflater of a small window. */
class CompressionTests {

    private static final LongPredicate ANY = bytes -> true;

    private static final byte[] TAIL = {0, 0, (byte) 0xFF, (byte) 0xFF};

    /** Messages of all sorts: nothing, text, noise, repetitions near and far, and around the sizes of buffers. */
    @Provide
    Arbitrary<byte[]> message() {
        return Combinators.combine(
                        Arbitraries.of(
                                1, 2, 3, 15, 16, 17, 100, 511, 512, 513, 1000, 2048, 8191, 8192, 8193, 16_384, 40_000,
                                131_071, 131_072, 131_073, 300_000),
                        Arbitraries.integers().between(0, 4),
                        Arbitraries.longs())
                .as(CompressionTests::message);
    }

    private static byte[] message(int length, int sort, long seed) {
        Random random = new Random(seed);
        byte[] data = new byte[length];
        switch (sort) {
            case 0 -> random.nextBytes(data);
            case 1 -> Arrays.fill(data, (byte) seed);
            case 2 -> {
                for (int i = 0; i < length; i++) {
                    data[i] = (byte) ('a' + random.nextInt(4));
                }
            }
            case 3 -> { // the same noise again, at a distance around the sizes of windows
                int distance = (256 << random.nextInt(8)) + random.nextInt(5) - 2;
                random.nextBytes(data);
                for (int i = distance; i < length; i++) {
                    data[i] = data[i - distance];
                }
            }
            default -> {
                byte[] words = "{\"id\":17,\"name\":\"hawser\",\"tags\":[\"rope\",\"quay\"]},".getBytes();
                for (int i = 0; i < length; i++) {
                    data[i] = words[(i + random.nextInt(2)) % words.length];
                }
            }
        }
        return data;
    }

    /** What the JDK makes of a message, independently of what is tested. */
    private static byte[] inflate(Inflater inflater, byte[] payload) throws DataFormatException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[1000];
        for (byte[] input : List.of(payload, TAIL)) {
            inflater.setInput(input);
            for (int count = inflater.inflate(buffer); count > 0; count = inflater.inflate(buffer)) {
                all.write(buffer, 0, count);
            }
        }
        return all.toByteArray();
    }

    private static byte[] deflate(Deflater deflater, byte[] message, int flush) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[1000];
        deflater.setInput(message);
        for (int count = deflater.deflate(buffer, 0, 1000, flush);
                count > 0;
                count = deflater.deflate(buffer, 0, 1000, flush)) {
            all.write(buffer, 0, count);
        }
        byte[] whole = all.toByteArray();
        return Arrays.copyOf(whole, whole.length - 4);
    }

    /** CVE-2026-87022, bug 70126 (Tomcat): against the JDK's own, whatever the messages. */
    @Property(tries = 400)
    void whatIsCompressedCanBeReadByTheJdkAndByUs(
            @ForAll("options") DeflateOptions options,
            @ForAll boolean forget,
            @ForAll @Size(min = 1, max = 5) List<@net.jqwik.api.From("message") byte[]> messages)
            throws DataFormatException {
        Compressor compressor = Compressor.of(options, options.serverMaxWindowBits());
        Decompressor decompressor = new Decompressor();
        Inflater inflater = new Inflater(true);
        try {
            for (byte[] message : messages) {
                byte[] payload = compressor.compress(message, forget);
                if (forget) {
                    inflater.reset();
                    decompressor.forget();
                }
                assertThat(inflate(inflater, payload)).isEqualTo(message);
                assertThat(decompressor.decompress(payload, message.length, ANY))
                        .isEqualTo(message);
            }
        } finally {
            compressor.end();
            decompressor.end();
            inflater.end();
        }
    }

    @Provide
    Arbitrary<DeflateOptions> options() {
        return Combinators.combine(
                        Arbitraries.integers().between(-1, 9),
                        Arbitraries.integers().between(1, 9),
                        Arbitraries.of(DeflateOptions.Strategy.values()),
                        Arbitraries.integers().between(8, 15),
                        Arbitraries.of(true, false))
                .as((level, memLevel, strategy, bits, jdk) ->
                        DeflateOptions.DEFAULT.with(options -> options.level(level)
                                .memLevel(jdk ? 8 : memLevel)
                                .strategy(strategy)
                                .serverMaxWindowBits(jdk ? 15 : bits)));
    }

    /** A reader that holds no more than the window finds all that is referred to: for 2^8 bytes, too, which zlib has not. */
    @Property(tries = 200)
    void nothingRefersFurtherBackThanTheWindow(
            @ForAll @IntRange(min = 8, max = 15) int bits,
            @ForAll @IntRange(min = 1, max = 9) int level,
            @ForAll @Size(min = 1, max = 4) List<@net.jqwik.api.From("message") byte[]> messages) {
        Compressor compressor = Compressor.of(DeflateOptions.DEFAULT.with(options -> options.level(level)), bits);
        com.jcraft.jzlib.Inflater inflater = new com.jcraft.jzlib.Inflater();
        assertThat(inflater.init(bits, JZlib.WrapperType.NONE)).isEqualTo(JZlib.Z_OK);
        for (byte[] message : messages) {
            byte[] output = new byte[message.length + 1];
            inflater.setOutput(output);
            for (byte[] input : List.of(compressor.compress(message, false), TAIL)) {
                inflater.setInput(input);
                inflater.inflate(JZlib.Z_SYNC_FLUSH);
            }
            assertThat(inflater.getNextOutIndex()).isEqualTo(message.length);
            assertThat(Arrays.copyOf(output, message.length)).isEqualTo(message);
        }
        compressor.end();
    }

    /** That the test above can fail: with a larger window, this one does refer further back. */
    @Test
    void aLargerWindowIsMadeUseOf() {
        byte[] twice = message(2000, 3, 1);
        System.arraycopy(message(1000, 0, 7), 0, twice, 0, 1000);
        System.arraycopy(twice, 0, twice, 1000, 1000);
        assertThat(Compressor.of(DeflateOptions.DEFAULT, 15).compress(twice, false))
                .hasSizeLessThan(1100);
        assertThat(Compressor.of(DeflateOptions.DEFAULT, 11).compress(twice, false))
                .hasSizeLessThan(1100);
        assertThat(Compressor.of(DeflateOptions.DEFAULT, 9).compress(twice, false))
                .hasSizeGreaterThan(1900);
        assertThat(Compressor.of(DeflateOptions.DEFAULT, 8).compress(twice, false))
                .hasSizeGreaterThan(1900);
    }

    @Property(tries = 300)
    void whatTheJdkHasCompressedCanBeRead(
            @ForAll @Size(min = 1, max = 6) List<@net.jqwik.api.From("message") byte[]> messages,
            @ForAll @IntRange(min = 0, max = 9) int level,
            @ForAll boolean full) {
        Deflater deflater = new Deflater(level, true);
        Decompressor decompressor = new Decompressor();
        for (byte[] message : messages) {
            byte[] payload = deflate(deflater, message, full ? Deflater.FULL_FLUSH : Deflater.SYNC_FLUSH);
            assertThat(decompressor.decompress(payload, message.length, ANY)).isEqualTo(message);
        }
        deflater.end();
        decompressor.end();
    }

    /**
     * As of a sender that ends its stream with each message, or several times in one, but goes on to refer to what it has
     * sent (section 7.2.3.4).
     */
    @Property(tries = 300)
    void finalBlocksLoseNothingThatMayBeReferredTo(
            @ForAll @Size(min = 2, max = 6) List<@net.jqwik.api.From("message") byte[]> messages,
            @ForAll boolean together) {
        Decompressor decompressor = new Decompressor();
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        ByteArrayOutputStream payloads = new ByteArrayOutputStream();
        for (byte[] message : messages) {
            byte[] payload = wholeStream(message, sent.toByteArray());
            payloads.writeBytes(payload);
            sent.writeBytes(message);
            if (!together) {
                byte[] withByte = Arrays.copyOf(payload, payload.length + 1);
                assertThat(decompressor.decompress(withByte, message.length, ANY))
                        .isEqualTo(message);
            }
        }
        if (together) {
            assertThat(decompressor.decompress(payloads.toByteArray(), sent.size(), ANY))
                    .isEqualTo(sent.toByteArray());
        }
        byte[] last = wholeStream(new byte[] {1, 2, 3}, sent.toByteArray());
        assertThat(decompressor.decompress(last, 3, ANY)).containsExactly(1, 2, 3);
        decompressor.end();
    }

    private static byte[] wholeStream(byte[] message, byte[] before) {
        Deflater deflater = new Deflater(9, true);
        if (before.length > 0) {
            deflater.setDictionary(Arrays.copyOfRange(before, Math.max(0, before.length - 32_768), before.length));
        }
        deflater.setInput(message);
        deflater.finish();
        byte[] payload = new byte[message.length + 1000];
        int length = deflater.deflate(payload);
        assertThat(deflater.finished()).isTrue();
        deflater.end();
        return Arrays.copyOf(payload, length);
    }

    /** Noise, and then nothing but pieces of it: zlib's CVE-2018-25032. */
    @ParameterizedTest
    @CsvSource({"15, 1", "15, 2", "15, 3", "14, 1", "12, 1"})
    void matchesFarAwayInLittleMemory(int windowBits, int memLevel) throws DataFormatException {
        for (int seed = 0; seed < 10; seed++) {
            for (int longest : new int[] {8, 16, 40, 130, 258}) {
                byte[] message = farMatches(1 << windowBits, longest, new Random(seed));
                int level = new int[] {1, 6, 9}[seed % 3];
                Compressor compressor = Compressor.of(
                        DeflateOptions.DEFAULT.with(o -> o.level(level).memLevel(memLevel)), windowBits);
                byte[] payload = compressor.compress(message, false);
                assertThat(inflate(new Inflater(true), payload)).isEqualTo(message);
                compressor.end();
            }
        }
    }

    private static byte[] farMatches(int window, int longest, Random random) {
        byte[] all = new byte[4 * window];
        byte[] noise = new byte[window];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, all, 0, window);
        int end = window;
        for (int i = 0; i < 600 && end + longest < all.length; i++) {
            int length = 4 + random.nextInt(longest - 3);
            int from = end - window + 300 + random.nextInt(window - 300 - length);
            System.arraycopy(all, from, all, end, length);
            end += length;
        }
        return Arrays.copyOf(all, end);
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 14})
    void aCompressorHoldsNoMessage(int windowBits) {
        Compressor compressor = Compressor.of(DeflateOptions.DEFAULT, windowBits);
        WeakReference<byte[]> message = compressed(compressor);
        await().until(() -> {
            System.gc();
            return message.get() == null;
        });
        compressor.end();
    }

    private static WeakReference<byte[]> compressed(Compressor compressor) {
        byte[] message = new byte[1_000_000];
        compressor.compress(message, false);
        return new WeakReference<>(message);
    }

    /** Most cuts can be noticed: all but those that leave whole symbols, and no bytes of another. */
    @Test
    void aPayloadThatIsCutIsNoticedOrIsTheBeginningOfTheMessage() {
        byte[] message = "{\"amount\":100000,\"currency\":\"EUR\",\"to\":\"someone\"}".getBytes(US_ASCII);
        byte[] payload = Compressor.of(DeflateOptions.DEFAULT, 15).compress(message, false);
        for (int length = 0; length < payload.length; length++) {
            Decompressor decompressor = new Decompressor();
            try {
                byte[] cut = decompressor.decompress(Arrays.copyOf(payload, length), 1000, ANY);
                assertThat(cut).isEqualTo(Arrays.copyOf(message, cut.length));
            } catch (ExtensionException noticed) {
                assertThat(noticed.kind()).isEqualTo(ExtensionException.Kind.INVALID_DATA);
            }
            decompressor.end();
        }
    }

    @Test
    void aPeerThatHasEndedItsStreamOnceCostsLittleForSmallMessages() {
        byte[] noise = message(40_000, 0, 1);
        Decompressor decompressor = new Decompressor();
        decompressor.decompress(wholeStream(noise, new byte[0]), noise.length, ANY);
        byte[] small = hex("4a 04 00");
        decompressor.decompress(small, 1000, ANY);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 1000; i++) {
            decompressor.decompress(small, 1000, ANY);
        }
        assertThat((threads.getCurrentThreadAllocatedBytes() - before) / 1000).isLessThan(2000);
        decompressor.end();
    }

    /** Tomcat's bug 70126 and CVE-2026-87022: messages that fill buffers exactly. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7, 8, 32})
    void messagesThatFillBuffersExactly(int buffers) throws DataFormatException {
        Compressor compressor = Compressor.of(DeflateOptions.DEFAULT, 15);
        Decompressor decompressor = new Decompressor();
        Inflater inflater = new Inflater(true);
        for (int round = 0; round < 3; round++) {
            for (int sort = 0; sort < 5; sort++) {
                byte[] message = message(8192 * buffers, sort, round);
                byte[] payload = compressor.compress(message, false);
                assertThat(inflate(inflater, payload)).isEqualTo(message);
                assertThat(decompressor.decompress(payload, message.length, ANY))
                        .isEqualTo(message);
            }
        }
    }

    /** The end of what goes in and of what comes out is on every place around the end of the buffers that zlib is lent. */
    @ParameterizedTest
    @ValueSource(ints = {16 * 1024, 64 * 1024, 128 * 1024})
    void noiseThatEndsNearTheEndOfABuffer(int buffer) throws DataFormatException {
        Compressor compressor = Compressor.of(DeflateOptions.DEFAULT, 15);
        Decompressor decompressor = new Decompressor();
        Inflater inflater = new Inflater(true);
        for (int length = buffer - 60; length < buffer + 20; length++) {
            byte[] message = message(length, 0, length);
            byte[] payload = compressor.compress(message, false);
            assertThat(inflate(inflater, payload)).isEqualTo(message);
            assertThat(decompressor.decompress(payload, message.length, ANY)).isEqualTo(message);
        }
    }

    /** Every length of output, so that the end of a flush falls on every place of a buffer. */
    @Test
    void noiseOfEveryLength() throws DataFormatException {
        for (int bits : new int[] {9, 15}) {
            Compressor compressor =
                    Compressor.of(DeflateOptions.DEFAULT.with(options -> options.memLevel(bits == 9 ? 1 : 8)), bits);
            Inflater inflater = new Inflater(true);
            for (int length = 1; length < 1500; length++) {
                byte[] message = message(length, 0, length);
                assertThat(inflate(inflater, compressor.compress(message, false)))
                        .isEqualTo(message);
            }
        }
    }

    /**
     * CVE-2026-54490 (websocket-driver), CVE-2026-5680 (Undertow), CVE-2026-1526 (undici), CVE-2026-107227
     * (AsyncHttpClient): the limit is that of what comes out.
     */
    @Test
    void aBombCostsLessThanTheLimit() {
        int limit = 64 * 1024 * 1024;
        byte[] bomb = bomb(1024 * 1024 * 1024);
        assertThat(bomb.length).isBetween(1_000_000, 1_100_000);
        Decompressor decompressor = new Decompressor();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThatExceptionOfType(ExtensionException.class)
                .isThrownBy(() -> decompressor.decompress(bomb, limit, ANY))
                .satisfies(failure -> assertThat(failure.kind()).isEqualTo(ExtensionException.Kind.TOO_LONG))
                .withMessageContaining("max-length (67108864 bytes)");
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(limit + 1024 * 1024);
        decompressor.end();
    }

    /** So many zeros, compressed. */
    static byte[] bomb(int length) {
        Deflater deflater = new Deflater(9, true);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] zeros = new byte[1 << 20];
        byte[] buffer = new byte[1 << 16];
        for (int sent = 0; sent < length; sent += zeros.length) {
            deflater.setInput(zeros);
            for (int count = deflater.deflate(buffer); count > 0; count = deflater.deflate(buffer)) {
                all.write(buffer, 0, count);
            }
        }
        for (int count = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH); count > 0; ) {
            all.write(buffer, 0, count);
            count = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
        }
        deflater.end();
        return all.toByteArray();
    }

    @Test
    void thePoolKeepsAsManyAsThereAreProcessors() {
        int processors = Runtime.getRuntime().availableProcessors();
        List<Integer> ended = new ArrayList<>();
        int[] made = {0};
        Pool<Integer> pool = new Pool<>(() -> made[0]++, ended::add);
        List<Integer> taken = new ArrayList<>();
        for (int i = 0; i < processors + 3; i++) {
            taken.add(pool.take());
        }
        assertThat(taken).doesNotHaveDuplicates();
        taken.forEach(pool::giveBack);
        assertThat(pool.size()).isEqualTo(processors);
        assertThat(ended).hasSize(3);
        int last = taken.get(processors - 1);
        assertThat(pool.take()).as("the one used last").isEqualTo(last);
        assertThat(made[0]).isEqualTo(processors + 3);
        assertThat(pool.take()).as("another's is nobody else's").isNotEqualTo(last);
    }
}
