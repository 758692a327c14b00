package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.client.ClientOptions;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.handshake.ExtensionHeader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our client talks to servers from npm. */
class NpmServersTests {

    private final WebSocketClient client = WebSocketClient.create();

    @BeforeAll
    static void install() throws Exception {
        NpmClientsTests.install();
    }

    @AfterEach
    void end() {
        client.close();
    }

    /** A server in a process of its own. */
    private record Server(Process process, int port) implements AutoCloseable {

        static Server start(String library, String mode) throws IOException {
            Process process = new ProcessBuilder(RequiredTool.find("node").toString(), "servers.js", library, mode)
                    .directory(NpmClientsTests.FOLDER.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            return new Server(process, Integer.parseInt(output.readLine()));
        }

        String url() {
            return "ws://127.0.0.1:" + port + "/";
        }

        @Override
        public void close() throws IOException {
            process.getOutputStream().close();
            process.destroy();
        }
    }

    private static final class Talk {

        private final ClientWebSocket socket;
        private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
        private final CompletableFuture<String> pong = new CompletableFuture<>();
        private final CompletableFuture<Throwable> error = new CompletableFuture<>();
        private final CompletableFuture<String> closed = new CompletableFuture<>();

        Talk(ClientWebSocket socket) {
            this.socket = socket;
            socket.onMessage(messages::add);
            socket.onError(error::complete);
            socket.onClose((code, reason) -> closed.complete(code + " " + reason));
            socket.onOpen(() -> socket.ping("there?", () -> pong.complete("yes")));
        }

        void echoes(Message message) throws InterruptedException {
            socket.send(message);
            assertThat(messages.poll(20, TimeUnit.SECONDS))
                    .as(message.toString())
                    .isNotNull()
                    .satisfies(echo -> {
                        assertThat(echo.isText()).isEqualTo(message.isText());
                        assertThat(echo.bytes()).isEqualTo(message.bytes());
                    });
        }
    }

    private Talk connect(Server server, Consumer<ClientOptions.Builder> changes) {
        return new Talk(client.connect(server.url(), changes));
    }

    @ParameterizedTest
    @CsvSource({
        "ws, plain, 13",
        "ws, deflate, 13",
        "ws, plain, 8",
        "websocket, plain, 13",
        "websocket, plain, 8",
        "faye-websocket, plain, 13",
        "faye-websocket, deflate, 13"
    })
    void echoesEveryKindOfMessageAndCloses(String library, String mode, int version) throws Exception {
        try (Server server = Server.start(library, mode)) {
            Talk talk = connect(server, options -> options.protocols("other", "chat")
                    .protocolVersion(version)
                    .origin("http://localhost"));
            List<Message> messages = new ArrayList<>(List.of(
                    Message.text("Hello"),
                    Message.text("Grüße, мир, 世界, 😀"),
                    Message.text(""),
                    Message.text("x".repeat(1 << 20))));
            byte[] noise = new byte[300_000];
            new Random(7).nextBytes(noise);
            messages.add(Message.binary(noise));
            messages.add(Message.binary(new byte[5_000_000]));
            for (Message message : messages) {
                talk.echoes(message);
            }
            talk.socket.sendFragment("in ", false);
            talk.socket.sendFragment("parts", true);
            assertThat(talk.messages.poll(10, TimeUnit.SECONDS))
                    .extracting(Message::text)
                    .isEqualTo("in parts");
            assertThat(talk.pong.get(10, TimeUnit.SECONDS)).isEqualTo("yes");
            assertThat(talk.socket.protocol()).isEqualTo("chat");
            assertThat(talk.socket.version()).isEqualTo("hybi-" + version);
            assertThat(talk.socket.statusCode()).isEqualTo(101);
            assertThat(talk.socket.extensions())
                    .extracting(ExtensionHeader::name)
                    .isEqualTo(mode.equals("deflate") ? List.of("permessage-deflate") : List.of());
            talk.socket.close(4001, "bye");
            // WebSocket-Node answers every close frame with 1000.
            assertThat(talk.closed.get(10, TimeUnit.SECONDS))
                    .isEqualTo(library.equals("websocket") ? "1000 " : "4001 bye");
            assertThat(talk.error).isNotDone();
        }
    }

    @ParameterizedTest
    @CsvSource({"ws", "websocket", "faye-websocket"})
    void theServersCloseCodeArrives(String library) throws Exception {
        try (Server server = Server.start(library, "plain")) {
            Talk talk = connect(server, options -> {});
            talk.socket.send("close 4002 enough");
            assertThat(talk.closed.get(10, TimeUnit.SECONDS)).isEqualTo("4002 enough");
        }
    }

    @ParameterizedTest
    @CsvSource({"ws, true", "ws, false", "faye-websocket, true", "faye-websocket, false"})
    void aServerThatChoosesNoProtocolWillDoOnlyIfNoneIsRequired(String library, boolean required) throws Exception {
        try (Server server = Server.start(library, "plain")) {
            Talk talk = connect(server, options -> options.protocols("other").requireProtocol(required));
            if (required) {
                assertThat(talk.error.get(10, TimeUnit.SECONDS))
                        .isInstanceOfSatisfying(ConnectFailedException.class, failed -> assertThat(failed.failure())
                                .isEqualTo(ConnectFailure.NO_PROTOCOL));
                assertThat(talk.closed.get(10, TimeUnit.SECONDS)).isEqualTo("1006 ");
            } else {
                talk.echoes(Message.text("Hello"));
                assertThat(talk.socket.protocol()).isEmpty();
            }
        }
    }

    @Test
    void aThousandMessagesComeBackInOrder() throws Exception {
        try (Server server = Server.start("ws", "deflate")) {
            Talk talk = connect(server, options -> {});
            for (int i = 0; i < 1000; i++) {
                talk.socket.send("message " + i + " " + "x".repeat(i));
            }
            for (int i = 0; i < 1000; i++) {
                assertThat(talk.messages.poll(10, TimeUnit.SECONDS))
                        .extracting(Message::text)
                        .isEqualTo("message " + i + " " + "x".repeat(i));
            }
        }
    }
}
