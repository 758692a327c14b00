package dev.hawser.websocket.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.servlet.ServletUpgrade;
import dev.hawser.websocket.servlet.TestServer;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What HTTP proxies may answer to CONNECT, and what becomes of it. */
class ConnectTests {

    private static final String HEAD = "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n";

    private static TestServer origin;

    private final NettyLog log = new NettyLog();
    private final WebSocketClient client = WebSocketClient.create();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> servers = new ArrayList<>();

    @BeforeAll
    static void startServer() {
        origin = new TestServer((request, response) -> {
            WebSocket socket = ServletUpgrade.of(request, response, WebSocketOptions.DEFAULT)
                    .accept();
            socket.onMessage(socket::send);
        });
    }

    @AfterAll
    static void endServer() {
        origin.close();
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

    /** A proxy that answers so, then relays or waits. */
    private Heard through(String answer, boolean relays) {
        return through(answer, relays, Duration.ofSeconds(30));
    }

    private Heard through(String answer, boolean relays, Duration patience) {
        return through(
                socket -> {
                    requests.add(LoopbackServer.head(socket));
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                    if (relays) {
                        LoopbackServer.relay(socket, new Socket(InetAddress.getLoopbackAddress(), origin.port()));
                    } else {
                        LoopbackServer.swallow(socket);
                    }
                },
                patience);
    }

    private Heard through(LoopbackServer.Handler handler, Duration patience) {
        LoopbackServer proxy = new LoopbackServer(handler);
        servers.add(proxy);
        ProxyOptions options = ProxyOptions.of("http://user:p%3Aa%40ss@127.0.0.1:" + proxy.port());
        return new Heard(client.connect(
                "ws://example.com:8080/echo?a=b",
                changes -> changes.proxy(options).handshakeTimeout(patience).header("X-Secret", "for the server")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 Connection established\r\n\r\n",
                "HTTP/1.0 200 OK\r\nProxy-agent: old/1.0\r\n\r\n",
                "HTTP/1.1 200\r\n\r\n",
                "HTTP/1.1 204 \r\nConnection: close\r\n\r\n",
                "HTTP/1.1 299 \r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
                // "A client MUST ignore any Content-Length or Transfer-Encoding header fields" (RFC 9110, section
                // 9.3.6)
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                "HTTP/1.1 201 OK\r\nContent-Length: 5\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 202 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            })
    void everyStatusFrom200To299IsATunnel(String answer) {
        through(answer, true).echoesAndCloses();
    }

    /** CVE-2026-42578, CVE-2026-62380 (Netty): refused where it is given, before a proxy is even connected to. */
    @ParameterizedTest
    @ValueSource(strings = {"http", "socks4a", "socks5"})
    void nothingThatIsGivenBreaksALineOrAFieldForTheProxy(String scheme) {
        List<Socket> connected = new CopyOnWriteArrayList<>();
        LoopbackServer proxy = new LoopbackServer(connected::add);
        servers.add(proxy);
        ProxyOptions good = ProxyOptions.of(scheme + "://127.0.0.1:" + proxy.port());
        for (String evil : List.of("\r", "\n", "\r\n", "\0", "\r\nX-Evil: 1\r\n\r\n")) {
            String encoded = URLEncoder.encode(evil, StandardCharsets.UTF_8);
            List<ThrowingCallable> attempts = new ArrayList<>(List.of(
                    () -> client.connect("ws://a" + evil + "b/", options -> options.proxy(good)),
                    () -> client.connect("ws://a" + encoded + "b/", options -> options.proxy(good)),
                    () -> client.connect("ws://a/" + evil, options -> options.proxy(good)),
                    () -> client.connect(
                            "ws://a/", options -> options.proxy(good).header("X", "y" + evil)),
                    () -> good.withHeaders(Map.of("X", "y" + evil)),
                    () -> good.withHeaders(Map.of("X" + evil, "y")),
                    () -> ProxyOptions.of(scheme + "://a" + evil + "b:1"),
                    () -> ProxyOptions.of(scheme + "://a" + encoded + "b:1")));
            if (scheme.equals("http") || evil.equals("\0")) { // the fields of SOCKS have a length, or end with NUL
                attempts.add(() -> good.withCredentials("user" + evil, "secret"));
                attempts.add(() -> good.withCredentials("user", "secret" + evil));
                attempts.add(() -> ProxyOptions.of(scheme + "://user" + encoded + ":secret@a:1"));
            }
            for (ThrowingCallable attempt : attempts) {
                assertThatIllegalArgumentException().isThrownBy(attempt).satisfies(refused -> assertThat(
                                refused.getMessage())
                        .doesNotContain("secret")
                        .matches("[ -~]*"));
            }
        }
        assertThat(connected).isEmpty();
        assertThat(client.size()).isZero();
    }

    @Test
    void theProxyHearsWhatIsForItAndNothingElse() {
        through("HTTP/1.1 200 OK\r\n\r\n", true).echoesAndCloses();

        assertThat(requests.get(0).split("\r\n"))
                .usingElementComparator(String.CASE_INSENSITIVE_ORDER)
                .containsExactlyInAnyOrder(
                        "CONNECT example.com:8080 HTTP/1.1",
                        "Host: example.com:8080",
                        "Proxy-Authorization: Basic dXNlcjpwOmFAc3M=");
    }

    @ParameterizedTest
    @CsvSource({
        "401, PROXY_AUTHENTICATION",
        "407, PROXY_AUTHENTICATION",
        "101, PROXY_REFUSED",
        "302, PROXY_REFUSED",
        "403, PROXY_REFUSED",
        "502, PROXY_REFUSED"
    })
    void everyOtherStatusFails(int status, ConnectFailure failure) {
        String answer = "HTTP/1.1 " + status + " No\r\nLocation: http://example.com/\r\nContent-Length: 0\r\n\r\n";

        assertThat(through(answer, false).fails(failure).statusCode()).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                HEAD + "Content-Length: 4\r\n\r\nwhy?",
                HEAD + "Transfer-Encoding: chunked\r\n\r\n2\r\nwh\r\n2\r\ny?\r\n0\r\n\r\n"
            })
    void aRefusalHasItsHeadersAndItsBody(String answer) {
        assertRefused(through(answer, false));
    }

    /** Until the end of the connection, or of our patience. */
    @ParameterizedTest
    @ValueSource(
            strings = {HEAD + "\r\nwhy?", HEAD + "Content-Length: 9\r\n\r\nwhy?", HEAD + "Connection: close\r\n\r\nwhy?"
            })
    void ofABodyWithoutAnEndWhatCameIsTaken(String answer) {
        assertRefused(through(answer, false, Duration.ofMillis(500)));
        assertRefused(through(
                socket -> {
                    LoopbackServer.head(socket);
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                },
                Duration.ofSeconds(30)));
    }

    private static void assertRefused(Heard heard) {
        ConnectFailedException failed = heard.fails(ConnectFailure.PROXY_AUTHENTICATION);
        assertThat(failed.headers().get("proxy-authenticate")).containsExactly("Basic");
        assertThat(failed.body()).asString(StandardCharsets.UTF_8).isEqualTo("why?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SSH-2.0-OpenSSH\r\n\r\n", "\u0005\u00FF", "<html>\r\n\r\n"})
    void whatIsNotHttpFails(String answer) {
        // so that even a line without an end is one
        assertThat(through(answer + "x".repeat(5000) + "\r\n\r\n", false).fails(ConnectFailure.BAD_RESPONSE))
                .hasMessageContaining("the proxy http://127.0.0.1:");
    }

    @Test
    void tooManyHeadersFail() {
        String answer = "HTTP/1.1 200 OK\r\n" + ("X: " + "y".repeat(1000) + "\r\n").repeat(40) + "\r\n";

        through(answer, false).fails(ConnectFailure.BAD_RESPONSE);
    }

    @Test
    void aProxyThatLeavesIsDisconnected() {
        assertThat(through(LoopbackServer::head, Duration.ofSeconds(30)).fails(ConnectFailure.DISCONNECTED))
                .hasMessageContaining("the proxy http://127.0.0.1:");
    }

    @Test
    void aProxyThatNeverAnswersTimesOut() {
        through("", false, Duration.ofMillis(300)).fails(ConnectFailure.HANDSHAKE_TIMEOUT);
    }

    @Test
    void aServerThatLeavesBehindTheProxyIsDisconnected() {
        assertThat(through(
                                socket -> {
                                    LoopbackServer.head(socket);
                                    socket.getOutputStream()
                                            .write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
                                    LoopbackServer.head(socket);
                                },
                                Duration.ofSeconds(30))
                        .fails(ConnectFailure.DISCONNECTED))
                .hasMessageContaining("from example.com:8080");
    }
}
