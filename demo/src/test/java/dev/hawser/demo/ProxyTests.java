package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.Reconnect;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.client.ClientOptions;
import dev.hawser.websocket.client.ProxyOptions;
import dev.hawser.websocket.client.ProxySelection;
import dev.hawser.websocket.client.TlsOptions;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.handshake.ConnectFailure;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Authenticator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The client through proxies that others have written. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "logging.level.dev.hawser=debug")
@Import(ProxyTests.SeenController.class)
@ExtendWith(OutputCaptureExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
class ProxyTests {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** A program, and how it is spoken to. */
    enum Way {
        SQUID("http"),
        TINYPROXY("http"),
        /** In front of squid. */
        STUNNEL("https"),
        DANTED_4("socks4a"),
        DANTED_5("socks5");

        private final String scheme;

        Way(String scheme) {
            this.scheme = scheme;
        }

        boolean isHttp() {
            return scheme.startsWith("http");
        }
    }

    @LocalServerPort
    private int port;

    /** TLS in front of that; nobody listens there before {@link #tlsOrigin}. */
    private int tlsPort;
    /** Nobody listens there, ever, though the proxies may ask. */
    private final Socket nobody = new Socket();

    private ProxyPrograms programs;
    private Service tlsOrigin;
    private final Map<Way, Service> running = new EnumMap<>(Way.class);
    private final List<WebSocketClient> clients = new ArrayList<>();

    @BeforeAll
    void begin() throws IOException {
        nobody.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        tlsPort = Service.freePort();
        programs = new ProxyPrograms(port, tlsPort, nobody.getLocalPort());
    }

    @AfterEach
    void closeClients(CapturedOutput output) {
        clients.forEach(WebSocketClient::close);
        clients.clear();
        assertThat(output.getAll()).doesNotContain("exceptionCaught");
    }

    @AfterAll
    void end() throws IOException {
        running.values().forEach(Service::close);
        if (tlsOrigin != null) {
            tlsOrigin.close();
        }
        nobody.close();
        programs.remove();
    }

    /** Tells the client what its request looked like, then sends back what it gets. */
    @RestController
    static class SeenController {

        @GetMapping("/seen")
        void seen(HttpServletRequest request, WebSocket socket) {
            String headers = Collections.list(request.getHeaderNames()).stream()
                    .map(name -> name + ": " + request.getHeader(name))
                    .collect(Collectors.joining("\n"));
            socket.onOpen(() -> socket.send(headers));
            socket.onMessage(socket::send);
        }
    }

    // ---- What they have in common.

    private Service service(Way way) throws Exception {
        Service service = running.get(way == Way.DANTED_4 ? Way.DANTED_5 : way);
        if (service == null) {
            service = start(way);
            running.put(way == Way.DANTED_4 ? Way.DANTED_5 : way, service);
        }
        return service;
    }

    private Service start(Way way) throws Exception {
        return switch (way) {
            case SQUID -> programs.squid();
            case TINYPROXY -> programs.tinyproxy();
            case STUNNEL -> programs.stunnel(service(Way.SQUID).port());
            case DANTED_4, DANTED_5 -> programs.danted("none");
        };
    }

    /** With the right credentials, where there are any. */
    private ProxyOptions proxy(Way way, Service service) throws Exception {
        ProxyOptions proxy = ProxyOptions.of(way.scheme + "://127.0.0.1:" + service.port());
        proxy = way == Way.STUNNEL ? proxy.withTls(TlsOptions.of(programs.trusting())) : proxy;
        return way.isHttp() ? proxy.withCredentials("user", "secret") : proxy;
    }

    private WebSocketClient client() {
        WebSocketClient client = WebSocketClient.create();
        clients.add(client);
        return client;
    }

    private Heard connect(String url, ProxyOptions proxy) {
        return connect(url, options -> options.proxy(proxy));
    }

    private Heard connect(String url, Consumer<ClientOptions.Builder> changes) {
        return new Heard(client().connect(url, changes.andThen(options -> options.connectTimeout(PATIENCE)
                .handshakeTimeout(PATIENCE))));
    }

    /** What a socket tells its listeners. */
    private static final class Heard {

        private final ClientWebSocket socket;
        private final List<String> messages = new CopyOnWriteArrayList<>();
        private final List<Throwable> errors = new CopyOnWriteArrayList<>();
        private final List<Integer> closes = new CopyOnWriteArrayList<>();

        Heard(ClientWebSocket socket) {
            this.socket = socket;
            socket.onMessage(message -> messages.add(message.text()));
            socket.onError(errors::add);
            socket.onClose((code, reason) -> closes.add(code));
        }

        /** What the server has seen, after an echo and the closing handshake. */
        String works() {
            socket.send("Grüße");
            await().atMost(PATIENCE).until(() -> messages.size() == 2 || !closes.isEmpty());
            assertThat(errors).isEmpty();
            assertThat(messages).hasSize(2).element(1).isEqualTo("Grüße");
            socket.close(4001, "bye");
            await().atMost(PATIENCE).until(() -> !closes.isEmpty());
            assertThat(closes).containsExactly(4001);
            assertThat(errors).isEmpty();
            return messages.get(0);
        }

        ConnectFailedException fails(ConnectFailure failure) {
            await().atMost(PATIENCE).until(() -> !closes.isEmpty());
            assertThat(closes).containsExactly(1006);
            assertThat(errors).hasSize(1).element(0).isInstanceOf(ConnectFailedException.class);
            ConnectFailedException failed = (ConnectFailedException) errors.get(0);
            assertThat(failed.failure()).as(failed.getMessage()).isEqualTo(failure);
            assertThat(socket.statusCode()).isEqualTo(failed.statusCode());
            return failed;
        }
    }

    private String plain() {
        return "ws://127.0.0.1:" + port + "/seen";
    }

    private static void assertTheLogGrows(Service service, String before, int withPort) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(service.log().substring(before.length()))
                .contains(String.valueOf(withPort)));
    }

    // ---- What works.

    @ParameterizedTest
    @EnumSource
    void aServerIsReachedThroughAProxyOfWhichItHearsNothing(Way way) throws Exception {
        Service service = service(way);
        String before = service.log();
        ProxyOptions proxy = proxy(way, service);

        String seen = connect(plain(), way.isHttp() ? proxy.withHeaders(Map.of("X-Purpose", "test")) : proxy)
                .works();
        assertThat(seen)
                .containsIgnoringCase("host: 127.0.0.1:" + port)
                .doesNotContainIgnoringCase("proxy")
                .doesNotContainIgnoringCase("x-purpose")
                .doesNotContainIgnoringCase("authorization")
                .doesNotContainIgnoringCase("via:");
        // stunnel does not know what it carries
        assertTheLogGrows(
                service, before, way == Way.STUNNEL ? service(Way.SQUID).port() : port);
    }

    @ParameterizedTest
    @EnumSource
    void tlsWithAServerGoesThroughAProxy(Way way) throws Exception {
        if (tlsOrigin == null) {
            tlsOrigin = programs.stunnel(tlsPort, port);
        }
        Service service = service(way);
        String before = service.log();
        ProxyOptions proxy = proxy(way, service);
        TlsOptions tls = TlsOptions.of(programs.trusting());

        String seen = connect("wss://127.0.0.1:" + tlsPort + "/seen", options -> options.tls(tls)
                        .proxy(proxy))
                .works();
        assertThat(seen).containsIgnoringCase("host: 127.0.0.1:" + tlsPort).doesNotContainIgnoringCase("proxy");
        assertTheLogGrows(
                service, before, way == Way.STUNNEL ? service(Way.SQUID).port() : tlsPort);
    }

    @ParameterizedTest
    @EnumSource(names = {"SQUID", "STUNNEL"})
    void aNameIsLookedUpByTheProxy(Way way) throws Exception {
        String seen = connect("ws://hawser.example:" + port + "/seen", proxy(way, service(way)))
                .works();
        assertThat(seen).containsIgnoringCase("host: hawser.example:" + port);
    }

    @Test
    void aNameIsLookedUpBySocks5() throws Exception {
        connect("ws://localhost:" + port + "/seen", proxy(Way.DANTED_5, service(Way.DANTED_5)))
                .works();
    }

    @Test
    void usersAndPasswordsMayHoldAnything() throws Exception {
        String user = "jörg";
        String password = "p:ä@ß/ %41\"\\€";
        // as squid escapes them, in UTF-8
        try (Service squid = programs.squid("j%C3%B6rg p:%C3%A4@%C3%9F/%20%2541%22%5C%E2%82%AC")) {
            ProxyOptions proxy = ProxyOptions.of("http://127.0.0.1:" + squid.port());
            String inUrl = "http://" + encoded(user) + ":" + encoded(password) + "@127.0.0.1:" + squid.port();

            connect(plain(), proxy.withCredentials(user, password)).works();
            connect(plain(), options -> options.proxy(inUrl)).works();
            connect(plain(), proxy.withCredentials(user, password + "?")).fails(ConnectFailure.PROXY_AUTHENTICATION);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    // ---- What fails.

    @ParameterizedTest
    @EnumSource(names = {"SQUID", "STUNNEL"})
    void aWrongPasswordIsToldByStatus407(Way way) throws Exception {
        ProxyOptions proxy = proxy(way, service(way)).withCredentials("user", "guessed");

        ConnectFailedException failed = connect(plain(), proxy).fails(ConnectFailure.PROXY_AUTHENTICATION);
        assertThat(failed).hasMessageContaining("407").hasMessageContaining(proxy.toString());
        assertThat(failed.statusCode()).isEqualTo(407);
        assertThat(failed.headers().get("proxy-authenticate"))
                .singleElement()
                .asString()
                .startsWith("Basic realm=");
        assertThat(new String(failed.body(), StandardCharsets.UTF_8)).contains("html");
    }

    /** It says 407 to whoever has no password, and otherwise this. */
    @Test
    void aWrongPasswordIsToldByStatus401() throws Exception {
        ProxyOptions proxy = proxy(Way.TINYPROXY, service(Way.TINYPROXY)).withCredentials("user", "guessed");

        ConnectFailedException failed = connect(plain(), proxy).fails(ConnectFailure.PROXY_AUTHENTICATION);
        assertThat(failed.statusCode()).isEqualTo(401);
    }

    @ParameterizedTest
    @EnumSource(names = {"SQUID", "TINYPROXY", "STUNNEL"})
    void noPasswordIsToldByStatus407(Way way) throws Exception {
        ProxyOptions proxy = proxy(way, service(way)).withCredentials(null, null);

        ConnectFailedException failed = connect(plain(), proxy).fails(ConnectFailure.PROXY_AUTHENTICATION);
        assertThat(failed.statusCode()).isEqualTo(407);
        assertThat(failed.headers()).containsKey("Proxy-Authenticate");
    }

    @Test
    void socks5ToldAWrongPasswordOrNoneFails() throws Exception {
        try (Service danted = programs.danted("username")) {
            ProxyOptions proxy = ProxyOptions.of("socks5://127.0.0.1:" + danted.port());

            connect(plain(), proxy).fails(ConnectFailure.PROXY_AUTHENTICATION);
            connect(plain(), proxy.withCredentials("no-such-user", "guessed"))
                    .fails(ConnectFailure.PROXY_AUTHENTICATION);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aForbiddenPortIsRefused(Way way) throws Exception {
        String forbidden = "ws://127.0.0.1:" + Service.freePort() + "/seen";

        ConnectFailedException failed =
                connect(forbidden, proxy(way, service(way))).fails(ConnectFailure.PROXY_REFUSED);
        assertThat(failed.statusCode()).isEqualTo(way.isHttp() ? 403 : 0);
    }

    @ParameterizedTest
    @EnumSource
    void aServerThatIsNotThereIsRefused(Way way) throws Exception {
        String absent = "ws://127.0.0.1:" + nobody.getLocalPort() + "/seen";

        ConnectFailedException failed =
                connect(absent, proxy(way, service(way))).fails(ConnectFailure.PROXY_REFUSED);
        switch (way) {
            case SQUID, STUNNEL -> assertThat(failed.statusCode()).isEqualTo(503);
            case TINYPROXY -> assertThat(failed.statusCode()).isEqualTo(500);
            case DANTED_4, DANTED_5 -> assertThat(failed.statusCode()).isZero();
        }
        assertThat(Reconnect.DEFAULT.follows(failed)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "https", "socks4a", "socks5"})
    void aProxyThatIsNotThereIsUnreachable(String scheme) {
        ProxyOptions absent = ProxyOptions.of(scheme + "://user:secret@127.0.0.1:" + nobody.getLocalPort());

        assertThat(connect(plain(), absent).fails(ConnectFailure.UNREACHABLE))
                .hasMessageContaining("the proxy " + scheme + "://127.0.0.1:" + nobody.getLocalPort());
    }

    /** What stunnel in front of nobody does. */
    @Test
    void aProxyThatLeavesAfterTlsIsDisconnected() throws Exception {
        try (Service stunnel = programs.stunnel(nobody.getLocalPort())) {
            connect(plain(), proxy(Way.STUNNEL, stunnel)).fails(ConnectFailure.DISCONNECTED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aProxyThatDiesEndsTheConnectionAndLeavesNothingBehind(Way way) throws Exception {
        Set<Thread> threadsBefore = threads();
        WebSocketClient client = client();
        Heard heard;
        try (Service dying = start(way)) {
            ProxyOptions proxy = proxy(way, dying);
            heard = new Heard(client.connect(plain(), options -> options.proxy(proxy)));
            await().atMost(PATIENCE).until(() -> heard.messages.size() == 1);
            assertThat(client.size()).isEqualTo(1);
        }
        await().atMost(PATIENCE).until(() -> !heard.closes.isEmpty());
        assertThat(heard.closes).containsExactly(1006);
        await().atMost(PATIENCE).until(() -> client.size() == 0);
        client.close();
        await().atMost(PATIENCE).until(() -> threadsBefore.containsAll(threads()));
    }

    /** Those of clients and of groups of connections. */
    private static Set<Thread> threads() {
        Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
        threads.removeIf(thread -> !thread.getName().startsWith("hawser-"));
        return threads;
    }

    @Test
    void aConnectionIsMadeAgainWhenTheProxyIsBack() throws Exception {
        int proxyPort = Service.freePort();
        Reconnect soon = new Reconnect(Duration.ofMillis(200), Duration.ofSeconds(1), 2, 0.5, Integer.MAX_VALUE);
        Heard heard;
        try (Service first = programs.tinyproxy(proxyPort)) {
            ProxyOptions proxy = proxy(Way.TINYPROXY, first);
            heard = connect(plain(), options -> options.proxy(proxy).reconnect(soon));
            await().atMost(PATIENCE).until(() -> heard.messages.size() == 1);
        }
        List<Throwable> causes = new CopyOnWriteArrayList<>();
        heard.socket.onReconnecting((attempt, delay, cause) -> causes.add(cause));
        await().atMost(PATIENCE).until(() -> !causes.isEmpty());
        heard.socket.send("later");
        try (Service second = programs.tinyproxy(proxyPort)) {
            await().atMost(PATIENCE).until(() -> heard.messages.size() == 3);
            assertThat(heard.messages).element(2).isEqualTo("later");
            assertThat(second.log()).contains("127.0.0.1:" + port);
            heard.socket.close();
            await().atMost(PATIENCE).until(() -> !heard.closes.isEmpty());
        }
    }

    // ---- Which proxy.

    @ParameterizedTest
    @ValueSource(
            strings = {"*", "127.0.0.1", "127.0.0.1:PORT", "127.0.0.0/8", "10.0.0.0/8 127.0.0.1", "*.example.com *"})
    void whatIsExceptedIsReachedWithoutTheProxy(String patterns) {
        connect(plain(), exceptFor(patterns)).works();
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1:1", "127.0.0.2", "10.0.0.0/8", "0.0.1", "*.0.0.1"})
    void whatIsNotExceptedGoesToTheProxy(String patterns) {
        connect(plain(), exceptFor(patterns)).fails(ConnectFailure.UNREACHABLE);
    }

    /** A proxy that is not there. */
    private ProxyOptions exceptFor(String patterns) {
        return ProxyOptions.of("http://127.0.0.1:" + nobody.getLocalPort())
                .withNoProxy(patterns.replace("PORT", String.valueOf(port)).split(" "));
    }

    @Test
    void aNameIsExceptedWithThoseBelowIt() {
        String url = "ws://localhost:" + port + "/seen";
        connect(url, exceptFor("localhost")).works();
        connect(url, exceptFor(".localhost")).works();
        connect(url, exceptFor("host")).fails(ConnectFailure.UNREACHABLE);
    }

    @Test
    void theEnvironmentChoosesTheProxy() throws Exception {
        Service squid = service(Way.SQUID);
        Service danted = service(Way.DANTED_5);
        String http = "http://user:secret@127.0.0.1:" + squid.port();
        String withoutScheme = "user:secret@127.0.0.1:" + squid.port() + "/";
        String socks = "socks5h://127.0.0.1:" + danted.port();
        String wrong = "http://127.0.0.1:" + nobody.getLocalPort();

        goesThrough(squid, Map.of("http_proxy", http, "https_proxy", wrong));
        goesThrough(squid, Map.of("http_proxy", withoutScheme));
        goesThrough(squid, Map.of("http_proxy", http, "all_proxy", wrong));
        goesThrough(danted, Map.of("all_proxy", socks));
        goesThrough(danted, Map.of("ALL_PROXY", socks, "HTTP_PROXY", wrong));
        goesThrough(danted, Map.of("all_proxy", socks, "no_proxy", "localhost,10.0.0.0/8"));
        goesThrough(danted, Map.of("all_proxy", socks, "no_proxy", ",, localhost ,"));
        connect(plain(), environment(Map.of("http_proxy", wrong))).fails(ConnectFailure.UNREACHABLE);
        connect(plain(), environment(Map.of("http_proxy", wrong, "NO_PROXY", "example.com, 127.0.0.1")))
                .works();
        connect(plain(), environment(Map.of("http_proxy", wrong, "no_proxy", "*")))
                .works();
        connect(plain(), environment(Map.of("https_proxy", wrong))).works();
        connect(plain(), environment(Map.of("HTTP_PROXY", wrong))).works();
    }

    @Test
    void theEnvironmentTellsTlsFromNone() {
        ProxySelection both = ProxySelection.environment(Map.of(
                "http_proxy",
                "http://plain.example:1",
                "HTTPS_PROXY",
                "socks4://user@tls.example",
                "no_proxy",
                ".lan"));

        assertThat(both.select(false, "example.com", 80)).hasToString("http://plain.example:1");
        assertThat(both.select(true, "example.com", 443)).hasToString("socks4a://tls.example:1080");
        assertThat(both.select(true, "printer.lan", 443)).isNull();
        assertThat(both.select(false, "lan", 80)).isNull();
        assertThat(both.select(false, "wlan", 80)).isNotNull();
    }

    private void goesThrough(Service service, Map<String, String> variables) throws IOException {
        String before = service.log();
        connect(plain(), environment(variables)).works();
        assertTheLogGrows(service, before, port);
    }

    private static Consumer<ClientOptions.Builder> environment(Map<String, String> variables) {
        return options -> options.proxy(ProxySelection.environment(variables));
    }

    @Test
    void theJvmChoosesTheProxyAndKnowsThePassword() throws Exception {
        Service squid = service(Way.SQUID);
        Service danted = service(Way.DANTED_5);
        ProxySelector selectorBefore = ProxySelector.getDefault();
        Authenticator authenticatorBefore = Authenticator.getDefault();
        Consumer<ClientOptions.Builder> jvm = options -> options.proxy(ProxySelection.jvm());
        try {
            Selecting selecting = new Selecting(new Proxy(Proxy.Type.HTTP, address(squid)));
            ProxySelector.setDefault(selecting);
            Knowing knowing = new Knowing("secret");
            Authenticator.setDefault(knowing);
            String before = squid.log();
            connect(plain(), jvm).works();
            assertTheLogGrows(squid, before, port);
            assertThat(selecting.asked).containsExactly(URI.create("http://127.0.0.1:" + port + "/"));
            assertThat(knowing.asked).containsExactly("PROXY http 127.0.0.1:" + squid.port());

            Authenticator.setDefault(new Knowing("guessed"));
            connect(plain(), jvm).fails(ConnectFailure.PROXY_AUTHENTICATION);
            Authenticator.setDefault(null);
            connect(plain(), jvm).fails(ConnectFailure.PROXY_AUTHENTICATION);

            ProxySelector.setDefault(new Selecting(new Proxy(Proxy.Type.SOCKS, address(danted))));
            String dantedBefore = danted.log();
            connect(plain(), jvm).works();
            assertTheLogGrows(danted, dantedBefore, port);

            Selecting direct = new Selecting(Proxy.NO_PROXY);
            ProxySelector.setDefault(direct);
            connect(plain(), jvm).works();
            assertThat(ProxySelection.jvm().select(true, "::1", 443)).isNull();
            assertThat(direct.asked).last().isEqualTo(URI.create("https://[::1]:443/"));
            ProxySelector.setDefault(null);
            connect(plain(), jvm).works();
        } finally {
            ProxySelector.setDefault(selectorBefore);
            Authenticator.setDefault(authenticatorBefore);
        }
    }

    private static InetSocketAddress address(Service service) {
        return InetSocketAddress.createUnresolved("127.0.0.1", service.port());
    }

    private static final class Selecting extends ProxySelector {

        private final List<URI> asked = new CopyOnWriteArrayList<>();
        private final Proxy proxy;

        Selecting(Proxy proxy) {
            this.proxy = proxy;
        }

        @Override
        public List<Proxy> select(URI uri) {
            asked.add(uri);
            return List.of(proxy);
        }

        @Override
        public void connectFailed(URI uri, SocketAddress address, IOException failure) {
            // is not told
        }
    }

    private static final class Knowing extends Authenticator {

        private final List<String> asked = new CopyOnWriteArrayList<>();
        private final String password;

        Knowing(String password) {
            this.password = password;
        }

        @Override
        protected PasswordAuthentication getPasswordAuthentication() {
            asked.add(getRequestorType() + " " + getRequestingProtocol() + " " + getRequestingHost() + ":"
                    + getRequestingPort());
            return new PasswordAuthentication("user", password.toCharArray());
        }
    }

    // ---- What is never told.

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "DANTED_4")
    void noPasswordIsInAnyTextOrLog(Way way, CapturedOutput output) throws Exception {
        String password = "gu3ss3d";
        try (Service other = way == Way.DANTED_5 ? programs.danted("username") : null) {
            Service service = other == null ? service(way) : other;
            ProxyOptions proxy = proxy(way, service).withCredentials("user", password);

            Heard heard = connect(plain(), proxy);
            ConnectFailedException failed = heard.fails(ConnectFailure.PROXY_AUTHENTICATION);
            StringWriter trace = new StringWriter();
            failed.printStackTrace(new PrintWriter(trace, true));
            ClientOptions options = ClientOptions.DEFAULT.with(builder -> builder.proxy(proxy));
            String told =
                    trace + failed.toString() + failed.headers() + proxy + options + heard.socket + output.getAll();
            String basic = Base64.getEncoder().encodeToString(("user:" + password).getBytes(StandardCharsets.UTF_8));
            assertThat(told)
                    .contains("Connecting to 127.0.0.1:" + port + " failed")
                    .doesNotContain(password, basic);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://user:gu3ss3d@127.0.0.1:99999",
                "http://user:gu3ss3d@",
                "http://us%3Aer:gu3ss3d@127.0.0.1",
                "ftp://user:gu3ss3d@127.0.0.1",
                "user:gu3ss3d@127.0.0.1:http",
                "user:gu3ss3d://x@127.0.0.1"
            })
    void noPasswordIsInWhatIsSaidOfAWrongUrl(String url) {
        for (Runnable wrong : List.<Runnable>of(
                () -> ProxyOptions.of(url), () -> ProxySelection.environment(Map.of("all_proxy", url)))) {
            assertThatIllegalArgumentException().isThrownBy(wrong::run).satisfies(failure -> {
                StringWriter trace = new StringWriter();
                failure.printStackTrace(new PrintWriter(trace, true));
                assertThat(trace.toString()).doesNotContain("gu3ss3d");
            });
        }
    }
}
