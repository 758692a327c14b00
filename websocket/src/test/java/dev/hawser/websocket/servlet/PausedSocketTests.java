package dev.hawser.websocket.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.client.Certificates;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A socket on Tomcat that is paused makes its peer wait, by TCP alone. */
@Timeout(60)
class PausedSocketTests {

    private static final int MESSAGES = 4096;
    private static final int LENGTH = 64 * 1024;
    /** All buffers of the operating system between two sockets of one machine are smaller. */
    private static final long MUCH = 64L * 1024 * 1024;

    @Test
    void thePeerCannotSendMoreUntilItIsResumed() throws Exception {
        BlockingQueue<WebSocket> sockets = new LinkedBlockingQueue<>();
        AtomicLong received = new AtomicLong();
        try (TestServer server = new TestServer((request, response) -> {
                    WebSocket socket = ServletUpgrade.of(request, response, WebSocketOptions.DEFAULT)
                            .accept();
                    socket.onMessage(message -> {
                        long first = message.bytes().getLong(0);
                        if (first != received.getAndIncrement()) {
                            socket.drop(1008, "Out of order");
                        } else if (first == 9) {
                            socket.pause();
                            sockets.add(socket);
                        }
                    });
                });
                RawClient client = RawClient.open(server.port())) {
            AtomicLong sent = new AtomicLong();
            Thread writer = new Thread(() -> write(client, sent));
            writer.start();
            WebSocket socket = sockets.poll(10, TimeUnit.SECONDS);
            assertThat(socket).isNotNull();
            await().during(Duration.ofMillis(500))
                    .atMost(Duration.ofSeconds(20))
                    .until(stands(sent));
            assertThat(sent.get()).isLessThan(MUCH);
            assertThat(received).hasValue(10);

            socket.resume();
            await().atMost(Duration.ofSeconds(30)).until(() -> received.get() == MESSAGES);
            writer.join();
            socket.close();
            assertThat(client.read().closeCode()).isEqualTo(1000);
        }
    }

    /** No poller tells of what is behind TLS. */
    @Test
    void whoeverGetsNoThreadForWhatIsBehindTlsEnds(@TempDir Path folder) throws Exception {
        Certificates certificates = new Certificates(folder).sign("localhost", "ip:127.0.0.1");
        BlockingQueue<WebSocket> sockets = new LinkedBlockingQueue<>();
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        try (TestServer server = new TestServer(
                        (request, response) -> {
                            WebSocket socket = ServletUpgrade.of(request, response, WebSocketOptions.DEFAULT)
                                    .accept();
                            socket.onMessage(message -> {
                                heard.add(message.text());
                                if (message.text().equals("pause")) {
                                    socket.pause();
                                    sockets.add(socket);
                                }
                            });
                            socket.onClose((code, reason) -> heard.add("closed " + code));
                        },
                        TestServer.tls(certificates.key("localhost")));
                RawClient client =
                        new RawClient(server.port(), certificates.trusting().getSocketFactory())) {
            client.send(client.handshake());
            client.response();
            client.send(RawClient.text("pause"));
            WebSocket socket = sockets.poll(10, TimeUnit.SECONDS);
            assertThat(socket).isNotNull();
            await().until(server::isIdle);
            TestServer.Threads threads = server.threads();
            client.send(RawClient.text("later"));
            await().until(() -> threads.done.get() == 1);
            threads.refused = true;
            socket.resume();
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("pause");
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("later");
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("closed 1006");
            assertThat(client.isAtEnd()).isTrue();
        }
    }

    /** True as long as a number is what it was when this was asked before. */
    private static Callable<Boolean> stands(AtomicLong number) {
        AtomicLong before = new AtomicLong(-1);
        return () -> before.getAndSet(number.get()) == number.get();
    }

    private static void write(RawClient client, AtomicLong sent) {
        try {
            for (int i = 0; i < MESSAGES; i++) {
                byte[] payload = new byte[LENGTH];
                payload[6] = (byte) (i >> 8);
                payload[7] = (byte) i;
                client.send(RawClient.frame(0x82, payload));
                sent.addAndGet(LENGTH);
            }
        } catch (IOException cut) {
            throw new IllegalStateException(cut);
        }
    }
}
