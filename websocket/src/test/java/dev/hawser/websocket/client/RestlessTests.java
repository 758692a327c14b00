package dev.hawser.websocket.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.servlet.ServletUpgrade;
import dev.hawser.websocket.servlet.TestServer;
import dev.hawser.websocket.stream.WebSocketStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.util.net.SSLHostConfigCertificate.Type;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both ends are paused and resumed all the time, with TLS and without, where bytes may wait in more places: none are forgotten there. */
@Timeout(60)
class RestlessTests {

    @TempDir
    private static Path folder;

    private static Certificates certificates;

    private final WebSocketClient client = WebSocketClient.create();
    private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = new Certificates(folder).sign("localhost", "dns:localhost,ip:127.0.0.1");
    }

    @AfterEach
    void end() throws Exception {
        client.close();
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private ClientWebSocket connect(boolean secure, Consumer<WebSocket> controller) throws Exception {
        SSLHostConfig config = null;
        if (secure) {
            config = new SSLHostConfig();
            SSLHostConfigCertificate certificate = new SSLHostConfigCertificate(config, Type.UNDEFINED);
            certificate.setCertificateKeystore(certificates.key("localhost"));
            certificate.setCertificateKeystorePassword(new String(Certificates.PASSWORD));
            config.addCertificate(certificate);
        }
        TestServer server = new TestServer(
                (request, response) -> controller.accept(ServletUpgrade.of(request, response, WebSocketOptions.DEFAULT)
                        .accept()),
                config);
        open.add(server);
        return client.connect(
                (secure ? "wss" : "ws") + "://127.0.0.1:" + server.port() + "/",
                options -> options.extensions().tls(certificates.trusting()));
    }

    private void disturb(WebSocket socket, long seed) {
        Random random = new Random(seed);
        Thread thread = new Thread(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                socket.pause();
                for (int i = random.nextInt(20_000); i > 0; i--) {
                    Thread.onSpinWait();
                }
                socket.resume();
                for (int i = random.nextInt(20_000); i > 0; i--) {
                    Thread.onSpinWait();
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
        open.add(() -> {
            thread.interrupt();
            thread.join();
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void echoesComeBackInOrder(boolean secure) throws Exception {
        BlockingQueue<WebSocket> accepted = new LinkedBlockingQueue<>();
        ClientWebSocket socket = connect(secure, server -> {
            server.onMessage(server::send);
            accepted.add(server);
        });
        AtomicInteger received = new AtomicInteger();
        AtomicInteger wrong = new AtomicInteger();
        socket.onMessage(message -> {
            if (message.bytes().getInt() != received.getAndIncrement()) {
                wrong.incrementAndGet();
            }
        });
        disturb(accepted.take(), 1);
        disturb(socket, 2);
        int count = 3000;
        Random lengths = new Random(3);
        for (int i = 0; i < count; i++) {
            byte[] data = new byte[4 + lengths.nextInt(i % 100 == 0 ? 60_000 : 600)];
            ByteBuffer.wrap(data).putInt(i);
            socket.send(Message.wrap(false, data));
        }
        await().atMost(Duration.ofSeconds(40)).until(() -> received.get() == count);
        assertThat(wrong).hasValue(0);
    }

    /** Waits at every turn: each writes what the other is not ready to read. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void streamsArriveWhole(boolean secure) throws Exception {
        byte[] data = new byte[16 << 20];
        new Random(4).nextBytes(data);
        CompletableFuture<byte[]> atServer = new CompletableFuture<>();
        ClientWebSocket socket = connect(secure, server -> {
            WebSocketStream stream = WebSocketStream.of(server);
            stream.inputStream();
            Thread thread = new Thread(() -> {
                try {
                    write(stream, data);
                    atServer.complete(stream.inputStream().readNBytes(data.length));
                } catch (IOException failed) {
                    atServer.completeExceptionally(failed);
                }
            });
            thread.setDaemon(true);
            thread.start();
        });
        WebSocketStream stream = WebSocketStream.of(socket);
        stream.inputStream();
        CompletableFuture<Void> written = CompletableFuture.runAsync(() -> {
            try {
                write(stream, data);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
        assertThat(stream.inputStream().readNBytes(data.length)).isEqualTo(data);
        assertThat(atServer.get(30, TimeUnit.SECONDS)).isEqualTo(data);
        written.get(30, TimeUnit.SECONDS);
    }

    private static void write(WebSocketStream to, byte[] data) throws IOException {
        OutputStream out = to.outputStream();
        out.write(data);
        out.flush();
    }
}
