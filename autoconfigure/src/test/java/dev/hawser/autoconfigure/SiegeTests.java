package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * 2,000 hostile connections, each with a worst case of its own, all at once, against a process with 256 MiB of heap: it stays up,
 * and who behaves well beside them is answered within a second, throughout.
 */
@Timeout(240)
class SiegeTests {

    private static final int CONNECTIONS = 2000;
    private static final Duration SIEGE = Duration.ofSeconds(20);

    private final Queue<String> output = new ConcurrentLinkedQueue<>();
    private Process server;

    private int start() throws Exception {
        server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BesiegedApplication.class.getName())
                .redirectErrorStream(true)
                .start();
        CompletableFuture<Integer> port = new CompletableFuture<>();
        Thread reader = new Thread(() -> {
            try (BufferedReader lines = server.inputReader(StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    output.add(line);
                    if (line.startsWith("port ")) {
                        port.complete(Integer.parseInt(line.substring(5)));
                    }
                }
            } catch (IOException ended) {
                output.add(ended.toString());
            }
            port.completeExceptionally(new IOException("The server has ended: " + output));
        });
        reader.setDaemon(true);
        reader.start();
        return port.get(60, TimeUnit.SECONDS);
    }

    /** What the server has said stands in the test's output, for when it fails. */
    @AfterEach
    void stop() throws InterruptedException {
        if (server != null) {
            server.destroyForcibly().waitFor();
        }
        output.stream()
                .filter(line -> line.matches(".*(WARN|ERROR|Error|Exception).*"))
                .limit(50)
                .forEach(System.out::println);
    }

    private static long[] figures(int port) throws Exception {
        String text = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/figures"))
                                .timeout(Duration.ofSeconds(30))
                                .build(),
                        BodyHandlers.ofString())
                .body();
        return Arrays.stream(text.split(" ")).mapToLong(Long::parseLong).toArray();
    }

    /** A server that has just been started has compiled nothing, and would answer late for that. */
    private static void warmUp(int port) throws Exception {
        try (RawSocket friend = RawSocket.open(port, "/echo");
                Besiegers few = new Besiegers(port, CONNECTIONS / 10)) {
            for (int i = 0; i < 1000; i++) {
                friend.send('!');
                assertThat(friend.echo()).isEqualTo('!');
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> few.tried().get("RESETS")[1] > 50);
        }
    }

    @Test
    void whoBehavesWellIsAnsweredWithinASecondAllTheWhile() throws Exception {
        int port = start();
        warmUp(port);
        long longest = 0;
        int echoes = 0;
        try (RawSocket friend = RawSocket.open(port, "/echo");
                Besiegers besiegers = new Besiegers(port, CONNECTIONS)) {
            long end = System.nanoTime() + SIEGE.toNanos();
            while (System.nanoTime() < end) {
                long start = System.nanoTime();
                friend.send('!');
                assertThat(friend.echo()).isEqualTo('!');
                longest = Math.max(longest, System.nanoTime() - start);
                echoes++;
                await().pollDelay(Duration.ofMillis(20)).until(() -> true);
            }
            System.out.printf(
                    "%d echoes beside %,d hostile connections, the longest took %d ms; %s%n",
                    echoes, CONNECTIONS, longest / 1_000_000, besiegers.summary());
            for (Map.Entry<String, long[]> kind : besiegers.tried().entrySet()) {
                assertThat(kind.getValue()[0]).as(kind.getKey()).isPositive();
            }
        }
        assertThat(server.isAlive()).isTrue();
        assertThat(longest).isLessThan(1_000_000_000L);
        assertThat(echoes).isGreaterThan(20);
        assertThat(output).noneMatch(line -> line.contains("OutOfMemoryError"));
        long[] after = figures(port);
        System.out.printf(
                "%,d handshakes were refused and %,d connections closed for want of memory%n", after[2], after[3]);
        assertThat(after[2] + after[3]).isPositive();
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            long[] rest = figures(port);
            assertThat(List.of(rest[0], rest[1])).containsExactly(0L, 0L);
        });
    }
}
