package dev.hawser.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Has three clients echo with the same server in turns, each in a process of its own, and prints what that costs them.
 *
 * <p>Arguments, each of which may be left out: connections of the largest load, seconds of a window, seconds before it.
 */
public final class Clients {

    private static final int ROUNDS = Integer.getInteger("rounds", 3);
    private static final List<String> LIBRARIES = List.of("Java-WebSocket", "JDK", "Hawser");
    private static final List<String> BACKLOG = List.of("--server.tomcat.accept-count=1000");

    private record Scenario(String name, int connections, int bytes, int inFlight) {}

    /** What a window has shown. */
    private record Cost(double micros, double messages, double connectMillis, double threads, double silent) {}

    /** What the idle connections of a process hold. */
    private record Memory(double heap, double resident, double threads) {}

    private final int connections;
    private final int seconds;
    private final int warmUp;
    private final StringBuilder table = new StringBuilder("| load | ");

    private Clients(int connections, int seconds, int warmUp) {
        this.connections = connections;
        this.seconds = seconds;
        this.warmUp = warmUp;
        table.append(String.join(" | ", LIBRARIES)).append(" |\n|---|---|---|---|\n");
    }

    public static void main(String[] arguments) throws Exception {
        int connections = argument(arguments, 0, 5000);
        ClientLoad.requireRoom(connections);
        Clients clients = new Clients(connections, argument(arguments, 1, 5), argument(arguments, 2, 10));
        clients.measure(System.getProperty("only", ".*"));
    }

    private static int argument(String[] arguments, int index, int otherwise) {
        return index < arguments.length ? Integer.parseInt(arguments[index]) : otherwise;
    }

    private void measure(String only) throws Exception {
        for (Scenario scenario : List.of(
                scenario(connections, 128, 1), scenario(Math.min(50, connections), 128, 32), scenario(1, 65_536, 4))) {
            if (scenario.name().matches(only)) {
                measure(scenario);
            }
        }
        if ("memory".matches(only)) {
            measureMemory();
        }
        System.out.print(table);
        Files.writeString(Path.of("target/clients.md"), table);
    }

    private static Scenario scenario(int connections, int bytes, int inFlight) {
        String size = bytes < 1024 ? bytes + " B" : bytes / 1024 + " KiB";
        String name = String.format(
                Locale.ROOT,
                "%,d connection%s, %s, %d in flight",
                connections,
                connections == 1 ? "" : "s",
                size,
                inFlight);
        return new Scenario(name, connections, bytes, inFlight);
    }

    private void measure(Scenario scenario) throws Exception {
        List<List<Cost>> costs = new ArrayList<>();
        LIBRARIES.forEach(library -> costs.add(new ArrayList<>()));
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < LIBRARIES.size(); i++) {
                costs.get(i).add(cost(LIBRARIES.get(i), scenario));
            }
        }
        row(scenario.name() + ": CPU µs a message", costs, Cost::micros);
        row(scenario.name() + ": messages/s", costs, Cost::messages);
        row(scenario.name() + ": threads at the peak", costs, Cost::threads);
        if (scenario.connections() == connections) {
            row(scenario.name() + ": ms until all are connected", costs, Cost::connectMillis);
            row(scenario.name() + ": connections with no echo in a window", costs, Cost::silent);
        }
    }

    private Cost cost(String library, Scenario scenario) throws Exception {
        LoadPlan plan =
                new LoadPlan(0, 0, scenario.connections(), scenario.bytes(), scenario.inFlight(), warmUp, seconds, 1);
        long[] numbers = numbers(library, List.of("-Xmx1g"), plan);
        Cost cost = new Cost(
                (double) numbers[1] / numbers[0], (double) numbers[0] / seconds, numbers[2], numbers[3], numbers[4]);
        System.err.printf(
                Locale.ROOT,
                "%s, %s: %.2f µs, %.0f messages/s, %.0f threads, connected after %.0f ms, %.0f connections silent%n",
                library,
                scenario.name(),
                cost.micros(),
                cost.messages(),
                cost.threads(),
                cost.connectMillis(),
                cost.silent());
        return cost;
    }

    private void measureMemory() throws Exception {
        List<List<Memory>> memories = new ArrayList<>();
        LIBRARIES.forEach(library -> memories.add(new ArrayList<>()));
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < LIBRARIES.size(); i++) {
                memories.get(i).add(memory(LIBRARIES.get(i)));
            }
        }
        String name = String.format(Locale.ROOT, "%,d idle connections: ", connections);
        row(name + "KiB of heap for each", memories, Memory::heap);
        row(name + "KiB of resident memory for each", memories, Memory::resident);
        row(name + "threads", memories, Memory::threads);
    }

    private Memory memory(String library) throws Exception {
        LoadPlan plan = new LoadPlan(0, 0, connections, 128, 1, 0, 0, 0);
        long[] numbers = numbers(library, Server.GIVES_MEMORY_BACK, plan);
        Memory memory = new Memory(numbers[0] / 1024.0 / connections, (double) numbers[1] / connections, numbers[2]);
        System.err.println(library + ", " + memory);
        return memory;
    }

    /** What a process of this client prints, with a server of its own. */
    private static long[] numbers(String library, List<String> flags, LoadPlan plan)
            throws IOException, InterruptedException {
        try (Server server = Server.start(HawserEcho.class, List.of("-Xmx1g"), BACKLOG)) {
            List<String> arguments = new ArrayList<>(List.of(library));
            arguments.addAll(plan.against(server).arguments());
            try (LoadProcess load = LoadProcess.start(ClientLoad.class, flags, arguments)) {
                return load.window();
            }
        }
    }

    private <T> void row(String name, List<List<T>> results, ToDoubleFunction<T> number) {
        List<String> cells = new ArrayList<>(List.of(name));
        for (List<T> rounds : results) {
            double median =
                    SideBySide.median(rounds.stream().map(number::applyAsDouble).toList());
            boolean whole = median == Math.rint(median) || median >= 1000;
            cells.add(String.format(Locale.ROOT, whole ? "%,.0f" : "%.1f", median));
        }
        String row = "| " + String.join(" | ", cells) + " |\n";
        System.err.print(row);
        table.append(row);
    }
}
