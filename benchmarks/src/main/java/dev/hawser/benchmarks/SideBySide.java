package dev.hawser.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Loads both servers in turns and prints CPU time for each message, memory for each idle connection, and the ratios. */
public final class SideBySide {

    private static final int CONNECTIONS = 100;
    private static final int IDLE_CONNECTIONS = 10_000;
    private static final int ROUNDS = Integer.getInteger("rounds", 3);
    private static final int WARM_UP_SECONDS = Integer.getInteger("warmup", 8);
    private static final int WINDOW_SECONDS = Integer.getInteger("window", 5);

    private record Scenario(String name, int bytes, int inFlight) {}

    private static final List<Scenario> SCENARIOS = List.of(
            new Scenario("16 B, 1 in flight", 16, 1),
            new Scenario("16 B, 32 in flight", 16, 32),
            new Scenario("1 KiB, 8 in flight", 1024, 8),
            new Scenario("64 KiB, 4 in flight", 65_536, 4));

    /** A server in a process of its own. */
    private record Server(Process process, int port) implements AutoCloseable {

        static Server start(Class<?> application, List<String> flags, int longest)
                throws IOException, InterruptedException {
            int port;
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            List<String> command = new ArrayList<>(List.of(java()));
            command.addAll(flags);
            command.addAll(List.of(
                    "-cp",
                    System.getProperty("java.class.path"),
                    application.getName(),
                    "--server.port=" + port,
                    "--server.address=127.0.0.1",
                    "--server.tomcat.max-connections=20000",
                    "--logging.level.root=WARN",
                    "--spring.main.banner-mode=off",
                    "--longest=" + longest));
            Process process = new ProcessBuilder(command).inheritIO().start();
            Server server = new Server(process, port);
            for (int tries = 0; !server.answers(); tries++) {
                if (tries > 300 || !process.isAlive()) {
                    server.close();
                    throw new IllegalStateException(application.getSimpleName() + " does not start");
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
            return server;
        }

        private boolean answers() {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                return socket.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        }

        @Override
        public void close() {
            process.destroy();
            try {
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException interrupted) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }

        /** Resident memory in KiB after two full collections. */
        long residentAfterCollection() throws IOException, InterruptedException {
            for (int i = 0; i < 2; i++) {
                new ProcessBuilder(jdk("jcmd"), Long.toString(process.pid()), "GC.run")
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
            }
            return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        }
    }

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

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    private static double microsForEachMessage(Class<?> application, Scenario scenario) throws Exception {
        try (Server server = Server.start(application, List.of("-Xmx1g"), Math.max(8192, 2 * scenario.bytes()))) {
            Process load = load(server, CONNECTIONS, scenario.bytes(), scenario.inFlight(), 1);
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(load.getInputStream()))) {
                String line = lines.readLine();
                if (line == null) {
                    throw new IllegalStateException("The load has failed: see above");
                }
                String[] numbers = line.split(" ");
                double micros = Double.parseDouble(numbers[1]) / Long.parseLong(numbers[0]);
                System.err.printf(
                        Locale.ROOT,
                        "%s, %s: %.2f µs, %d messages/s%n",
                        application.getSimpleName(),
                        scenario.name(),
                        micros,
                        Long.parseLong(numbers[0]) / WINDOW_SECONDS);
                return micros;
            } finally {
                load.destroyForcibly().waitFor();
            }
        }
    }

    /** The serial collector gives memory back after each full collection, so that the difference is what is held. */
    private static double kibForEachConnection(Class<?> application) throws Exception {
        List<String> flags =
                List.of("-Xmx2g", "-Xms16m", "-XX:+UseSerialGC", "-XX:MinHeapFreeRatio=5", "-XX:MaxHeapFreeRatio=10");
        try (Server server = Server.start(application, flags, 8192)) {
            idle(server, 100).close(); // classes are loaded, threads are started
            long before = server.residentAfterCollection();
            try (Idle idle = idle(server, IDLE_CONNECTIONS)) {
                return (server.residentAfterCollection() - before) / (double) idle.connections();
            }
        }
    }

    private record Idle(Process load, int connections) implements AutoCloseable {

        @Override
        public void close() {
            load.destroyForcibly().onExit().join();
        }
    }

    private static Idle idle(Server server, int connections) throws IOException {
        Process load = load(server, connections, 16, 1, 0);
        BufferedReader lines = new BufferedReader(new InputStreamReader(load.getInputStream()));
        if (!"ready".equals(lines.readLine())) {
            throw new IllegalStateException("The load has failed: see above");
        }
        return new Idle(load, connections);
    }

    private static Process load(Server server, int connections, int bytes, int inFlight, int windows)
            throws IOException {
        List<Integer> numbers = List.of(
                server.port(),
                (int) server.process().pid(),
                connections,
                bytes,
                inFlight,
                WARM_UP_SECONDS,
                WINDOW_SECONDS,
                windows);
        List<String> command = new ArrayList<>(List.of(
                java(),
                "-Xmx512m",
                "-XX:MaxDirectMemorySize=2g",
                "-cp",
                System.getProperty("java.class.path"),
                Load.class.getName()));
        numbers.forEach(number -> command.add(number.toString()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String java() {
        return jdk("java");
    }

    private static String jdk(String tool) {
        return Path.of(System.getProperty("java.home"), "bin", tool).toString();
    }
}
