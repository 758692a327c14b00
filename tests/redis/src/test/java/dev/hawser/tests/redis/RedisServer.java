package dev.hawser.tests.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import redis.embedded.core.ExecutableProvider;

/** A Redis server of the test's own, on a free port of the loopback interface, with its files in a folder of its own. */
final class RedisServer implements AutoCloseable {

    private static final boolean CI = Boolean.parseBoolean(System.getenv("CI"));

    private final int port;
    private final Path folder;
    private final List<String> command;
    private Process process;

    private RedisServer(int port, Path folder, List<String> command) {
        this.port = port;
        this.folder = folder;
        this.command = command;
    }

    /** Everything that was answered is on the disk. */
    static RedisServer durable(Path folder) throws Exception {
        return start(folder, "--appendonly", "yes", "--appendfsync", "always");
    }

    static RedisServer start(Path folder, String... options) throws Exception {
        int port = freePort();
        List<String> command = new ArrayList<>(List.of(program(), "--bind", "127.0.0.1", "--save", ""));
        command.addAll(List.of("--port", Integer.toString(port), "--dir", folder.toString()));
        command.addAll(List.of(options));
        RedisServer server = new RedisServer(port, folder, command);
        server.start();
        return server;
    }

    static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** The one that is installed; otherwise, not in CI, one that a library has. {@code -Dredis.embedded} prefers that. */
    static String program() throws IOException {
        if (!Boolean.getBoolean("redis.embedded")) {
            String places =
                    System.getenv("PATH") + File.pathSeparator + "/usr/sbin" + File.pathSeparator + "/usr/local/sbin";
            Optional<Path> found = Arrays.stream(places.split(File.pathSeparator))
                    .map(place -> Path.of(place, "redis-server"))
                    .filter(Files::isExecutable)
                    .findFirst();
            if (found.isPresent()) {
                return found.get().toString();
            }
            if (CI) {
                throw new AssertionError("In CI nothing may be missing: redis-server is not installed");
            }
        }
        return ExecutableProvider.newJarResourceProvider().get().getPath();
    }

    /** Starts it, again with the files that it has. */
    void start() throws Exception {
        Path output = folder.resolve("output");
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                .start();
        process = started;
        Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly)); // if the tests are stopped half-way
        try {
            await().atMost(Duration.ofSeconds(60)).until(() -> !started.isAlive() || isReady());
        } finally {
            if (!started.isAlive()) {
                System.out.println(Files.readString(output));
            }
        }
    }

    private boolean isReady() {
        try {
            return !command("PING").startsWith("-LOADING");
        } catch (IOException notYet) {
            return false;
        }
    }

    int port() {
        return port;
    }

    /** Sends a command as it would be typed, and gives the first line of the answer. */
    String command(String line) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write((line + "\r\n").getBytes(UTF_8));
            return String.valueOf(new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)).readLine());
        }
    }

    /** Ends it with SIGTERM. */
    void stop() {
        process.destroy();
        process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }

    /** Ends it with SIGKILL. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
