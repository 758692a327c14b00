package dev.hawser.tests.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
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
        String why = whatForbidsNamespaces();
        assumeTrue(why.isEmpty(), "No network of its own: " + why);
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

    /** Why there can be no network that is cut; empty if there can. */
    private static String whatForbidsNamespaces() throws Exception {
        try {
            Process probe = new ProcessBuilder("unshare", "-n", "sh", "-ec", """
                            ip link add hawser-a type veth peer name hawser-b
                            echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet
                            ip link set lo up
                            ip route del local 127.0.0.0/8 dev lo table local
                            nsenter --version > /dev/null
                            """)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return probe.waitFor() == 0 ? "" : "not allowed: " + output;
        } catch (IOException missing) {
            return String.valueOf(missing.getMessage());
        }
    }
}
