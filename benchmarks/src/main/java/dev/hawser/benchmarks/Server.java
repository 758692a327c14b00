package dev.hawser.benchmarks;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** A server in a process of its own. */
record Server(Process process, int port) implements AutoCloseable {

    /** The serial collector gives memory back after each full collection, so that a difference is what is held. */
    static final List<String> GIVES_MEMORY_BACK =
            List.of("-Xmx2g", "-Xms16m", "-XX:+UseSerialGC", "-XX:MinHeapFreeRatio=5", "-XX:MaxHeapFreeRatio=10");

    private static final long TICK_MICROS = 10_000; // Linux counts CPU time in hundredths of a second

    /** Starts an application with a JVM's flags, and with arguments besides those that all have. */
    static Server start(Class<?> application, List<String> flags, List<String> arguments)
            throws IOException, InterruptedException {
        return start(application.getSimpleName(), port -> {
            List<String> command = new ArrayList<>(List.of(jdk("java")));
            command.addAll(flags);
            command.addAll(List.of(
                    "-cp",
                    System.getProperty("java.class.path"),
                    application.getName(),
                    "--server.port=" + port,
                    "--server.address=127.0.0.1",
                    "--server.tomcat.max-connections=20000",
                    "--logging.level.root=WARN",
                    "--spring.main.banner-mode=off"));
            command.addAll(arguments);
            return new ProcessBuilder(command);
        });
    }

    /** Starts what is to listen on a free port, and waits until it does. */
    static Server start(String name, IntFunction<ProcessBuilder> command) throws IOException, InterruptedException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Process process = command.apply(port).inheritIO().start();
        Server server = new Server(process, port);
        for (int tries = 0; !server.answers(); tries++) {
            if (tries > 300 || !process.isAlive()) {
                server.close();
                throw new IllegalStateException(name + " does not start");
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

    int id() {
        return (int) process.pid();
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

    /** Has a JVM collect twice. */
    void collect() throws IOException, InterruptedException {
        for (int i = 0; i < 2; i++) {
            new ProcessBuilder(jdk("jcmd"), Long.toString(process.pid()), "GC.run")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        }
    }

    /** Resident memory in KiB. */
    long resident() throws IOException {
        return resident(process.pid());
    }

    /** Resident memory of any process in KiB. */
    static long resident(long id) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + id + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    /** User and system time of any process in microseconds. */
    static long cpuMicros(long id) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + id + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_MICROS;
    }

    /** Where a program of the JDK that runs this is. */
    static String jdk(String tool) {
        return Path.of(System.getProperty("java.home"), "bin", tool).toString();
    }
}
