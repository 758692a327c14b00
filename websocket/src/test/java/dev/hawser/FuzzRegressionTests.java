package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.extension.deflate.DeflateFuzzer;
import dev.hawser.websocket.handshake.HandshakeFuzzer;
import dev.hawser.websocket.handshake.HttpTextFuzzer;
import dev.hawser.websocket.protocol.FrameFuzzer;
import dev.hawser.websocket.protocol.Utf8Fuzzer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the fuzzers once found, or begin with, and some random changes of it. {@code -Pfuzz} looks for more: whatever it
 * finds becomes a file in {@code src/test/resources/fuzz}, and so is tested for ever.
 */
class FuzzRegressionTests {

    private static final Map<String, Consumer<byte[]>> FUZZERS = new TreeMap<>(Map.of(
            "DeflateFuzzer", DeflateFuzzer::fuzzerTestOneInput,
            "FrameFuzzer", FrameFuzzer::fuzzerTestOneInput,
            "Utf8Fuzzer", Utf8Fuzzer::fuzzerTestOneInput,
            "HandshakeFuzzer", HandshakeFuzzer::fuzzerTestOneInput,
            "HttpTextFuzzer", HttpTextFuzzer::fuzzerTestOneInput));

    static Stream<Arguments> inputs() throws IOException {
        List<Arguments> inputs = new ArrayList<>();
        for (Map.Entry<String, Consumer<byte[]>> fuzzer : FUZZERS.entrySet()) {
            try (Stream<Path> files = Files.list(Path.of("src/test/resources/fuzz", fuzzer.getKey()))) {
                for (Path file : files.sorted().toList()) {
                    inputs.add(Arguments.argumentSet(
                            fuzzer.getKey() + " " + file.getFileName(), fuzzer.getValue(), Files.readAllBytes(file)));
                }
            }
        }
        return inputs.stream();
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void theInputAndItsNeighboursKeepThePromises(Consumer<byte[]> fuzzer, byte[] input) {
        fuzzer.accept(input);
        for (int seed = 0; seed < 500; seed++) {
            byte[] changed = changed(input, new Random(seed));
            try {
                fuzzer.accept(changed);
            } catch (Throwable broken) {
                throw new AssertionError(
                        "With seed " + seed + ": " + HexFormat.of().formatHex(changed), broken);
            }
        }
        assertThat(input).isNotEmpty();
    }

    /** The input with a few bytes changed, doubled or left out. */
    private static byte[] changed(byte[] input, Random random) {
        List<Byte> bytes = new ArrayList<>();
        for (byte b : input) {
            bytes.add(b);
        }
        for (int changes = 1 + random.nextInt(4); changes > 0 && !bytes.isEmpty(); changes--) {
            int at = random.nextInt(bytes.size());
            switch (random.nextInt(4)) {
                case 0 -> bytes.set(at, (byte) random.nextInt());
                case 1 -> bytes.set(at, (byte) (bytes.get(at) ^ 1 << random.nextInt(8)));
                case 2 -> bytes.remove(at);
                default -> bytes.add(at, bytes.get(random.nextInt(bytes.size())));
            }
        }
        byte[] result = new byte[bytes.size()];
        for (int i = 0; i < result.length; i++) {
            result[i] = bytes.get(i);
        }
        return result;
    }
}
