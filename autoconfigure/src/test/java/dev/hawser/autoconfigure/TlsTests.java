package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.WebSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** WebSockets over TLS, with a certificate made for the test. */
class TlsTests {

    private static final String PASSWORD = "changeit";

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Echo.class)
    static class Application {}

    @RestController
    static class Echo {

        @GetMapping("/echo")
        void echo(WebSocket socket) {
            socket.onMessage(socket::send);
            socket.send(socket.url().substring(0, 6));
        }
    }

    private static final class Client implements java.net.http.WebSocket.Listener {

        private final BlockingQueue<Integer> sizes = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();
        private int size;

        @Override
        public CompletionStage<?> onText(java.net.http.WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(java.net.http.WebSocket from, ByteBuffer data, boolean last) {
            size += data.remaining();
            if (last) {
                sizes.add(size);
                size = 0;
            }
            from.request(1);
            return null;
        }
    }

    @Test
    void messagesOfAnySizeComeBackOverTls(@TempDir Path folder) throws Exception {
        Path store = folder.resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "test",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=dns:localhost,ip:127.0.0.1",
                        "-keystore",
                        store.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore certificates = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(certificates);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);

        try (ConfigurableApplicationContext application = SpringApplication.run(
                Application.class,
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--server.ssl.key-store=" + store,
                "--server.ssl.key-store-password=" + PASSWORD)) {
            Client client = new Client();
            java.net.http.WebSocket socket = HttpClient.newBuilder()
                    .sslContext(tls)
                    .build()
                    .newWebSocketBuilder()
                    .buildAsync(
                            URI.create("wss://localhost:"
                                    + application.getEnvironment().getProperty("local.server.port") + "/echo"),
                            client)
                    .join();
            for (int size : new int[] {0, 1, 125, 16_384, 16_385, 100_000, 5_000_000}) {
                socket.sendBinary(ByteBuffer.allocate(size), true).join();
                assertThat(client.sizes.poll(20, TimeUnit.SECONDS)).isEqualTo(size);
            }
            assertThat(client.text).hasToString("wss://");
            socket.abort();
        }
    }
}
