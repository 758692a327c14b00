package dev.hawser.websocket.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.Reconnect;
import dev.hawser.websocket.stream.WebSocketStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client's socket that is paused makes the server wait, by TCP alone, and stays paused over connections. */
@Timeout(60)
class PausedClientTests {

    private static final int MESSAGES = 4096;
    private static final int LENGTH = 64 * 1024 - 4;

    private final WebSocketClient client = WebSocketClient.create();

    @AfterEach
    void end() {
        client.close();
    }

    @Test
    void theServerCannotSendMoreUntilItIsResumed() throws Exception {
        AtomicLong sent = new AtomicLong();
        AtomicLong received = new AtomicLong();
        try (ScriptedServer server = new ScriptedServer(with -> {
            with.accept();
            for (int i = 0; i < MESSAGES; i++) {
                ByteBuffer frame = ByteBuffer.allocate(LENGTH + 4);
                frame.put((byte) 0x82).put((byte) 126).putShort((short) LENGTH).putInt(i);
                with.out().write(frame.array());
                sent.addAndGet(LENGTH);
            }
            with.drain();
        })) {
            ClientWebSocket socket = client.connect(server.url("/"));
            socket.onMessage(message -> {
                int number = message.bytes().getInt();
                if (number != received.getAndIncrement()) {
                    socket.drop(1008, "Out of order");
                } else if (number == 9) {
                    socket.pause();
                }
            });
            await().atMost(Duration.ofSeconds(10)).until(() -> received.get() == 10);
            AtomicLong before = new AtomicLong(-1);
            await().during(Duration.ofMillis(500))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> before.getAndSet(sent.get()) == sent.get());
            assertThat(sent.get()).isLessThan(64L * 1024 * 1024);
            assertThat(received).hasValue(10);
            assertThat(socket.isPaused()).isTrue();

            socket.resume();
            await().atMost(Duration.ofSeconds(30)).until(() -> received.get() == MESSAGES);
            socket.terminate();
        }
    }

    @Test
    void aStreamBeginsWithTheFirstConnectionHoweverManyAttemptsThatTakes() throws Exception {
        try (ScriptedServer server = new ScriptedServer(
                with -> with.request(), // and nothing else
                with -> {
                    with.accept();
                    with.send(0x82, 1, 'x');
                    with.drain();
                })) {
            List<String> events = new CopyOnWriteArrayList<>();
            Reconnect soon = new Reconnect(Duration.ofMillis(10), Duration.ofMillis(10), 1, 0, 10);
            ClientWebSocket socket = client.connect(server.url("/"), options -> options.reconnect(soon));
            socket.onReconnecting((attempt, delay, cause) -> events.add("again"));
            WebSocketStream stream = WebSocketStream.of(socket);
            InputStream in = stream.inputStream();
            OutputStream out = stream.binaryMessage();
            out.write(1);
            out.close();
            assertThat(in.read()).isEqualTo('x');
            assertThat(events).containsExactly("again");
            socket.terminate();
        }
    }

    @Test
    void itStaysPausedWhenItConnectsAgain() throws Exception {
        try (ScriptedServer server = new ScriptedServer(with -> with.accept(), with -> {
            with.accept();
            with.send(0x81, 1, 'x');
            with.drain();
        })) {
            List<String> events = new CopyOnWriteArrayList<>();
            Reconnect soon = new Reconnect(Duration.ofMillis(10), Duration.ofMillis(10), 1, 0, 10);
            ClientWebSocket socket = client.connect(server.url("/"), options -> options.reconnect(soon));
            socket.onReconnecting((attempt, delay, cause) -> {
                socket.pause();
                events.add("lost");
            });
            socket.onReconnect(() -> {
                socket.ping("?", () -> {});
                events.add("again");
            });
            socket.onMessage(message -> events.add(message.text()));
            await().until(() -> events.contains("again"));
            assertThat(events).containsExactly("lost", "again");
            socket.resume();
            await().until(() -> events.contains("x"));
            assertThat(events).containsExactly("lost", "again", "x");
            socket.terminate();
        }
    }
}
