package dev.hawser.websocket.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients of event streams whose network goes silent, in a network namespace of their own. */
@Tag("once")
class SilentNetworkTests {

    private static void requireNamespaces() throws InterruptedException {
        try {
            Process tried = new ProcessBuilder("unshare", "-n", "ip", "link", "set", "lo", "up")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (tried.waitFor() == 0) {
                return;
            }
        } catch (IOException missing) {
            // The same.
        }
        String what = "a network namespace cannot be made here (unshare -n, ip)";
        System.out.println("SKIPPED: " + what);
        Assumptions.abort(what);
    }

    @ParameterizedTest
    @EnumSource
    void aClientWhoseNetworkGoesSilentIsNoticedAndOneThatDoesNotReadIsNot(Container container) throws Exception {
        requireNamespaces();
        Process program = new ProcessBuilder(
                        "unshare",
                        "-n",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SilentNetwork.class.getName(),
                        container.name())
                .redirectErrorStream(true)
                .start();
        try {
            program.getOutputStream().close();
            String output = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(program.waitFor(20, TimeUnit.SECONDS)).isTrue();
            System.out.println(container + ": " + output.strip().replace("\n", ", "));
            assertThat(output).contains("silent: closed after ");
            if (container != Container.JETTY) {
                assertThat(output).contains("slow for 10 s: kept\n", "reset: closed\n");
            }
        } finally {
            program.destroyForcibly();
        }
    }
}
