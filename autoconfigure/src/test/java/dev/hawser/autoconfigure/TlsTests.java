package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.extension.ExtensionMessage;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.handshake.ExtensionHeader.Parameter;
import dev.hawser.websocket.protocol.CloseCode;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** WebSockets over TLS by an SSL bundle, with both of Tomcat's connectors and a certificate made for the test. */
@ParameterizedClass
@ValueSource(strings = {"Http11NioProtocol", "Http11Nio2Protocol"})
class TlsTests {

    private static final String PASSWORD = "changeit";
    private static final BlockingQueue<String> closed = new LinkedBlockingQueue<>();

    @TempDir
    private static Path folder;

    private static Path store;
    private static SSLContext tls;
    private static ConfigurableApplicationContext application;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Echo.class)
    static class Application {

        @Bean(destroyMethod = "shutdown")
        ScheduledExecutorService worker() {
            return Executors.newSingleThreadScheduledExecutor();
        }

        @Bean
        WebServerFactoryCustomizer<TomcatServletWebServerFactory> connector(@Value("${connector}") String connector) {
            return factory -> factory.setProtocol("org.apache.coyote.http11." + connector);
        }

        @Bean
        Extension lazy(ScheduledExecutorService worker) {
            return new Lazy(worker);
        }
    }

    /** Keeps each message that comes for a millisecond. */
    private record Lazy(ScheduledExecutorService worker) implements Extension {

        @Override
        public String name() {
            return "x-lazy";
        }

        @Override
        public int reserved() {
            return RSV2;
        }

        @Override
        public ServerSession accept(List<ExtensionHeader> offers, int maxLength) {
            return new ServerSession() {
                @Override
                public List<Parameter> answer() {
                    return List.of();
                }

                @Override
                public void incoming(ExtensionMessage message, Result result) {
                    worker.schedule(() -> result.done(message.with(0, message.data())), 1, TimeUnit.MILLISECONDS);
                }

                @Override
                public void outgoing(ExtensionMessage message, Result result) {
                    result.done(message);
                }

                @Override
                public void close() {
                    // Nothing to free.
                }
            };
        }

        @Override
        public ClientOffer offer(int maxLength) {
            throw new UnsupportedOperationException("Of servers only");
        }
    }

    @RestController
    static class Echo {

        @GetMapping("/echo")
        void echo(WebSocket socket) {
            socket.onMessage(message -> {
                if (message.isText() && message.text().equals("drop")) {
                    socket.drop(CloseCode.POLICY_VIOLATION, "Enough");
                } else if (message.isText() && message.text().equals("close")) {
                    socket.close();
                } else {
                    socket.send(message);
                }
            });
            socket.onClose((code, reason) -> closed.add(code + " " + reason));
            socket.send(socket.url().substring(0, 6));
        }
    }

    private static final class Client implements java.net.http.WebSocket.Listener {

        private final BlockingQueue<Integer> sizes = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();
        private final CompletableFuture<String> close = new CompletableFuture<>();
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

        @Override
        public CompletionStage<?> onClose(java.net.http.WebSocket from, int code, String reason) {
            close.complete(code + " " + reason);
            return null;
        }
    }

    @BeforeAll
    static void start() throws Exception {
        store = folder.resolve("store.p12");
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
        tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
    }

    @BeforeParameterizedClassInvocation
    static void start(String connector) {
        application = SpringApplication.run(
                Application.class,
                "--connector=" + connector,
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--spring.ssl.bundle.jks.server.keystore.location=file:" + store,
                "--spring.ssl.bundle.jks.server.keystore.password=" + PASSWORD,
                "--server.ssl.bundle=server",
                "--hawser.websocket.allow-drafts=true");
    }

    TlsTests(String connector) {
        assertThat(((TomcatWebServer) ((WebServerApplicationContext) application).getWebServer())
                        .getTomcat()
                        .getConnector()
                        .getProtocolHandlerClassName())
                .endsWith(connector);
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        application.close();
    }

    private static int port() {
        return Integer.parseInt(application.getEnvironment().getRequiredProperty("local.server.port"));
    }

    private static java.net.http.WebSocket connect(Client client) {
        return HttpClient.newBuilder()
                .sslContext(tls)
                .build()
                .newWebSocketBuilder()
                .buildAsync(URI.create("wss://localhost:" + port() + "/echo"), client)
                .join();
    }

    private static void assertClosed(String codeAndReason) throws InterruptedException {
        assertThat(closed.poll(20, TimeUnit.SECONDS)).isEqualTo(codeAndReason);
    }

    @Test
    void messagesOfAnySizeComeBack() throws Exception {
        Client client = new Client();
        java.net.http.WebSocket socket = connect(client);
        for (int size : new int[] {0, 1, 125, 16_384, 16_385, 100_000, 5_000_000}) {
            socket.sendBinary(ByteBuffer.allocate(size), true).join();
            assertThat(client.sizes.poll(20, TimeUnit.SECONDS)).isEqualTo(size);
        }
        assertThat(client.text).hasToString("wss://");
        socket.sendClose(4000, "bye").join();
        assertClosed("4000 bye");
    }

    @Test
    void aPeerThatIsDroppedHearsWhy() throws Exception {
        Client client = new Client();
        connect(client).sendText("drop", true).join();
        assertThat(client.close.get(20, TimeUnit.SECONDS)).isEqualTo("1008 Enough");
        assertClosed("1008 Enough");
    }

    /** What waits behind TLS while an extension is at work is seen by no poller. */
    @Test
    void messagesThatAnExtensionHoldsUpAllComeBack() throws Exception {
        int count = 15;
        byte[] frame = new byte[8 + 1000];
        ByteBuffer.wrap(frame).put((byte) 0xA2).put((byte) (0x80 | 126)).putShort((short) 1000);
        try (Socket socket = tls.getSocketFactory().createSocket("127.0.0.1", port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("GET /echo HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nHost: localhost:"
                                    + port()
                                    + "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                                    + "Sec-WebSocket-Extensions: x-lazy\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            assertThat(head).contains("Sec-WebSocket-Extensions: x-lazy\r\n");
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int i = 0; i < count; i++) {
                all.writeBytes(frame);
            }
            socket.getOutputStream().write(all.toByteArray()); // one record of TLS
            assertThat(in.readNBytes(8)).startsWith(0x81, 6);
            for (int i = 0; i < count; i++) {
                assertThat(in.readNBytes(4 + 1000))
                        .as("message %d", i)
                        .hasSize(1004)
                        .startsWith(0x82, 126);
            }
        }
        assertClosed("1006 ");
    }

    /** The end of the connection is the close of draft-75, though TLS cannot say that only one side has ended. */
    @Test
    void aClientOfDraft75GetsItsReasonPhraseAndAProperClose() throws Exception {
        try (Socket socket = tls.getSocketFactory().createSocket("127.0.0.1", port())) {
            socket.setSoTimeout(20_000);
            String head = "GET /echo HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nHost: localhost:" + port()
                    + "\r\nOrigin: https://localhost:" + port() + "\r\n\r\n";
            socket.getOutputStream().write((head + "\0hello\u00ff\0close\u00ff").getBytes(StandardCharsets.ISO_8859_1));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.1 101 Web Socket Protocol Handshake\r\nUpgrade: WebSocket\r\n")
                    .contains("WebSocket-Location: wss://localhost:" + port() + "/echo\r\n")
                    .endsWith("\r\n\r\n\0wss://\u00ff\0hello\u00ff");
        }
        assertClosed("1005 ");
    }
}
