package dev.hawser.websocket.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Much more than memory goes through a socket, as many messages and as one, in a JVM of 64 MiB: 512 MiB each way, or {@code
 * -Dstream.gib=10}.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class LargeTransferTests {

    @TempDir
    private Path folder;

    private String transfer(String what, String where, long mebibytes) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Process program = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:MaxDirectMemorySize=64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LargeTransfer.class.getName(),
                        what,
                        where,
                        Long.toString(mebibytes)))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            boolean ended = program.waitFor(20, TimeUnit.MINUTES);
            String said = Files.readString(output, StandardCharsets.UTF_8);
            assertThat(ended).as(said).isTrue();
            assertThat(program.exitValue()).as(said).isZero();
            System.out.print(said);
            return said;
        } finally {
            program.destroyForcibly();
        }
    }

    @ParameterizedTest
    @CsvSource({"messages, up", "messages, down", "message, up", "message, down"})
    void fitsInSixtyFourMebibytes(String what, String where) throws Exception {
        long mebibytes = Math.round(Double.parseDouble(System.getProperty("stream.gib", "0.5")) * 1024);
        assertThat(transfer(what, where, mebibytes)).contains(what + " " + where + ": " + mebibytes + " MiB in ");
    }
}
