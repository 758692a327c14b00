package dev.hawser.benchmarks;

import dev.hawser.websocket.extension.ExtensionMessage;
import dev.hawser.websocket.extension.Negotiation;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.extension.deflate.DeflateOptions;
import dev.hawser.websocket.extension.deflate.PermessageDeflate;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.handshake.ExtensionHeader.Parameter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.zip.Deflater;

/**
 * What each setting of permessage-deflate costs and brings, without sockets: memory of a connection after it has sent and
 * received 64 documents of 2 KiB, CPU time for each document sent, and how short it becomes. And whether it helps to bound
 * how many compressions run at once. Each line comes from processes of its own: the medians of three.
 */
public final class CompressionSettings {

    private static final int ROUNDS = 3;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int CONNECTIONS = 1000;
    private static final int MESSAGES = 64;
    private static final List<byte[]> DOCUMENTS = Documents.all();

    private record Setting(String name, Consumer<DeflateOptions.Builder> changes) {}

    private static final List<Setting> SETTINGS = List.of(
            new Setting("none of them", options -> {}),
            new Setting("`level: 1`", options -> options.level(1)),
            new Setting("`level: 9`", options -> options.level(9)),
            new Setting("`strategy: huffman-only`", o -> o.strategy(DeflateOptions.Strategy.HUFFMAN_ONLY)),
            new Setting("`server-no-context-takeover`", options -> options.serverNoContextTakeover(true)),
            new Setting("`client-no-context-takeover`", options -> options.clientNoContextTakeover(true)),
            new Setting("both `no-context-takeover`", options -> options.serverNoContextTakeover(true)
                    .clientNoContextTakeover(true)),
            new Setting("`mem-level: 9`", options -> options.memLevel(9)),
            new Setting("`mem-level: 5`", options -> options.memLevel(5)),
            new Setting("`mem-level: 3`", options -> options.memLevel(3)),
            new Setting("`server-max-window-bits: 13`", options -> options.serverMaxWindowBits(13)),
            new Setting("`server-max-window-bits: 11`", options -> options.serverMaxWindowBits(11)),
            new Setting("`server-max-window-bits: 8`", options -> options.serverMaxWindowBits(8)),
            new Setting("`server-max-window-bits: 11`, `mem-level: 4`", options -> options.serverMaxWindowBits(11)
                    .memLevel(4)),
            new Setting(
                    "the same, `client-no-context-takeover`",
                    options -> options.serverMaxWindowBits(11).memLevel(4).clientNoContextTakeover(true)));

    private CompressionSettings() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 1) {
            System.out.println(measure(SETTINGS.get(Integer.parseInt(arguments[0]))));
            return;
        }
        if (arguments.length == 2) {
            System.out.println(crowd(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1])));
            return;
        }
        StringBuilder table = new StringBuilder("| settings | KiB a connection | µs a message | bytes of 2,048 |\n");
        table.append("|---|---|---|---|\n");
        List<String[]> settings = new ArrayList<>();
        for (int i = 0; i < SETTINGS.size(); i++) {
            settings.add(new String[] {Integer.toString(i)});
        }
        medians(settings).forEach(table::append);
        table.append("\n| threads that compress | at once | messages/s | resident MiB |\n|---|---|---|---|\n");
        List<String[]> crowds = new ArrayList<>();
        for (String threads : new String[] {"16", "200"}) {
            for (String permits : new String[] {"2", "10", threads}) {
                crowds.add(new String[] {threads, permits});
            }
        }
        medians(crowds).forEach(table::append);
        System.out.print(table);
        Files.writeString(Path.of("target/compression-settings.md"), table);
    }

    private static String inProcess(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Server.jdk("java")));
        command.addAll(Server.GIVES_MEMORY_BACK);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), CompressionSettings.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String line = new String(process.getInputStream().readAllBytes()).strip();
        if (process.waitFor() != 0) {
            throw new IllegalStateException("It has failed: see above");
        }
        return line;
    }

    /** The medians, column by column, of three processes, which come in turns with those of the other lines. */
    private static List<String> medians(List<String[]> lines) throws Exception {
        List<List<String[]>> all = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            List<String[]> results = new ArrayList<>();
            for (String[] arguments : lines) {
                String result = inProcess(arguments);
                System.err.println(result);
                results.add(result.split("\\s*\\|\\s*"));
            }
            all.add(results);
        }
        List<String> medians = new ArrayList<>();
        for (int line = 0; line < lines.size(); line++) {
            StringBuilder row = new StringBuilder("|");
            for (int column = 1; column < all.get(0).get(line).length; column++) {
                List<String> values = new ArrayList<>();
                for (List<String[]> round : all) {
                    values.add(round.get(line)[column]);
                }
                if (column > 1) {
                    values.sort(Comparator.comparingDouble(Double::parseDouble));
                }
                row.append(' ').append(values.get(ROUNDS / 2)).append(" |");
            }
            medians.add(row.append('\n').toString());
        }
        return medians;
    }

    private static Pipeline connection(PermessageDeflate deflate) {
        // A client that lets the server choose.
        List<ExtensionHeader> offer =
                List.of(new ExtensionHeader(deflate.name(), List.of(new Parameter("client_max_window_bits", null))));
        return Negotiation.accept(List.of(deflate), offer, 1 << 20, Pipeline.Sizes.NONE);
    }

    private static String measure(Setting setting) throws IOException {
        PermessageDeflate deflate = new PermessageDeflate(DeflateOptions.DEFAULT.with(setting.changes()));
        byte[][] received = compressed();
        exchange(connections(deflate, 20), received, 100); // warm
        long before = residentAfterCollection();
        List<Pipeline> connections = connections(deflate, CONNECTIONS);
        long[] sent = exchange(connections, received, MESSAGES);
        long after = residentAfterCollection();
        if (connections.size() != CONNECTIONS) {
            throw new IllegalStateException("They must be held until here");
        }
        return String.format(
                Locale.ROOT,
                "| %s | %.0f | %.1f | %d |",
                setting.name(),
                Math.max(0, after - before) / (double) CONNECTIONS,
                sent[0] / 1e3 / CONNECTIONS / MESSAGES,
                sent[1] / CONNECTIONS / MESSAGES);
    }

    private static List<Pipeline> connections(PermessageDeflate deflate, int count) {
        List<Pipeline> connections = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            connections.add(connection(deflate));
        }
        return connections;
    }

    /** Nanoseconds of CPU time for all that was sent, and its bytes. */
    private static long[] exchange(List<Pipeline> connections, byte[][] received, int messages) {
        long nanos = 0;
        long bytes = 0;
        for (int i = 0; i < messages; i++) {
            byte[] document = DOCUMENTS.get(i % DOCUMENTS.size());
            byte[] payload = received[i % received.length];
            long start = THREADS.getCurrentThreadCpuTime();
            for (Pipeline connection : connections) {
                ExtensionMessage sent = connection.outgoing().process(new ExtensionMessage(true, 0, document, true));
                bytes += Objects.requireNonNull(sent).data().length;
            }
            nanos += THREADS.getCurrentThreadCpuTime() - start;
            for (Pipeline connection : connections) {
                connection.incoming().process(new ExtensionMessage(true, 4, payload, true));
            }
        }
        return new long[] {nanos, bytes};
    }

    /** The documents as any client may send them: none refers to another. */
    private static byte[][] compressed() {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        byte[][] all = new byte[DOCUMENTS.size()][];
        byte[] buffer = new byte[2 * Documents.BYTES];
        for (int i = 0; i < all.length; i++) {
            deflater.setInput(DOCUMENTS.get(i));
            int length = deflater.deflate(buffer, 0, buffer.length, Deflater.FULL_FLUSH);
            all[i] = Arrays.copyOf(buffer, length - 4);
        }
        deflater.end();
        return all;
    }

    private static long residentAfterCollection() throws IOException {
        System.gc();
        System.gc();
        return Server.resident(ProcessHandle.current().pid());
    }

    /** So many threads, each with a connection of its own, compress for six seconds, so many of them at once. */
    private static String crowd(int threads, int permits) throws Exception {
        PermessageDeflate deflate = new PermessageDeflate();
        Semaphore semaphore = new Semaphore(permits);
        long[] counts = new long[threads];
        long end = System.nanoTime() + 6_000_000_000L;
        long from = end - 4_000_000_000L;
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int index = i;
            Thread thread = new Thread(() -> {
                Pipeline connection = connection(deflate);
                for (int next = 0; System.nanoTime() < end; next++) {
                    semaphore.acquireUninterruptibly();
                    try {
                        connection
                                .outgoing()
                                .process(new ExtensionMessage(true, 0, DOCUMENTS.get(next % DOCUMENTS.size()), true));
                    } finally {
                        semaphore.release();
                    }
                    if (System.nanoTime() > from) {
                        counts[index]++;
                    }
                }
            });
            thread.start();
            all.add(thread);
        }
        for (Thread thread : all) {
            thread.join();
        }
        return String.format(
                Locale.ROOT,
                "| %d | %d | %d | %d |",
                threads,
                permits,
                Arrays.stream(counts).sum() / 4,
                Server.resident(ProcessHandle.current().pid()) / 1024);
    }
}
