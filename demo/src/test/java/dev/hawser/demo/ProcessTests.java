package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** The demo as a process of its own: what its clients see when it is told to end, and when DevTools start it again. */
class ProcessTests {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final HttpClient http = HttpClient.newHttpClient();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @TempDir
    private Path folder;

    private WebSocket connect(int port) {
        return http.newWebSocketBuilder()
                .buildAsync(URI.create("ws://localhost:" + port + "/echo"), new WebSocket.Listener() {

                    @Override
                    public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
                        heard.add(text.toString());
                        socket.request(1);
                        return null;
                    }

                    @Override
                    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                        heard.add("closed " + code);
                        return null;
                    }

                    @Override
                    public void onError(WebSocket socket, Throwable error) {
                        heard.add("error " + error);
                    }
                })
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    private String next() throws InterruptedException {
        return heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private void echo(WebSocket socket) throws InterruptedException {
        socket.sendText("hello", true).join();
        assertThat(next()).isEqualTo("hello");
    }

    /** The rest of the ticks. */
    private CompletableFuture<String> ticks(int port) {
        InputStream stream = http.sendAsync(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/events"))
                                .build(),
                        BodyHandlers.ofInputStream())
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join()
                .body();
        return CompletableFuture.supplyAsync(() -> {
            try {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException cut) {
                return "cut: " + cut;
            }
        });
    }

    private static String program(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    @Test
    void aProcessThatIsToldToEndSaysGoodbye() throws Exception {
        int port = Service.freePort();
        Service demo = Service.start(
                port,
                folder.resolve("demo.log"),
                program("java"),
                "-cp",
                classPath(),
                DemoApplication.class.getName(),
                "--server.port=" + port);
        WebSocket socket;
        CompletableFuture<String> ticks;
        try {
            socket = connect(port);
            echo(socket);
            ticks = ticks(port);
        } finally {
            demo.close(); // SIGTERM, and later SIGKILL
        }
        assertThat(next()).isEqualTo("closed 1001");
        assertThat(ticks.get(30, TimeUnit.SECONDS)).containsPattern("(?s)retry: 5000\n\n.*retry: \\d+\n\n$");
        assertThat(socket.isInputClosed()).isTrue();
    }

    @Test
    void devToolsMayStartItAgainAndAgain() throws Exception {
        Path classes = Path.of(DemoApplication.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path copy = folder.resolve("classes");
        FileSystemUtils.copyRecursively(classes, copy);
        String libraries = String.join(
                File.pathSeparator,
                Stream.of(classPath().split(File.pathSeparator))
                        .filter(entry -> !entry.endsWith("test-classes")
                                && !Path.of(entry).equals(classes))
                        .toList());
        Path trigger = Files.writeString(copy.resolve("changed.properties"), "count=0");
        int port = Service.freePort();
        try (Service demo = Service.start(
                port,
                folder.resolve("demo.log"),
                program("java"),
                "-XX:SoftRefLRUPolicyMSPerMB=0", // what may be kept a while is not kept at all
                "-cp",
                String.join(File.pathSeparator, copy.toString(), "target/devtools/spring-boot-devtools.jar", libraries),
                DemoApplication.class.getName(),
                "--server.port=" + port,
                "--spring.devtools.livereload.enabled=false",
                "--spring.devtools.restart.poll-interval=300ms",
                "--spring.devtools.restart.quiet-period=200ms")) {
            WebSocket socket = connect(port);
            long process = demo.pid();
            for (int i = 1; i <= 4; i++) {
                echo(socket);
                CompletableFuture<String> ticks = ticks(port);
                Files.writeString(trigger, "count=" + "1".repeat(i));
                assertThat(next()).isEqualTo("closed 1001");
                assertThat(ticks.get(60, TimeUnit.SECONDS)).containsPattern("retry: \\d+\n\n$");
                socket = await().atMost(PATIENCE)
                        .ignoreExceptions()
                        .until(() -> connect(port), opened -> !opened.isInputClosed());
            }
            echo(socket);
            await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).untilAsserted(() -> assertThat(
                            loaders(process))
                    .as("class loaders that are alive: this one, and one that a shutdown hook of Spring Boot keeps")
                    .isLessThanOrEqualTo(2));
        }
    }

    /** How many class loaders of DevTools are alive after a collection. */
    private long loaders(long process) throws Exception {
        Program histogram = Program.run(
                folder, Duration.ofSeconds(60), program("jcmd"), Long.toString(process), "GC.class_histogram");
        List<String> lines = histogram
                .output()
                .lines()
                .filter(line -> line.endsWith("devtools.restart.classloader.RestartClassLoader"))
                .toList();
        assertThat(lines).as(histogram.output() + histogram.errors()).hasSize(1);
        return Long.parseLong(lines.get(0).trim().split(" +")[1]);
    }
}
