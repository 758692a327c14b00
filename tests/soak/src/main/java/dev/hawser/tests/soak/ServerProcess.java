package dev.hawser.tests.soak;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** The server in a process of its own: starts it, reads what it logs, asks it and its JVM for figures. */
final class ServerProcess implements AutoCloseable {

    /**
     * All of the heap is resident from the start, so that what changes in resident memory is native; by a collector that is the same
     * everywhere. Ten thousand connections that are busy hold up to 700 MB: with twice as much, what is old is seldom collected, and
     * what was not freed by hand is seen.
     */
    private static final List<String> FLAGS = List.of(
            "-Xms1536m",
            "-Xmx1536m",
            "-XX:+AlwaysPreTouch",
            "-XX:+UseSerialGC",
            "-XX:NativeMemoryTracking=summary",
            // each idle thread of a compiler that comes or goes would change the figures
            "-XX:-UseDynamicNumberOfCompilerThreads");

    /** Short times, so that all that takes time happens within minutes; threads that neither come nor go. */
    private static final List<String> PROPERTIES = List.of(
            "--server.port=0",
            "--server.address=127.0.0.1",
            "--server.shutdown=immediate",
            "--server.tomcat.max-connections=20000",
            "--server.tomcat.accept-count=2000",
            "--server.tomcat.connection-timeout=4s",
            "--server.tomcat.threads.max=24",
            "--server.tomcat.threads.min-spare=24",
            "--spring.task.execution.pool.keep-alive=5s",
            "--spring.main.banner-mode=off",
            "--logging.level.root=WARN",
            "--hawser.websocket.ping=5s",
            "--hawser.websocket.ping-timeout=5s",
            "--hawser.websocket.close-timeout=2s",
            "--hawser.websocket.handshake-timeout=2s",
            "--hawser.websocket.max-buffered=512KB",
            "--hawser.websocket.max-length=" + SocketVisitor.MAX_LENGTH + "B",
            "--hawser.websocket.fragment-threshold=48KB",
            "--hawser.websocket.extensions.permessage-deflate.enabled=true",
            "--hawser.websocket.extensions.permessage-deflate.threshold=64B",
            "--hawser.eventsource.ping=5s",
            "--hawser.eventsource.max-buffered=512KB",
            "--hawser.topics.history.count=20",
            // so that what is kept is gone by the end of the round
            "--hawser.topics.history.age=5s");

    private final Process process;
    private final int port;
    private final List<String> log = new CopyOnWriteArrayList<>();

    private ServerProcess(Process process, BufferedReader output, String firstLine) {
        this.process = process;
        this.port = Integer.parseInt(firstLine);
        Thread reader = new Thread(() -> output.lines().forEach(this::logged), "server-log");
        reader.setDaemon(true);
        reader.start();
    }

    static ServerProcess start() throws IOException {
        List<String> command = new ArrayList<>(List.of(jdk("java")));
        command.addAll(FLAGS);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), SoakServer.class.getName()));
        command.addAll(PROPERTIES);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // By default the C library has an arena for each thread, each of which keeps something.
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        Process process = builder.start();
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = output.readLine();
        if (line == null || !line.matches("\\d+")) {
            process.destroyForcibly();
            throw new IllegalStateException("The server does not start: " + line + "\n"
                    + String.join("\n", output.lines().toList()));
        }
        return new ServerProcess(process, output, line);
    }

    private void logged(String line) {
        System.out.println("server: " + line);
        log.add(line);
    }

    int port() {
        return port;
    }

    /** What it has logged at WARN or above, or otherwise printed. */
    List<String> log() {
        return log;
    }

    /** The figures of {@link Control}. */
    Map<String, Double> figures() {
        Map<String, Double> figures = new TreeMap<>();
        for (String line : ask("/control/figures").split("\n")) {
            int space = line.lastIndexOf(' ');
            figures.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
        }
        return figures;
    }

    String ask(String path) {
        try {
            URLConnection connection =
                    URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
            connection.setRequestProperty("Connection", "close"); // or it would be one more in the next figures
            connection.setReadTimeout(60_000);
            try (InputStream body = connection.getInputStream()) {
                return new String(body.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException gone) {
            throw new UncheckedIOException("The server does not answer", gone);
        }
    }

    /** What its JVM answers to a diagnostic command. */
    List<String> jcmd(String... command) {
        try {
            List<String> line = new ArrayList<>(List.of(jdk("jcmd"), Long.toString(process.pid())));
            line.addAll(List.of(command));
            Process jcmd = new ProcessBuilder(line).redirectErrorStream(true).start();
            try (BufferedReader output = jcmd.inputReader(StandardCharsets.UTF_8)) {
                return output.lines().toList();
            }
        } catch (IOException none) {
            throw new UncheckedIOException(none);
        }
    }

    /** Resident memory in KiB. */
    long resident() {
        try {
            return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static String jdk(String tool) {
        return Path.of(System.getProperty("java.home"), "bin", tool).toString();
    }
}
