package dev.hawser.demo;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that listens on a port of the loopback interface until the test ends it. */
final class Service implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final int port;
    private final Path log;
    private final Process process;

    private Service(int port, Path log, Process process) {
        this.port = port;
        this.log = log;
        this.process = process;
    }

    /**
     * Starts a program in the foreground, and waits until it listens.
     *
     * @param log what it writes about connections
     */
    static Service start(int port, Path log, String... command) throws IOException {
        File output = log.resolveSibling(log.getFileName() + ".output").toFile();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start();
        Service service = new Service(port, log, process);
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy)); // if the tests are stopped half-way
        try {
            await().atMost(PATIENCE).until(() -> !process.isAlive() || service.listens());
            if (!process.isAlive()) {
                throw new IllegalStateException(
                        command[0] + " has ended: " + Files.readString(output.toPath()) + service.log());
            }
        } catch (RuntimeException failed) {
            service.close();
            throw failed;
        }
        return service;
    }

    /** A Redis server, whose files are in this folder. */
    static Service redis(Path folder) throws IOException {
        int port = freePort();
        Path data = Files.createDirectory(folder.resolve("redis"));
        return start(
                port,
                folder.resolve("redis.log"),
                RequiredTool.find("redis-server").toString(),
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--dir",
                data.toString());
    }

    static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    /** What it has written so far. */
    String log() throws IOException {
        return Files.exists(log) ? Files.readString(log) : "";
    }

    /** Ends it, and what it has started. */
    @Override
    public void close() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroyForcibly);
    }
}
