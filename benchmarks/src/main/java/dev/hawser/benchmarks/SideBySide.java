package dev.hawser.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Loads both servers in turns and prints CPU time for each message, memory for each idle connection, and the ratios. */
public final class SideBySide {

    private static final int CONNECTIONS = 100;
    private static final int IDLE_CONNECTIONS = 10_000;
    static final int ROUNDS = Integer.getInteger("rounds", 3);
    private static final int WARM_UP_SECONDS = Integer.getInteger("warmup", 8);
    private static final int WINDOW_SECONDS = Integer.getInteger("window", 5);

    record Scenario(String name, int bytes, int inFlight) {}

    static final List<Scenario> SCENARIOS = List.of(
            new Scenario("16 B, 1 in flight", 16, 1),
            new Scenario("16 B, 32 in flight", 16, 32),
            new Scenario("1 KiB, 8 in flight", 1024, 8),
            new Scenario("64 KiB, 4 in flight", 65_536, 4));

    private SideBySide() {}

    public static void main(String[] arguments) throws Exception {
        StringBuilder table = new StringBuilder("| load | Spring | Hawser | ratio |\n|---|---|---|---|\n");
        for (Scenario scenario : SCENARIOS) {
            if (!scenario.name().matches(System.getProperty("only", ".*"))) {
                continue;
            }
            List<Double> spring = new ArrayList<>();
            List<Double> hawser = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                spring.add(microsForEachMessage(SpringEcho.class, scenario));
                hawser.add(microsForEachMessage(HawserEcho.class, scenario));
            }
            row(table, scenario.name() + ", CPU µs a message", median(spring), median(hawser));
        }
        row(
                table,
                "memory of an idle connection, KiB",
                kibForEachConnection(SpringEcho.class),
                kibForEachConnection(HawserEcho.class));
        System.out.print(table);
        Files.writeString(Path.of("target/side-by-side.md"), table);
    }

    private static void row(StringBuilder table, String name, double spring, double hawser) {
        String row = String.format(Locale.ROOT, "| %s | %.2f | %.2f | %.1f |%n", name, spring, hawser, spring / hawser);
        System.err.print(row);
        table.append(row);
    }

    static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    static double microsForEachMessage(Class<?> application, Scenario scenario) throws Exception {
        int longest = Math.max(8192, 2 * scenario.bytes());
        try (Server server = Server.start(application, List.of("-Xmx1g"), List.of("--longest=" + longest));
                LoadProcess load = LoadProcess.start(
                        Load.class,
                        new LoadPlan(
                                server.port(),
                                server.id(),
                                CONNECTIONS,
                                scenario.bytes(),
                                scenario.inFlight(),
                                WARM_UP_SECONDS,
                                WINDOW_SECONDS,
                                1))) {
            long[] numbers = load.window();
            double micros = (double) numbers[1] / numbers[0];
            System.err.printf(
                    Locale.ROOT,
                    "%s, %s: %.2f µs, %d messages/s%n",
                    application.getSimpleName(),
                    scenario.name(),
                    micros,
                    numbers[0] / WINDOW_SECONDS);
            return micros;
        }
    }

    private static double kibForEachConnection(Class<?> application) throws Exception {
        try (Server server = Server.start(application, Server.GIVES_MEMORY_BACK, List.of("--longest=8192"))) {
            try (LoadProcess first = idle(server, 100)) {
                first.awaitIdle(); // classes are loaded, threads are started
            }
            server.collect();
            long before = server.resident();
            try (LoadProcess load = idle(server, IDLE_CONNECTIONS)) {
                load.awaitIdle();
                server.collect();
                return (server.resident() - before) / (double) IDLE_CONNECTIONS;
            }
        }
    }

    private static LoadProcess idle(Server server, int connections) throws IOException {
        return LoadProcess.start(
                Load.class,
                new LoadPlan(server.port(), server.id(), connections, 16, 1, WARM_UP_SECONDS, WINDOW_SECONDS, 0));
    }
}
