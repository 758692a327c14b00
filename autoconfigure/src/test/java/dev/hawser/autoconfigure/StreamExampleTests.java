package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.stream.MessageStream;
import dev.hawser.websocket.stream.WebSocketStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The examples in the README's section on streams, as they stand there. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        classes = StreamExampleTests.Application.class)
class StreamExampleTests {

    private static final Path HERE = Path.of("src/test/java/dev/hawser/autoconfigure/StreamExampleTests.java");

    private static final List<Path> STORED = new CopyOnWriteArrayList<>();

    @Autowired
    private WebSocketClient client;

    @LocalServerPort
    private int port;

    @TempDir
    private Path folder;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Uploads.class)
    static class Application {}

    @RestController
    static class Uploads {

        private static final Logger log = LoggerFactory.getLogger(Uploads.class);

        private final Executor executor;
        private final WebSocketClient client;
        private String upstream = "";

        Uploads(Executor applicationTaskExecutor, WebSocketClient client) {
            this.executor = applicationTaskExecutor;
            this.client = client;
        }

        @GetMapping("/upload")
        void upload(WebSocketRequest request) {
            WebSocket socket =
                    request.accept(null, options -> options.streaming(true).extensions());
            WebSocketStream stream = WebSocketStream.of(socket).messages(); // before the controller returns
            executor.execute(() -> store(stream)); // who reads waits: on a thread of your own
        }

        void store(WebSocketStream stream) {
            try {
                for (MessageStream next = stream.nextMessage(); next != null; next = stream.nextMessage()) {
                    Path file = Files.createTempFile("upload", "");
                    Files.copy(next.inputStream(), file, StandardCopyOption.REPLACE_EXISTING);
                    STORED.add(file);
                }
            } catch (IOException cut) {
                log.info("{}", cut.getMessage()); // The WebSocket was closed with 1006
            }
        }

        @GetMapping("/lines")
        void lines(WebSocket socket) {
            socket.onMessage(socket::send);
        }

        @GetMapping("/gateway")
        void gateway(WebSocket socket) {
            WebSocketStream.pipe(socket, client.connect(upstream));
        }
    }

    private static void send(WebSocket socket, Path path) throws IOException {
        WebSocketStream stream = WebSocketStream.of(socket);
        try (OutputStream message = stream.binaryMessage()) { // one message,
            Files.copy(path, message); // in fragments
        }
        try (Writer lines = stream.writer()) { // text messages; closing it closes the socket
            lines.write("That was " + path);
        }
    }

    @Autowired
    private Uploads uploads;

    @Test
    void aFileIsSentAndStored() throws Exception {
        Path path = folder.resolve("file");
        byte[] data = new byte[3_000_000];
        new java.util.Random(1).nextBytes(data);
        Files.write(path, data);
        ClientWebSocket socket = client.connect("ws://127.0.0.1:" + port + "/upload");
        send(socket, path);
        await().until(() -> STORED.size() == 2);
        assertThat(Files.readAllBytes(STORED.get(0))).isEqualTo(data);
        assertThat(Files.readString(STORED.get(1))).isEqualTo("That was " + path);
        for (Path file : STORED) {
            Files.delete(file);
        }
    }

    @Test
    void aSocketIsPipedOn() throws Exception {
        uploads.upstream = "ws://127.0.0.1:" + port + "/lines";
        CompletableFuture<String> answer = new CompletableFuture<>();
        ClientWebSocket socket = client.connect("ws://127.0.0.1:" + port + "/gateway");
        socket.onMessage(message -> answer.complete(message.text()));
        socket.send("Hello");
        assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo("Hello");
        socket.close();
    }

    @Test
    void theReadmeShowsThisCode() throws Exception {
        String readme = Files.readString(Path.of("../README.md"));
        String section = readme.substring(readme.indexOf("### Streams\n"), readme.indexOf("### Versions\n"));
        String code = withoutSpace(Files.readString(HERE).replaceAll("\n *STORED.add\\(file\\);", ""));
        List<String> examples = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(section)
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(examples).hasSize(3).allSatisfy(example -> assertThat(code).contains(withoutSpace(example)));
    }

    private static String withoutSpace(String text) {
        return text.replaceAll("\\s+", "");
    }
}
