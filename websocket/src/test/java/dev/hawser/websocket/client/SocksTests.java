package dev.hawser.websocket.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.servlet.ServletUpgrade;
import dev.hawser.websocket.servlet.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a SOCKS proxy hears, byte by byte, and what becomes of its answers. */
class SocksTests {

    private static TestServer origin;

    private final NettyLog log = new NettyLog();
    private final WebSocketClient client = WebSocketClient.create();
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

    private SocksProxy proxy(@Nullable String credentials, int answer) {
        SocksProxy proxy = new SocksProxy(credentials, answer);
        servers.add(proxy);
        return proxy;
    }

    private int server(LoopbackServer.Handler handler) {
        LoopbackServer server = new LoopbackServer(handler);
        servers.add(server);
        return server.port();
    }

    private Heard connect(String host, ProxyOptions proxy) {
        return new Heard(client.connect("ws://" + host + ":" + origin.port() + "/echo", options -> options.proxy(proxy)
                .handshakeTimeout(Duration.ofSeconds(30))));
    }

    private static ProxyOptions socks5(int port) {
        return ProxyOptions.of("socks5://127.0.0.1:" + port);
    }

    private static ProxyOptions socks4a(int port) {
        return ProxyOptions.of("socks4a://127.0.0.1:" + port);
    }

    @ParameterizedTest
    @CsvSource({
        "example.com, name example.com", // which is not looked up here
        "bücher.example, name xn--bcher-kva.example",
        "127.0.0.1, address 127.0.0.1",
        "[::1], address 0:0:0:0:0:0:0:1"
    })
    void socks5IsToldANameOrAnAddress(String host, String heard) {
        SocksProxy proxy = proxy(null, 0);

        connect(host, socks5(proxy.port())).echoesAndCloses();
        assertThat(proxy.heard()).containsExactly(heard + " " + origin.port());
    }

    /** Version 4 has no addresses but those of four bytes. */
    @ParameterizedTest
    @CsvSource({"example.com, name example.com", "127.0.0.1, address 127.0.0.1", "[::1], name ::1"})
    void socks4aIsToldANameOrAnAddress(String host, String heard) {
        SocksProxy proxy = proxy(null, 90);

        connect(host, socks4a(proxy.port())).echoesAndCloses();
        assertThat(proxy.heard()).containsExactly("user ", heard + " " + origin.port());
    }

    @ParameterizedTest
    @CsvSource({"user, secret", "jörg, pä:ss@wörd %41€", "user, ''"})
    void socks5IsToldAUserAndAPassword(String user, String password) {
        SocksProxy proxy = proxy(user + ":" + password, 0);

        connect("localhost", socks5(proxy.port()).withCredentials(user, password))
                .echoesAndCloses();
        assertThat(proxy.heard()).containsExactly(user + ":" + password, "name localhost " + origin.port());
    }

    @Test
    void aUserAndAPasswordAreNotToldToAProxyThatWantsNone() {
        SocksProxy proxy = proxy(null, 0);

        connect("localhost", socks5(proxy.port()).withCredentials("user", "secret"))
                .echoesAndCloses();
        assertThat(proxy.heard()).containsExactly("name localhost " + origin.port());
    }

    @ParameterizedTest
    @ValueSource(strings = {"user", "jörg"})
    void socks4aIsToldAUserButNoPassword(String user) {
        SocksProxy proxy = proxy(null, 90);

        connect("localhost", socks4a(proxy.port()).withCredentials(user, "secret"))
                .echoesAndCloses();
        assertThat(proxy.heard()).containsExactly("user " + user, "name localhost " + origin.port());
    }

    @Test
    void aWrongPasswordFails() {
        SocksProxy proxy = proxy("user:secret", 0);

        assertThat(connect("localhost", socks5(proxy.port()).withCredentials("user", "guessed"))
                        .fails(ConnectFailure.PROXY_AUTHENTICATION))
                .hasMessageContaining("the proxy socks5://127.0.0.1:" + proxy.port())
                .hasMessageNotContaining("guessed");
    }

    @Test
    void noPasswordWhereOneIsWantedFails() {
        SocksProxy proxy = proxy("user:secret", 0);

        connect("localhost", socks5(proxy.port())).fails(ConnectFailure.PROXY_AUTHENTICATION);
        assertThat(proxy.heard()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1, FAILURE", "2, FORBIDDEN", "3, NETWORK_UNREACHABLE", "4, HOST_UNREACHABLE", "5, CONNECTION_REFUSED"})
    void whatSocks5RefusesFails(int answer, String status) {
        assertThat(connect("localhost", socks5(proxy(null, answer).port())).fails(ConnectFailure.PROXY_REFUSED))
                .hasMessageContaining(status);
    }

    @Test
    void whatSocks4aRefusesFails() {
        assertThat(connect("localhost", socks4a(proxy(null, 91).port())).fails(ConnectFailure.PROXY_REFUSED))
                .hasMessageContaining("REJECTED_OR_FAILED");
    }

    @ParameterizedTest
    @ValueSource(ints = {92, 93})
    void aUserThatSocks4aDoesNotKnowFails(int answer) {
        connect("localhost", socks4a(proxy(null, answer).port()).withCredentials("user", null))
                .fails(ConnectFailure.PROXY_AUTHENTICATION);
    }

    @ParameterizedTest
    @ValueSource(strings = {"socks4a", "socks5"})
    void aProxyThatLeavesIsDisconnected(String scheme) {
        int port = server(socket -> socket.getInputStream().read(new byte[3]));

        connect("localhost", ProxyOptions.of(scheme + "://127.0.0.1:" + port)).fails(ConnectFailure.DISCONNECTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"socks4a", "socks5"})
    void aProxyThatSpeaksSomethingElseFails(String scheme) {
        int port = server(socket -> {
            socket.getInputStream().read(new byte[3]);
            socket.getOutputStream().write("HTTP/1.1 400 \r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            LoopbackServer.swallow(socket);
        });

        connect("localhost", ProxyOptions.of(scheme + "://127.0.0.1:" + port)).fails(ConnectFailure.BAD_RESPONSE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"socks4a", "socks5"})
    void aProxyThatNeverAnswersTimesOut(String scheme) {
        int port = server(LoopbackServer::swallow);
        String proxy = scheme + "://127.0.0.1:" + port;

        new Heard(client.connect("ws://localhost:" + origin.port() + "/echo", options -> options.proxy(proxy)
                        .handshakeTimeout(Duration.ofMillis(300))))
                .fails(ConnectFailure.HANDSHAKE_TIMEOUT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"socks4a", "socks5"})
    void aProxyThatIsNotThereIsUnreachable(String scheme) throws IOException {
        int port = freePort();

        assertThat(connect("localhost", ProxyOptions.of(scheme + "://127.0.0.1:" + port))
                        .fails(ConnectFailure.UNREACHABLE))
                .hasMessageContaining("the proxy " + scheme + "://127.0.0.1:" + port);
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }
}
