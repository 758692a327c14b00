package dev.hawser.readme;

import static dev.hawser.readme.Log.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.spring.WebSocketEndpoints;
import dev.hawser.test.TestSocket;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.WebSockets;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.stream.MessageStream;
import dev.hawser.websocket.stream.WebSocketStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Messages that are read while they arrive. */
@ExtendWith(OutputCaptureExtension.class)
class StreamSampleTests {

    @TempDir
    private Path folder;

    @RestController
    static class Uploads {

        private final Executor executor;
        private final Path folder;

        private final WebSocketClient client;

        Uploads(Executor applicationTaskExecutor, @Value("${folder}") Path folder, WebSocketClient client) {
            this.executor = applicationTaskExecutor;
            this.folder = folder;
            this.client = client;
        }

        @GetMapping("/download")
        void download(WebSocket socket) {
            executor.execute(() -> send(socket, folder.resolve("file")));
        }

        private static void send(WebSocket socket, Path path) {
            try {
                WebSocketStream stream = WebSocketStream.of(socket);
                try (OutputStream message = stream.binaryMessage()) { // one message,
                    Files.copy(path, message); // in fragments
                }
                try (Writer lines = stream.writer()) { // text messages; closing it closes the socket
                    lines.write("That was " + path);
                }
            } catch (IOException cut) {
                throw new UncheckedIOException(cut);
            }
        }

        @GetMapping("/gateway")
        void gateway(WebSocketRequest request) {
            WebSocket socket = request.accept();
            String upstream = "ws://" + request.host() + "/echo";
            WebSocketStream.pipe(socket, client.connect(upstream));
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
                    Path file = Files.createTempFile(folder, "upload", "");
                    Files.copy(next.inputStream(), file, StandardCopyOption.REPLACE_EXISTING);
                }
            } catch (IOException cut) {
                log.info("{}", cut.getMessage()); // The WebSocket was closed with 1006
            }
        }
    }

    private List<String> stored() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(StreamSampleTests::read).toList();
        } catch (IOException gone) {
            throw new IllegalStateException(gone);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException gone) {
            throw new IllegalStateException(gone);
        }
    }

    @Test
    void aFileIsSent() throws Exception {
        byte[] data = new byte[3_000_000];
        new Random(1).nextBytes(data);
        Files.write(folder.resolve("file"), data);
        try (SampleApplication application = SampleApplication.start(Uploads.class, "--folder=" + folder)) {
            application
                    .client
                    .connect("/download")
                    .expectBinary(data)
                    .expectText("That was " + folder.resolve("file"))
                    .expectClose(1000);
        }
    }

    @Test
    void aSocketIsPipedOn() {
        try (SampleApplication application = SampleApplication.start(Uploads.class, "--folder=" + folder)) {
            application
                    .bean(WebSocketEndpoints.class)
                    .mount(WebSocketEndpoint.at("/echo", socket -> socket.onMessage(socket::send)));
            application
                    .client
                    .connect("/gateway")
                    .send("hello")
                    .expectText("hello")
                    .close(4000, "bye");
            await().until(() -> application.bean(WebSockets.class).count() == 0);
        }
    }

    @Test
    void messagesBecomeFiles(CapturedOutput output) {
        try (SampleApplication application = SampleApplication.start(Uploads.class, "--folder=" + folder)) {
            String large = "x".repeat(3_000_000);
            TestSocket socket = application.client.connect("/upload");
            socket.send("first").send(large);
            await().until(() -> stored().size() == 2 && stored().contains(large));
            assertThat(stored()).contains("first");
            socket.drop();
            await().until(() -> output.getOut().contains("The WebSocket was closed with 1006"));
        }
    }
}
