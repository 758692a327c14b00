package dev.hawser.websocket.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.servlet.ServletUpgrade;
import dev.hawser.websocket.servlet.TestServer;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.util.net.SSLHostConfigCertificate.Type;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS, with a server and with a proxy, by certificates of every kind. */
class TlsTests {

    @TempDir
    static Path folder;

    private static Certificates certificates;

    private static final List<String> SERVER_CLOSES = new CopyOnWriteArrayList<>();
    private static final TestServer.Handler ECHO = (request, response) -> {
        WebSocket socket =
                ServletUpgrade.of(request, response, WebSocketOptions.DEFAULT).accept();
        socket.onMessage(message -> {
            if (message.isText() && message.text().equals("close")) {
                socket.close(4002, "as you like");
            } else {
                socket.send(message);
            }
        });
        socket.onClose((code, reason) -> SERVER_CLOSES.add(code + " " + reason));
    };

    private static final TestServer ORIGIN = new TestServer(ECHO);
    private static TestServer tomcat;

    private final NettyLog log = new NettyLog();
    private final WebSocketClient client = WebSocketClient.create();
    private final List<String> names = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> servers = new ArrayList<>();

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = new Certificates(folder)
                .sign("localhost", "dns:localhost,ip:127.0.0.1")
                .sign("elsewhere", "dns:elsewhere.example")
                .sign("expired", "dns:localhost,ip:127.0.0.1", "-startdate", "-20d", "-validity", "10")
                .sign("future", "dns:localhost,ip:127.0.0.1", "-startdate", "+10d", "-validity", "10")
                .sign("client", "dns:client.example")
                .selfSign("stranger", "dns:localhost,ip:127.0.0.1");
        SSLHostConfig config = new SSLHostConfig();
        SSLHostConfigCertificate certificate = new SSLHostConfigCertificate(config, Type.UNDEFINED);
        certificate.setCertificateKeystore(certificates.key("localhost"));
        certificate.setCertificateKeystorePassword(new String(Certificates.PASSWORD));
        config.addCertificate(certificate);
        tomcat = new TestServer(ECHO, config);
    }

    @AfterAll
    static void endServers() {
        ORIGIN.close();
        tomcat.close();
    }

    @BeforeEach
    void begin() {
        SERVER_CLOSES.clear();
    }

    @AfterEach
    void end() throws Exception {
        client.close();
        for (AutoCloseable server : servers) {
            server.close();
        }
        log.close();
        assertThat(log.records()).isEmpty();
    }

    private LoopbackServer started(LoopbackServer server) {
        servers.add(server);
        return server;
    }

    /** TLS in front of a port, with a certificate of this name. */
    private int tls(String certificate, int to) {
        return started(LoopbackServer.tls(certificates.having(certificate), to, names))
                .port();
    }

    private Heard connect(String host, int port, TlsOptions tls) {
        return new Heard(client.connect("wss://" + host + ":" + port + "/echo", options -> options.tls(tls)));
    }

    private static TlsOptions trusting() {
        return TlsOptions.of(certificates.trusting());
    }

    private static TlsOptions ofAnyHost(SSLContext context) {
        return new TlsOptions(() -> context, List.of(), List.of(), true);
    }

    @Test
    void aTrustedServerOfTheRightNameIsConnectedTo() {
        connect("localhost", tls("localhost", ORIGIN.port()), trusting()).echoesAndCloses();
        assertThat(names).containsExactly("localhost");
    }

    @Test
    void anAddressIsInTheCertificateButNotInTheServerName() {
        connect("127.0.0.1", tls("localhost", ORIGIN.port()), trusting()).echoesAndCloses();
        assertThat(names).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void eachProtocolVersionDoes(String protocol) {
        SSLContext context = certificates.trusting();
        TlsOptions only = new TlsOptions(() -> context, List.of(protocol), List.of(), false);

        connect("localhost", tls("localhost", ORIGIN.port()), only).echoesAndCloses();
    }

    @Test
    void aProtocolThatTheJvmDoesNotHaveFails() {
        TlsOptions wrong = new TlsOptions(certificates::trusting, List.of("TLSv9"), List.of(), false);

        assertThat(connect("localhost", tls("localhost", ORIGIN.port()), wrong).fails(ConnectFailure.TLS_FAILED))
                .hasMessageContaining("TLSv9");
    }

    /** The key of the certificate is not one for RSA. */
    @Test
    void nothingInCommonFails() {
        TlsOptions other = new TlsOptions(
                certificates::trusting, List.of("TLSv1.2"), List.of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), false);

        assertThat(connect("localhost", tls("localhost", ORIGIN.port()), other).fails(ConnectFailure.TLS_FAILED))
                .hasMessageContaining("handshake_failure");
    }

    /** CVE-2020-11050 (Java-WebSocket), CVE-2017-1000209 (nv-websocket-client), CVE-2020-15133 (faye): of others, of strangers, too old. */
    @ParameterizedTest
    @CsvSource({
        "stranger, unable to find valid certification path",
        "elsewhere, No subject alternative DNS name matching localhost",
        "expired, a certificate has expired",
        "future, a certificate is not valid yet"
    })
    void aBadCertificateFailsAndTheMessageSaysWhy(String certificate, String why) {
        assertThat(connect("localhost", tls(certificate, ORIGIN.port()), trusting())
                        .fails(ConnectFailure.TLS_FAILED))
                .hasMessageContaining("TLS with localhost")
                .hasMessageContaining(why);
    }

    @Test
    void theJvmTrustsNoAuthorityOfOurs() {
        connect("localhost", tls("localhost", ORIGIN.port()), TlsOptions.DEFAULT)
                .fails(ConnectFailure.TLS_FAILED);
    }

    /** CVE-2020-11050 (Java-WebSocket), CVE-2017-1000209 (nv-websocket-client), CVE-2020-15133 (faye). */
    @Test
    void aCertificateOfAnotherAddressFails() {
        assertThat(connect("127.0.0.1", tls("elsewhere", ORIGIN.port()), trusting())
                        .fails(ConnectFailure.TLS_FAILED))
                .hasMessageContaining("127.0.0.1");
    }

    /** CVE-2026-42498 (Tomcat), CVE-2022-1650 (eventsource): whatever the server says, nothing goes over the wire in clear. */
    @ParameterizedTest
    @ValueSource(strings = {"ws", "http", "HTTP"})
    void noRedirectLeadsOutOfTls(String scheme) {
        List<String> heard = new CopyOnWriteArrayList<>();
        int plain = started(new LoopbackServer(socket -> heard.add(LoopbackServer.head(socket))))
                .port();
        int redirecting = started(new LoopbackServer(socket -> {
                    LoopbackServer.head(socket);
                    socket.getOutputStream()
                            .write(("HTTP/1.1 307 Elsewhere\r\nLocation: " + scheme + "://localhost:" + plain
                                            + "/\r\nContent-Length: 0\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
                    LoopbackServer.swallow(socket);
                }))
                .port();

        new Heard(client.connect(
                        "wss://me:secret@localhost:" + tls("localhost", redirecting) + "/",
                        options -> options.tls(trusting()).maxRedirects(3).header("Cookie", "session=secret")))
                .fails(ConnectFailure.BAD_REDIRECT);
        assertThat(heard).isEmpty();
    }

    @Test
    void aHostsNameIsNotCheckedIfThatIsAskedFor() {
        connect("localhost", tls("elsewhere", ORIGIN.port()), ofAnyHost(certificates.trusting()))
                .echoesAndCloses();
        assertThat(names).containsExactly("localhost");
    }

    @ParameterizedTest
    @ValueSource(strings = {"stranger", "expired", "future"})
    void allElseIsCheckedThoughTheHostsNameIsNot(String certificate) {
        connect("localhost", tls(certificate, ORIGIN.port()), ofAnyHost(certificates.trusting()))
                .fails(ConnectFailure.TLS_FAILED);
    }

    /** In TLS 1.3 the client is through with the handshake before the server has seen its certificate. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aServerThatWantsACertificateLetsInNobodyWithout(String protocol) {
        LoopbackServer server =
                started(LoopbackServer.tlsForKnownClients(certificates.having("localhost"), ORIGIN.port()));
        SSLContext without = certificates.trusting();
        SSLContext with = certificates.having("client");

        connect("localhost", server.port(), new TlsOptions(() -> without, List.of(protocol), List.of(), false))
                .fails(ConnectFailure.TLS_FAILED);
        connect("localhost", server.port(), new TlsOptions(() -> with, List.of(protocol), List.of(), false))
                .echoesAndCloses();
    }

    @Test
    void aContextThatIsRenewedIsForNewConnections() throws Exception {
        int port = tls("localhost", ORIGIN.port());
        AtomicReference<SSLContext> context = new AtomicReference<>(certificates.trusting());
        TlsOptions renewed = new TlsOptions(context::get, List.of(), List.of(), false);
        Heard before = connect("localhost", port, renewed);
        await().atMost(Duration.ofSeconds(30)).until(() -> names.size() == 1);

        context.set(SSLContext.getDefault());
        connect("localhost", port, renewed).fails(ConnectFailure.TLS_FAILED);
        before.echoesAndCloses();
        context.set(certificates.trusting());
        connect("localhost", port, renewed).echoesAndCloses();
    }

    @Test
    void aServerThatSpeaksNoTlsFails() {
        assertThat(connect("localhost", ORIGIN.port(), trusting()).fails(ConnectFailure.TLS_FAILED))
                .hasMessageContaining("expected a record of TLS but was something else");
    }

    @Test
    void aServerThatSpeaksTlsAnswersNobodyWithout() {
        int port = tls("localhost", ORIGIN.port());

        new Heard(client.connect("ws://localhost:" + port + "/echo")).fails(ConnectFailure.BAD_RESPONSE);
    }

    @Test
    void aServerThatLeavesDuringTheHandshakeOfTlsIsDisconnected() {
        LoopbackServer server =
                started(new LoopbackServer(socket -> socket.getInputStream().read(new byte[50])));

        connect("localhost", server.port(), trusting()).fails(ConnectFailure.DISCONNECTED);
    }

    @Test
    void aServerThatResetsDuringTheHandshakeOfTlsIsDisconnected() {
        LoopbackServer server = started(new LoopbackServer(socket -> {
            socket.getInputStream().read(new byte[50]);
            socket.setSoLinger(true, 0);
        }));

        connect("localhost", server.port(), trusting()).fails(ConnectFailure.DISCONNECTED);
    }

    @Test
    void aServerThatLeavesAfterTheHandshakeOfTlsIsDisconnected() {
        LoopbackServer server = started(new LoopbackServer(socket ->
                LoopbackServer.head(LoopbackServer.shakeHands(socket, certificates.having("localhost"), false))));

        connect("localhost", server.port(), trusting()).fails(ConnectFailure.DISCONNECTED);
    }

    @Test
    void aServerThatNeverAnswersTheHandshakeOfTlsTimesOut() {
        LoopbackServer server = started(new LoopbackServer(LoopbackServer::swallow));

        ClientWebSocket socket =
                client.connect("wss://localhost:" + server.port() + "/echo", options -> options.tls(trusting())
                        .handshakeTimeout(Duration.ofMillis(300)));
        new Heard(socket).fails(ConnectFailure.HANDSHAKE_TIMEOUT);
    }

    /** TLS of another making than that of {@link LoopbackServer}. */
    @Nested
    class WithTomcat {

        @Test
        void largeMessagesArriveWhole() {
            assertLargeMessagesArrive(
                    client.connect("wss://localhost:" + tomcat.port() + "/echo", options -> options.tls(trusting())
                            .extensions()));
        }

        @Test
        void bothSidesHearTheCodeOfTheClient() {
            connect("localhost", tomcat.port(), trusting()).echoesAndCloses();

            await().atMost(Duration.ofSeconds(30)).until(() -> !SERVER_CLOSES.isEmpty());
            assertThat(SERVER_CLOSES).containsExactly("4001 bye");
        }

        @Test
        void bothSidesHearTheCodeOfTheServer() {
            ClientWebSocket socket =
                    client.connect("wss://localhost:" + tomcat.port() + "/echo", options -> options.tls(trusting()));
            Heard heard = new Heard(socket);
            socket.send("close");

            heard.closesWith("4002 as you like");
            await().atMost(Duration.ofSeconds(30)).until(() -> !SERVER_CLOSES.isEmpty());
            assertThat(SERVER_CLOSES).containsExactly("4002 as you like");
        }

        @Test
        void aServerThatIsGoneIsNoticed() {
            LoopbackServer between = started(
                    new LoopbackServer(socket -> LoopbackServer.relay(socket, new Socket("127.0.0.1", tomcat.port()))));
            ClientWebSocket socket =
                    client.connect("wss://localhost:" + between.port() + "/echo", options -> options.tls(trusting()));
            Heard heard = new Heard(socket);
            socket.send("there");
            await().atMost(Duration.ofSeconds(30)).until(() -> !heard.messages().isEmpty());

            between.close(); // without a close_notify
            heard.closesWith("1006");
            await().atMost(Duration.ofSeconds(30)).until(() -> client.size() == 0);
        }
    }

    private static void assertLargeMessagesArrive(ClientWebSocket socket) {
        byte[] bytes = new byte[5_000_000];
        new Random(1).nextBytes(bytes);
        String text = "ä".repeat(2_500_000);
        List<Object> echoed = new CopyOnWriteArrayList<>();
        socket.onMessage(message -> echoed.add(message.isText() ? message.text() : message.bytes()));
        socket.send(bytes);
        socket.send(text);

        await().atMost(Duration.ofSeconds(60)).until(() -> echoed.size() == 2);
        assertThat(echoed.get(0).equals(ByteBuffer.wrap(bytes))).isTrue();
        assertThat(echoed.get(1).equals(text)).isTrue();
    }

    /** A proxy that is spoken to over TLS. */
    @Nested
    class WithTheProxy {

        private final List<String> requests = new CopyOnWriteArrayList<>();

        /** TLS in front of a proxy. */
        private int proxy(String certificate) {
            return tls(
                    certificate, started(LoopbackServer.connectProxy(requests)).port());
        }

        private Heard connect(String url, String proxyHost, int proxyPort, TlsOptions toProxy) {
            ProxyOptions proxy = ProxyOptions.of("https://user:secret@" + proxyHost + ":" + proxyPort)
                    .withTls(toProxy)
                    .withHeaders(Map.of("X-Purpose", "tests"));
            return new Heard(
                    client.connect(url, options -> options.tls(trusting()).proxy(proxy)));
        }

        private String plain() {
            return "ws://127.0.0.1:" + ORIGIN.port() + "/echo";
        }

        @Test
        void aTrustedOneIsUsedAndHearsItsOwnName() {
            connect(plain(), "localhost", proxy("localhost"), trusting()).echoesAndCloses();

            assertThat(names).containsExactly("localhost");
            assertThat(requests).hasSize(1);
            assertThat(requests.get(0))
                    .startsWith("CONNECT 127.0.0.1:" + ORIGIN.port() + " HTTP/1.1\r\n")
                    .containsOnlyOnce("\r\nHost: 127.0.0.1:" + ORIGIN.port() + "\r\n")
                    .containsIgnoringCase("\r\nX-Purpose: tests\r\n")
                    .containsIgnoringCase("\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n");
        }

        @Test
        void tlsWithTheServerIsWithinTlsWithTheProxy() {
            int server = tls("elsewhere", ORIGIN.port());
            int proxy = proxy("localhost");
            String url = "wss://elsewhere.example:" + server + "/echo"; // no such host: the proxy does not look

            connect(url, "127.0.0.1", proxy, trusting()).echoesAndCloses();
            assertThat(names).containsExactly("elsewhere.example");
            assertThat(requests.get(0)).startsWith("CONNECT elsewhere.example:" + server + " HTTP/1.1\r\n");
        }

        @Test
        void largeMessagesArriveWholeThroughTlsWithinTls() {
            ProxyOptions proxy =
                    ProxyOptions.of("https://localhost:" + proxy("localhost")).withTls(trusting());
            assertLargeMessagesArrive(client.connect(
                    "wss://localhost:" + tomcat.port() + "/echo",
                    options -> options.tls(trusting()).proxy(proxy).extensions()));
        }

        @Test
        void aServerNameHasNoDotAtItsEnd() {
            int server = tls("elsewhere", ORIGIN.port());
            String url = "wss://elsewhere.example.:" + server + "/echo";

            connect(url, "127.0.0.1", proxy("localhost"), trusting()).echoesAndCloses();
            assertThat(names).containsExactly("elsewhere.example");
        }

        /** CVE-2020-11050 (Java-WebSocket), CVE-2017-1000209 (nv-websocket-client), CVE-2020-15133 (faye). */
        @Test
        void theCertificateOfTheServerIsCheckedBehindTheProxy() {
            int server = tls("stranger", ORIGIN.port());

            assertThat(connect("wss://localhost:" + server + "/echo", "localhost", proxy("localhost"), trusting())
                            .fails(ConnectFailure.TLS_FAILED))
                    .hasMessageContaining("TLS with localhost");
        }

        @ParameterizedTest
        @CsvSource({
            "stranger, unable to find valid certification path",
            "elsewhere, No subject alternative DNS name matching localhost",
            "expired, a certificate has expired",
            "future, a certificate is not valid yet"
        })
        void aBadCertificateFailsAndNothingIsAskedOfTheProxy(String certificate, String why) {
            assertThat(connect(plain(), "localhost", proxy(certificate), trusting())
                            .fails(ConnectFailure.TLS_FAILED))
                    .hasMessageContaining("the proxy https://localhost:")
                    .hasMessageContaining(why);
            assertThat(requests).isEmpty();
        }

        @Test
        void theNameIsNotCheckedIfThatIsAskedForOfTheProxy() {
            connect(plain(), "localhost", proxy("elsewhere"), ofAnyHost(certificates.trusting()))
                    .echoesAndCloses();
            assertThat(names).containsExactly("localhost");
        }

        @Test
        void whatIsTrustedOfTheServerIsNotTrustedOfTheProxy() {
            connect(plain(), "localhost", proxy("localhost"), TlsOptions.DEFAULT)
                    .fails(ConnectFailure.TLS_FAILED);
        }

        @Test
        void itMayWantACertificate() {
            int proxy = started(LoopbackServer.tlsForKnownClients(
                            certificates.having("localhost"),
                            started(LoopbackServer.connectProxy(requests)).port()))
                    .port();

            connect(plain(), "localhost", proxy, trusting()).fails(ConnectFailure.TLS_FAILED);
            connect(plain(), "localhost", proxy, TlsOptions.of(certificates.having("client")))
                    .echoesAndCloses();
        }

        @Test
        void oneThatSpeaksNoTlsFails() {
            int proxy = started(new LoopbackServer(TlsTests::refuse)).port();

            connect(plain(), "localhost", proxy, trusting()).fails(ConnectFailure.TLS_FAILED);
        }

        @Test
        void oneThatLeavesDuringTheHandshakeOfTlsIsDisconnected() {
            int proxy = started(
                            new LoopbackServer(socket -> socket.getInputStream().read(new byte[50])))
                    .port();

            connect(plain(), "localhost", proxy, trusting()).fails(ConnectFailure.DISCONNECTED);
        }
    }

    private static void refuse(Socket socket) throws IOException {
        socket.getInputStream().read(new byte[50]);
        socket.getOutputStream().write("HTTP/1.1 400 \r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
    }
}
