package dev.hawser.websocket.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.client.ClientOptions;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.protocol.Frame;
import dev.hawser.websocket.protocol.Opcode;
import dev.hawser.websocket.protocol.ReadyState;
import dev.hawser.websocket.servlet.ServletUpgrade;
import dev.hawser.websocket.servlet.TestServer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway: a client, a server that pipes it on, and the server behind, over real sockets. */
@Timeout(60)
class PipeTests {

    private final WebSocketClient client = WebSocketClient.create();
    private final BlockingQueue<WebSocket> behind = new LinkedBlockingQueue<>();
    private final BlockingQueue<WebSocket> passed = new LinkedBlockingQueue<>();
    private final BlockingQueue<ClientWebSocket> between = new LinkedBlockingQueue<>();
    private Consumer<WebSocketOptions.Builder> options = changes -> {};
    private Consumer<ClientOptions.Builder> clientOptions = changes -> {};
    private TestServer upstream;
    private TestServer gateway;
    private final List<String> atClient = new CopyOnWriteArrayList<>();
    private final List<String> atGateway = new CopyOnWriteArrayList<>();
    private final List<String> atServer = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() {
        upstream = new TestServer((request, response) -> {
            WebSocket socket = ServletUpgrade.of(request, response, WebSocketOptions.DEFAULT)
                    .accept();
            listen(socket, atServer);
            behind.add(socket);
        });
        int port = upstream.port();
        gateway = new TestServer((request, response) -> {
            WebSocket socket = ServletUpgrade.of(request, response, WebSocketOptions.DEFAULT.with(options))
                    .accept();
            ClientWebSocket on = client.connect("ws://127.0.0.1:" + port + "/", clientOptions);
            socket.onClose((code, reason) -> atGateway.add("closed " + code));
            WebSocketStream.pipe(socket, on);
            between.add(on);
            passed.add(socket);
        });
    }

    @AfterEach
    void end() {
        client.close();
        gateway.close();
        upstream.close();
    }

    private static void listen(WebSocket socket, List<String> events) {
        socket.onMessage(message -> events.add((message.isText() ? "text " : "binary ")
                + (message.length() > 100 ? message.length() + " bytes" : new String(message.toByteArray()))));
        socket.onClose((code, reason) -> events.add("closed " + code + " " + reason));
    }

    private ClientWebSocket connect() {
        ClientWebSocket socket = client.connect("ws://127.0.0.1:" + gateway.port() + "/");
        listen(socket, atClient);
        return socket;
    }

    private WebSocket behind() throws InterruptedException {
        return Objects.requireNonNull(behind.poll(10, TimeUnit.SECONDS), "Nobody has connected");
    }

    @Test
    void textAndBinaryGoBothWays() throws Exception {
        ClientWebSocket socket = connect();
        socket.send("Hello");
        socket.send(new byte[] {'x'});
        socket.send(new byte[1_000_000]);
        await().until(() -> atServer.size() == 3);
        WebSocket server = behind();
        server.send("Hi");
        server.send(new byte[] {'y'});
        await().until(() -> atClient.size() == 2);
        assertThat(atServer).containsExactly("text Hello", "binary x", "binary 1000000 bytes");
        assertThat(atClient).containsExactly("text Hi", "binary y");
    }

    @ParameterizedTest
    @CsvSource({"1000, bye", "3001, ''", "4999, Grüße"})
    void codeAndReasonOfTheClientGoOn(int code, String reason) {
        ClientWebSocket socket = connect();
        socket.send("last");
        socket.close(code, reason);
        await().until(() -> atServer.size() == 2);
        assertThat(atServer).containsExactly("text last", "closed " + code + " " + reason);
        await().until(() -> atClient.contains("closed " + code + " " + reason));
    }

    @Test
    void codeAndReasonOfTheServerGoBack() throws Exception {
        connect();
        WebSocket server = behind();
        server.send("last");
        server.drop(1008, "Not you");
        await().until(() -> atClient.size() == 2);
        assertThat(atClient).containsExactly("text last", "closed 1008 Not you");
    }

    @Test
    void aCloseWithoutACodeStaysOne() throws Exception {
        ClientWebSocket socket = connect();
        behind();
        await().until(() -> socket.send(Frame.of(Opcode.CLOSE, new byte[0])));
        await().until(() -> atServer.contains("closed 1005 "));
    }

    @Test
    void aServerThatIsLostIsABadGateway() throws Exception {
        connect();
        behind().terminate();
        await().until(() -> atClient.contains("closed 1014 "));
    }

    @Test
    void aServerThatIsNotThereIsABadGateway() {
        upstream.close();
        connect();
        await().until(() -> atClient.contains("closed 1014 "));
        upstream = new TestServer((request, response) -> {}); // for the end
    }

    @Test
    void aClientThatIsLostHasGoneAway() throws Exception {
        ClientWebSocket socket = connect();
        socket.send("Hello");
        await().until(() -> atServer.contains("text Hello"));
        socket.terminate();
        await().until(() -> atServer.contains("closed 1001 "));
    }

    @Test
    void aClientThatLeavesWhileTheServerIsDialedLeavesNothing() {
        ClientWebSocket socket = connect();
        socket.onOpen(socket::terminate);
        await().until(() -> !between.isEmpty() && between.element().state() == ReadyState.CLOSED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void partsGoOnAsTheyCome(boolean streaming) throws Exception {
        options = changes -> {
            changes.assembleFragments(false);
            if (streaming) {
                changes.streaming(true);
            }
        };
        clientOptions = changes -> changes.extensions().socket(options);
        ClientWebSocket socket = connect();
        WebSocket server = behind();
        await().until(() -> server.state() == ReadyState.OPEN && socket.state() == ReadyState.OPEN);
        socket.sendFragment("Grü", false);
        socket.sendFragment("ße", true);
        server.send(new byte[300_000]);
        server.send("x");
        await().until(() -> atServer.size() == 1 && atClient.size() == 2);
        assertThat(atServer).containsExactly("text Grüße");
        assertThat(atClient).containsExactly("binary 300000 bytes", "text x");
    }

    /** One that does not read makes the other end wait, through both connections, and then gets everything in order. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void backpressureGoesThrough(boolean toServer) throws Exception {
        ClientWebSocket socket = connect();
        WebSocket server = behind();
        await().until(() -> socket.state() == ReadyState.OPEN);
        WebSocket from = toServer ? socket : server;
        WebSocket to = toServer ? server : socket;
        AtomicInteger read = new AtomicInteger();
        AtomicInteger wrong = new AtomicInteger();
        to.onMessage(message -> {
            if (message.bytes().getInt() != read.getAndIncrement()) {
                wrong.incrementAndGet();
            }
        });
        to.pause();
        int count = 2000;
        AtomicInteger sent = new AtomicInteger();
        Runnable send = () -> {
            boolean more = true;
            while (more && sent.get() < count) {
                byte[] data = new byte[64 * 1024];
                ByteBuffer.wrap(data).putInt(sent.getAndIncrement());
                more = from.send(Message.wrap(false, data));
            }
        };
        from.onDrain(send);
        send.run();
        AtomicInteger before = new AtomicInteger(-1);
        await().during(Duration.ofMillis(500))
                .atMost(Duration.ofSeconds(20))
                .until(() -> before.getAndSet(sent.get()) == sent.get());
        assertThat(sent.get()).isLessThan(count);
        assertThat(read).hasValue(0);
        to.resume();
        await().atMost(Duration.ofSeconds(30)).until(() -> read.get() == count);
        assertThat(wrong).hasValue(0);
    }

    /** The one that is full goes: the other, which waits for it, must hear of that. */
    @Test
    void anEndReachesOneThatIsPausedForIt() throws Exception {
        ClientWebSocket socket = connect();
        WebSocket server = behind();
        server.pause();
        await().until(() -> socket.state() == ReadyState.OPEN);
        WebSocket passing = Objects.requireNonNull(passed.poll(10, TimeUnit.SECONDS));
        await().pollInterval(Duration.ofMillis(1))
                .during(Duration.ofMillis(300))
                .atMost(Duration.ofSeconds(20))
                .until(() -> {
                    if (socket.bufferedAmount() < 1 << 20) {
                        socket.send(new byte[64 * 1024]);
                    }
                    return passing.isPaused();
                });
        server.terminate();
        await().atMost(Duration.ofSeconds(20)).until(() -> atClient.toString().contains("closed 1014 "));
        await().until(() -> !atGateway.isEmpty());
        assertThat(atGateway).as("the answer to its close frame was read").containsExactly("closed 1014");
    }
}
