package dev.hawser.tests.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Listeners of three nodes hear every number once and in order, whatever happens to the nodes, to Redis and to the network. {@code -Dcluster.clients} and {@code
 * -Dcluster.messages} say how many.
 */
class ClusterTests {

    @Test
    void everyNumberComesOnceAndInOrderThroughAllFaults() throws Exception {
        Process possible = new ProcessBuilder(
                        "unshare", "-n", "ip", "link", "add", "hawser-a", "type", "veth", "peer", "hawser-b")
                .redirectErrorStream(true)
                .start();
        String why = new String(possible.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assumeTrue(possible.waitFor() == 0, "No network namespaces here: " + why);
        Process cluster = new ProcessBuilder(
                        "unshare",
                        "-n",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Cluster.class.getName(),
                        System.getProperty("cluster.clients", "1000"),
                        System.getProperty("cluster.messages", "10000"))
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(cluster.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            System.out.println(output);
            assertThat(cluster.waitFor()).as(output).isZero();
        } finally {
            cluster.destroyForcibly();
        }
    }
}
