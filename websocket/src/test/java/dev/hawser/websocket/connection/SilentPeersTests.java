package dev.hawser.websocket.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.hawser.websocket.connection.SilentPeers.Connection;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Linux's table of connections; the addresses are as a little-endian machine shows them. */
class SilentPeersTests {

    private static final String HEAD =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid";

    private static Stream<String> table(String... lines) {
        assumeThat(ByteOrder.nativeOrder()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
        return Stream.concat(Stream.of(HEAD), Stream.of(lines));
    }

    private static String line(String local, String remote, String timer, String retransmissions) {
        return "   7: " + local + " " + remote + " 01 00000003:00000000 " + timer + ":0000026A " + retransmissions
                + "     0        0 4875585 1 000000004a47ec64 100 0 0 10 0";
    }

    @Test
    void whoDoesNotAcknowledgeIsSilent() {
        assertThat(SilentPeers.silent(table(
                        line("0100007F:1F90", "0200A8C0:C277", "01", "00000005"),
                        line(
                                "0000000000000000FFFF00000100007F:1F90",
                                "0000000000000000FFFF00000300A8C0:C277",
                                "01",
                                "0000000F"),
                        line(
                                "00000000000000000000000001000000:1F90",
                                "B80D0120000000000000000001000000:C278",
                                "01",
                                "00000006"))))
                .containsExactly(
                        Connection.of("192.168.0.2", 0xC277, 8080),
                        Connection.of("192.168.0.3", 0xC277, 8080),
                        Connection.of("2001:db8:0:0:0:0:0:1", 0xC278, 8080));
    }

    @Test
    void whoIsOnlySlowOrLateIsNot() {
        assertThat(SilentPeers.silent(table(
                        line("0100007F:1F90", "0200A8C0:C277", "01", "00000004"), // may be a lossy network
                        line(
                                "0100007F:1F90",
                                "0200A8C0:C277",
                                "04",
                                "00000009"), // its window is closed: it does not read
                        line("0100007F:1F90", "0200A8C0:C277", "00", "00000000"),
                        line("0100007F:1F90", "0200A8C0:C277", "02", "00000000"),
                        "nonsense")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "abc", "unknown", "", "fe80::1%eth0", "1.2.3", ":::", "[::1]"})
    void aNameIsNotLookedUp(String name) {
        assertThat(Connection.of(name, 1, 2)).isNull();
    }

    @Test
    void theOwnTableCanBeRead() {
        assumeThat(Path.of("/proc/self/net/tcp")).matches(Files::isReadable);
        Connection nobody = Connection.of("127.0.0.1", 1, 1);
        assertThat(nobody).isNotNull();
        assertThat(new SilentPeers().contains(nobody, Duration.ZERO)).isFalse();
    }

    @Test
    @Timeout(10)
    void nobodyWaitsForWhoReadsTheTable() throws Exception {
        Connection nobody = new Connection("7f000001", 1, 1);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        SilentPeers peers = new SilentPeers(() -> {
            begun.countDown();
            await(end);
            return Set.of(nobody);
        });
        CompletableFuture<Boolean> reader =
                CompletableFuture.supplyAsync(() -> peers.contains(nobody, Duration.ofMinutes(1)));
        await(begun);
        assertThat(peers.contains(nobody, Duration.ofMinutes(1))).isFalse();
        end.countDown();
        assertThat(reader.get(5, TimeUnit.SECONDS)).isTrue();
        assertThat(peers.contains(nobody, Duration.ofMinutes(1))).isTrue();
    }

    @Test
    void anAnswerThatIsYoungEnoughIsNotReadAgain() {
        Connection nobody = new Connection("7f000001", 1, 1);
        Duration age = Duration.ofMinutes(1);
        AtomicInteger reads = new AtomicInteger();
        SilentPeers peers = new SilentPeers(() -> {
            reads.incrementAndGet();
            return Set.of();
        });
        peers.contains(nobody, age);
        peers.contains(nobody, age);
        assertThat(reads).hasValue(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(5, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
