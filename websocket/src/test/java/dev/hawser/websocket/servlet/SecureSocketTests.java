package dev.hawser.websocket.servlet;

import static dev.hawser.websocket.servlet.RawClient.frame;
import static dev.hawser.websocket.servlet.RawClient.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.client.Certificates;
import dev.hawser.websocket.protocol.ReadyState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** WebSockets over TLS in each container, byte by byte over real sockets. */
@ParameterizedClass
@EnumSource
class SecureSocketTests {

    private static final WebSocketOptions OPTIONS =
            WebSocketOptions.DEFAULT.with(options -> options.maxBuffered(1_000_000));

    @TempDir
    private static Path folder;

    private static Certificates certificates;

    private final BlockingQueue<WebSocket> sockets = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> closed = new LinkedBlockingQueue<>();
    private final RunningServer server;

    @BeforeAll
    static void certify() throws Exception {
        certificates = new Certificates(folder).sign("localhost", "ip:127.0.0.1");
    }

    SecureSocketTests(Container container) {
        server = container.start(
                (request, response) -> {
                    ServletUpgrade upgrade = ServletUpgrade.of(request, response, OPTIONS);
                    if (request.getHeader("X-Later") != null) {
                        upgrade.defer();
                    }
                    WebSocket socket = upgrade.accept();
                    socket.onMessage(message -> {
                        if (message.isText() && message.text().equals("end")) {
                            socket.close(4000, socket.url().substring(0, 6));
                        } else {
                            socket.send(message);
                        }
                    });
                    socket.onClose((code, reason) -> closed.add(code + " " + reason));
                    sockets.add(socket);
                },
                certificates.key("localhost"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private RawClient client() throws IOException {
        return new RawClient(server.port(), certificates.trusting().getSocketFactory());
    }

    @Test
    void whatComesInThePacketOfTheHandshakeIsNotLostAndTheEndIsSaid() throws Exception {
        for (String header : new String[] {"X-Now: 1", "X-Later: 1"}) {
            try (RawClient client = client()) {
                client.send(client.handshake(header), text("first"), text("x".repeat(20_000)), text("end"));
                assertThat(client.response()).startsWith("HTTP/1.1 101 ");
                assertThat(client.read().text()).isEqualTo("first");
                assertThat(client.read().payload()).hasSize(20_000);
                RawClient.Frame close = client.read();
                assertThat(close.closeCode()).isEqualTo(4000);
                assertThat(close.closeReason()).isEqualTo("wss://");
                client.send(frame(0x88, new byte[] {15, (byte) 0xa0}));
                assertThat(client.isAtEnd()).isTrue();
                assertThat(closed.poll(10, TimeUnit.SECONDS)).isEqualTo("4000 ");
            }
        }
    }

    @Test
    void manyMessagesOfManySizesComeBackInOrder() throws Exception {
        try (RawClient client = client()) {
            client.send(client.handshake());
            client.response();
            int[] lengths = {0, 1, 8_191, 8_192, 8_193, 16_384, 16_385, 100_000, 3, 700_000, 5};
            byte[][] data = new byte[lengths.length][];
            for (int i = 0; i < lengths.length; i++) {
                data[i] = new byte[lengths[i]];
                new Random(i).nextBytes(data[i]);
            }
            for (int round = 0; round < 5; round++) {
                for (byte[] message : data) {
                    client.send(frame(0x82, message));
                    assertThat(Arrays.equals(client.read().payload(), message)).isTrue();
                }
            }
        }
    }

    @Test
    void whoDoesNotReadIsClosedAndWhoReadsLaterGetsEverythingBefore() throws Exception {
        try (RawClient client = client()) {
            client.send(client.handshake());
            client.response();
            WebSocket socket = sockets.poll(10, TimeUnit.SECONDS);
            await().until(() -> socket.state() == ReadyState.OPEN);
            byte[] block = new byte[50_000];
            int sent = 0;
            long most = 0;
            while (socket.state() == ReadyState.OPEN) {
                block[0] = (byte) sent++;
                socket.send(block);
                most = Math.max(most, socket.bufferedAmount());
            }
            assertThat(most).isBetween(1_000_000L, 1_300_000L);
            for (int i = 0; i < sent - 1; i++) {
                assertThat(client.read().payload()[0]).isEqualTo((byte) i);
            }
            assertThat(client.read().closeCode()).isEqualTo(1013);
        }
    }

    @Test
    void aPeerThatEndsIsNoticed() throws Exception {
        try (RawClient client = client()) {
            client.send(client.handshake());
            client.response();
            await().until(() -> !sockets.isEmpty() && sockets.peek().state() == ReadyState.OPEN);
        }
        assertThat(closed.poll(10, TimeUnit.SECONDS)).isEqualTo("1006 ");
    }
}
