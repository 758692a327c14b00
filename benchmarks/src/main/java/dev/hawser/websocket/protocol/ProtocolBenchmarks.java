package dev.hawser.websocket.protocol;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Reading, writing, unmasking and validating, beside a plain copy of the same bytes. In the package of what it measures, so
 * that it can see the parts.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ProtocolBenchmarks {

    /** As much as a connection reads at once. */
    private static final int READ = 8192;

    private static final int KEY = 0x37FA213D;
    private static final String[] CONTENTS = {"binary", "ascii", "greek", "cjk"};
    private static final String[] SIZES = {"16", "125", "1024", "8192", "65536", "1048576"};

    @Param({"1024"})
    public int size;

    @Param({"binary"})
    public String content = "";

    private Driver driver = new HybiDriver(Limits.DEFAULT);
    private byte[] payload = {};
    private byte[] copy = {};
    private byte[] frames = {};
    private final Utf8Validator validator = new Utf8Validator();

    /** How many frames go in one read or, if they are longer, how many are read one after the other. */
    private static int framesAtOnce(int size) {
        return Math.max(1, READ / (size + 8));
    }

    @Setup
    public void prepare() {
        driver.open();
        String character =
                switch (content) {
                    case "greek" -> "\u03b1";
                    case "cjk" -> "\u4e16";
                    default -> "x";
                };
        payload = Arrays.copyOf(
                character
                        .repeat(size / character.getBytes(StandardCharsets.UTF_8).length + 1)
                        .getBytes(StandardCharsets.UTF_8),
                size);
        for (int i = size - 1; i >= 0 && content.matches("greek|cjk") && !endsCharacter(i); i--) {
            payload[i] = 'x'; // of the last character not all bytes fit
        }
        copy = new byte[size];
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = framesAtOnce(size); i > 0; i--) {
            all.writeBytes(masked(content.equals("binary") ? Opcode.BINARY : Opcode.TEXT));
        }
        frames = all.toByteArray();
    }

    private boolean endsCharacter(int last) {
        byte[] start = Arrays.copyOf(payload, last + 1);
        return new String(start, StandardCharsets.UTF_8).indexOf('\ufffd') < 0;
    }

    private byte[] masked(Opcode opcode) {
        ByteBuffer frame = ByteBuffer.allocate(14 + size);
        frame.put((byte) (0x80 | opcode.code()));
        if (size < 126) {
            frame.put((byte) (0x80 | size));
        } else if (size < 65_536) {
            frame.put((byte) (0x80 | 126)).putShort((short) size);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(size);
        }
        frame.putInt(KEY);
        byte[] data = payload.clone();
        Mask.apply(data, 0, size, KEY, 0);
        frame.put(data);
        return Arrays.copyOf(frame.array(), frame.position());
    }

    @Benchmark
    public void read(Blackhole events) {
        for (int at = 0; at < frames.length; at += READ) {
            ByteBuffer input = ByteBuffer.wrap(frames, at, Math.min(READ, frames.length - at));
            for (Event event = driver.receive(input); event != null; event = driver.receive(input)) {
                events.consume(event);
            }
        }
    }

    @Benchmark
    public void write(Blackhole bytes) {
        for (int i = framesAtOnce(size); i > 0; i--) {
            driver.binary(payload);
        }
        ByteQueue output = driver.output();
        while (!output.isEmpty()) {
            for (ByteBuffer next : output.peek()) {
                bytes.consume(next.array());
                next.position(next.limit());
            }
            output.removeWritten();
        }
    }

    @Benchmark
    public byte[] unmask() {
        Mask.apply(payload, 0, size, KEY, 0);
        return payload;
    }

    @Benchmark
    public boolean validate() {
        return validator.accept(payload, 0, size) & validator.finish();
    }

    @Benchmark
    public byte[] copy() {
        System.arraycopy(payload, 0, copy, 0, size);
        return copy;
    }

    /** Measures all of it, and prints a table. */
    public static void main(String[] arguments) throws RunnerException {
        Map<String, RunResult> results = new TreeMap<>();
        run(results, "read", CONTENTS);
        run(results, "copy|write|unmask", "binary");
        run(results, "validate", "ascii", "greek", "cjk");
        System.out.printf(
                "%nJDK %s. GB/s of payload (10^9 bytes), in brackets as a share of the copy; B: bytes allocated a frame.%n%n",
                Runtime.version());
        System.out.println("| bytes | content | read, M frames/s | write, M frames/s | read | validate | unmask | copy"
                + " | B read | B given |");
        System.out.println("|---|---|---|---|---|---|---|---|---|---|");
        for (String size : SIZES) {
            for (String content : CONTENTS) {
                row(results, Integer.parseInt(size), content);
            }
        }
    }

    private static void run(Map<String, RunResult> results, String methods, String... contents) throws RunnerException {
        Collection<RunResult> measured = new Runner(new OptionsBuilder()
                        .include(ProtocolBenchmarks.class.getName() + "\\.(" + methods + ")$")
                        .param("content", contents)
                        .param("size", SIZES)
                        .forks(1)
                        .warmupIterations(6)
                        .warmupTime(TimeValue.milliseconds(500))
                        .measurementIterations(3)
                        .measurementTime(TimeValue.milliseconds(500))
                        .addProfiler(GCProfiler.class)
                        .build())
                .run();
        for (RunResult result : measured) {
            String method = result.getParams().getBenchmark().replaceAll(".*\\.", "");
            results.put(
                    method
                            + result.getParams().getParam("content")
                            + result.getParams().getParam("size"),
                    result);
        }
    }

    private static void row(Map<String, RunResult> results, int size, String content) {
        double copy = gigabytes(requireNonNull(results.get("copybinary" + size)), size, 1);
        int frames = framesAtOnce(size);
        RunResult read = requireNonNull(results.get("read" + content + size));
        System.out.printf(
                "| %,d | %s | %s | %s | %s | %s | %s | %.1f | %,.0f | %,d |%n",
                size,
                content,
                millions(read, frames),
                millions(results.get("write" + content + size), frames),
                share(read, size, frames, copy),
                share(results.get("validate" + content + size), size, 1, copy),
                share(results.get("unmask" + content + size), size, 1, copy),
                copy,
                requireNonNull(read.getSecondaryResults().get("gc.alloc.rate.norm"))
                                .getScore()
                        / frames,
                given(size));
    }

    private static String millions(@Nullable RunResult result, int frames) {
        return result == null
                ? ""
                : "%.3f".formatted(1e3 * frames / result.getPrimaryResult().getScore());
    }

    private static double gigabytes(RunResult result, int size, int frames) {
        return (double) size * frames / result.getPrimaryResult().getScore();
    }

    private static String share(@Nullable RunResult result, int size, int frames, double copy) {
        if (result == null) {
            return "";
        }
        double speed = gigabytes(result, size, frames);
        return "%.2f (%.0f %%)".formatted(speed, 100 * speed / copy);
    }

    /** An event of 16 bytes and its array, with compressed pointers: what a listener is given. */
    private static int given(int size) {
        return 16 + (16 + size + 7) / 8 * 8;
    }
}
