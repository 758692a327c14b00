package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Nothing is left of applications that were closed: {@code -Dcontexts=1000} starts so many. */
class ContextStartsTests {

    @Test
    void nothingIsLeftOfApplicationsThatWereClosed() throws Exception {
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:SoftRefLRUPolicyMSPerMB=0", // what may be kept a while is not kept at all
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        ContextStarts.class.getName(),
                        System.getProperty("contexts", "10"))
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            System.out.println(output);
            assertThat(program.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(program.exitValue()).as(output).isZero();
        } finally {
            program.destroyForcibly();
        }
    }
}
