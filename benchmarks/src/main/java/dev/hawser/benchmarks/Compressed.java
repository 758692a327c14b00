package dev.hawser.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Loads servers that speak permessage-deflate in turns, and prints CPU time for each message, memory for each idle connection,
 * and the ratios.
 */
public final class Compressed {

    /** When memory is measured for the first time these are there, and with them all threads. */
    private static final int CONNECTIONS_BEFORE = 200;

    private static final int IDLE_CONNECTIONS = 1000;
    private static final int ROUNDS = Integer.getInteger("rounds", 3);
    private static final int WARM_UP_SECONDS = Integer.getInteger("warmup", 8);
    private static final int WINDOW_SECONDS = Integer.getInteger("window", 5);

    private record Scenario(String name, int connections, int inFlight) {}

    private static final List<Scenario> SCENARIOS = List.of(
            new Scenario("100 connections, 1 in flight", 100, 1), new Scenario("20 connections, 8 in flight", 20, 8));

    /** What is compared. */
    private interface Contestant {

        String name();

        /** Starts it, so that CPU time or else memory can be measured. */
        Server start(boolean forMemory) throws IOException, InterruptedException;

        void collect(Server server) throws IOException, InterruptedException;
    }

    private record OnTomcat(String name, Class<?> application, List<String> arguments) implements Contestant {

        @Override
        public Server start(boolean forMemory) throws IOException, InterruptedException {
            return Server.start(application, forMemory ? Server.GIVES_MEMORY_BACK : List.of("-Xmx1g"), arguments);
        }

        @Override
        public void collect(Server server) throws IOException, InterruptedException {
            server.collect();
        }
    }

    private record OnNode(String name, Path folder) implements Contestant {

        private static final Path SOURCES = Path.of("src/main/node");

        /** Installs what its lock file says. */
        void install() throws IOException, InterruptedException {
            Files.createDirectories(folder);
            try (Stream<Path> files = Files.list(SOURCES)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
            }
            int exitCode = new ProcessBuilder("npm", "ci", "--ignore-scripts")
                    .directory(folder.toFile())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start()
                    .waitFor();
            if (exitCode != 0) {
                throw new IOException("npm ci failed: see above");
            }
        }

        @Override
        public Server start(boolean forMemory) throws IOException, InterruptedException {
            return Server.start(
                    name, port -> new ProcessBuilder("node", "--expose-gc", "echo.mjs", Integer.toString(port))
                            .directory(folder.toFile()));
        }

        @Override
        public void collect(Server server) throws IOException {
            URI collection = URI.create("http://127.0.0.1:" + server.port() + "/gc");
            try (InputStream answer = collection.toURL().openStream()) {
                answer.readAllBytes();
            }
        }
    }

    /** What a message cost: CPU time, and bytes of the answer's payload. */
    private record Cost(double micros, double bytes) {}

    private Compressed() {}

    public static void main(String[] arguments) throws Exception {
        List<Contestant> contestants = contestants();
        StringBuilder table = new StringBuilder(head(contestants));
        for (Scenario scenario : SCENARIOS) {
            if (!scenario.name().matches(System.getProperty("only", ".*"))) {
                continue;
            }
            List<List<Cost>> costs = new ArrayList<>();
            contestants.forEach(contestant -> costs.add(new ArrayList<>()));
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < contestants.size(); i++) {
                    costs.get(i).add(cost(contestants.get(i), scenario));
                }
            }
            List<Double> micros = medians(costs, Cost::micros);
            row(table, scenario.name() + ", CPU µs a message", micros, true);
            List<Double> messages = micros.stream().map(each -> 1e6 / each).toList();
            row(table, scenario.name() + ", messages a CPU second", messages, false);
            row(table, scenario.name() + ", bytes of an answer", medians(costs, Cost::bytes), true);
        }
        List<Double> memory = new ArrayList<>();
        for (Contestant contestant : contestants) {
            memory.add(kibForEachConnection(contestant));
        }
        row(table, "memory of an idle connection, KiB", memory, true);
        System.out.print(table);
        Files.writeString(Path.of("target/compressed.md"), table);
    }

    /** Those that are here and agree to the extension as it is offered; of the others it says why not. */
    private static List<Contestant> contestants() throws IOException, InterruptedException {
        List<Contestant> contestants = new ArrayList<>();
        contestants.add(new OnTomcat("Spring", SpringEcho.class, List.of()));
        OnNode ws = new OnNode("ws", Path.of("target/node"));
        try {
            ws.install();
            contestants.add(ws);
        } catch (IOException missing) {
            System.out.println("Skipped: ws, " + missing.getMessage());
        }
        contestants.add(new OnTomcat(
                "Hawser", HawserEcho.class, List.of("--hawser.websocket.extensions.permessage-deflate.enabled=true")));
        List<Contestant> agreeing = new ArrayList<>();
        for (Contestant contestant : contestants) {
            try (Server server = contestant.start(false)) {
                Handshake handshake = Handshake.with(server.port(), CompressedLoad.OFFER);
                handshake.channel().close();
                if (handshake.extensions().equals(CompressedLoad.OFFER)) {
                    agreeing.add(contestant);
                } else {
                    System.out.println("Skipped: " + contestant.name() + ", which answers the offer of "
                            + CompressedLoad.OFFER + " with \"" + handshake.extensions() + "\"");
                }
            }
        }
        return agreeing;
    }

    /** Every contestant, and how much better the last of them is than each of the others. */
    private static String head(List<Contestant> contestants) {
        List<String> names = contestants.stream().map(Contestant::name).toList();
        List<String> cells = new ArrayList<>(List.of("load"));
        cells.addAll(names);
        for (String other : names.subList(0, Math.max(0, names.size() - 1))) {
            cells.add(other + " : " + names.get(names.size() - 1));
        }
        return "| " + String.join(" | ", cells) + " |\n|" + "---|".repeat(cells.size()) + "\n";
    }

    private static void row(StringBuilder table, String name, List<Double> values, boolean lessIsBetter) {
        List<String> cells = new ArrayList<>(List.of(name));
        values.forEach(value -> cells.add(String.format(Locale.ROOT, value < 1000 ? "%.2f" : "%,.0f", value)));
        for (int i = 0; i < values.size() - 1; i++) {
            double ratio = values.get(i) / values.get(values.size() - 1);
            cells.add(String.format(Locale.ROOT, "%.2f", lessIsBetter ? ratio : 1 / ratio));
        }
        String row = "| " + String.join(" | ", cells) + " |\n";
        System.err.print(row);
        table.append(row);
    }

    private static List<Double> medians(List<List<Cost>> costs, Function<Cost, Double> number) {
        return costs.stream()
                .map(rounds -> SideBySide.median(rounds.stream().map(number).toList()))
                .toList();
    }

    private static Cost cost(Contestant contestant, Scenario scenario) throws Exception {
        try (Server server = contestant.start(false);
                LoadProcess load = load(server, scenario.connections(), scenario.inFlight(), 1)) {
            long[] numbers = load.window();
            Cost cost = new Cost((double) numbers[1] / numbers[0], (double) numbers[3] / numbers[0]);
            System.err.printf(
                    Locale.ROOT,
                    "%s, %s: %.2f µs, %d messages/s, %.1f CPUs, %d of %d answers uncompressed%n",
                    contestant.name(),
                    scenario.name(),
                    cost.micros(),
                    numbers[0] / WINDOW_SECONDS,
                    numbers[1] / 1e6 / WINDOW_SECONDS,
                    numbers[2],
                    numbers[0]);
            return cost;
        }
    }

    /** The connections that are there before stay, so that nothing of theirs is used again. */
    private static double kibForEachConnection(Contestant contestant) throws Exception {
        try (Server server = contestant.start(true);
                LoadProcess first = load(server, CONNECTIONS_BEFORE, 1, 0)) {
            first.awaitIdle();
            contestant.collect(server);
            long before = server.resident();
            try (LoadProcess load = load(server, IDLE_CONNECTIONS, 1, 0)) {
                load.awaitIdle();
                contestant.collect(server);
                return (server.resident() - before) / (double) IDLE_CONNECTIONS;
            }
        }
    }

    private static LoadProcess load(Server server, int connections, int inFlight, int windows) throws IOException {
        return LoadProcess.start(
                CompressedLoad.class,
                new LoadPlan(
                        server.port(),
                        server.id(),
                        connections,
                        Documents.BYTES,
                        inFlight,
                        WARM_UP_SECONDS,
                        WINDOW_SECONDS,
                        windows));
    }
}
