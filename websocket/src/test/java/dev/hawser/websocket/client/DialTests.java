package dev.hawser.websocket.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.Reconnect;
import dev.hawser.websocket.client.ScriptedServer.Script;
import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.extension.NegotiationException;
import dev.hawser.websocket.extension.TestExtension;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.handshake.ExtensionHeader.Parameter;
import dev.hawser.websocket.protocol.ReadyState;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the client connects, to a server that answers as a test says. */
class DialTests {

    private static final String ACCEPTED = "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\n";

    private final ConcurrentLinkedQueue<String> observed = new ConcurrentLinkedQueue<>();
    private final WebSocketClient client = WebSocketClient.create(ClientOptions.DEFAULT, new ClientObserver() {
        @Override
        public void failed(String name, ConnectFailure failure) {
            observed.add(name + " " + failure.id());
        }
    });

    @AfterEach
    void end() {
        assertThat(client.size()).isZero();
        client.close();
    }

    private Events connect(String url, Consumer<ClientOptions.Builder> changes) {
        return new Events(client.connect(url, changes));
    }

    private Events connect(ScriptedServer server) {
        return connect(server.url("/"), options -> {});
    }

    private static Script answering(String response) {
        return with -> {
            with.request();
            with.answer(response);
            with.drain();
        };
    }

    // ---- What is asked.

    @Test
    void theRequestIsWhatTheRfcAsksForAndWhatTheApplicationAdds() throws Exception {
        try (ScriptedServer server = new ScriptedServer(with -> {
            with.accept("Sec-WebSocket-Protocol: b\n");
            with.send(0x88, 0x02, 0x03, 0xE8);
            with.frame();
        })) {
            Events events = connect(
                    "ws://J%C3%BCrgen:p%40ss@127.0.0.1:" + server.port() + "/a b?c=ü",
                    options -> options.protocols("a", "b")
                            .origin("https://example.com")
                            .header("X-One", "1")
                            .header("x-one", "2"));
            assertThat(events.closed()).isEqualTo("1000");
            String request = server.requests().get(0);
            assertThat(request).startsWith("GET /a%20b?c=%C3%BC HTTP/1.1\r\n");
            assertThat(ScriptedServer.header(request, "Host")).isEqualTo("127.0.0.1:" + server.port());
            assertThat(ScriptedServer.header(request, "Upgrade")).isEqualTo("websocket");
            assertThat(ScriptedServer.header(request, "Connection")).isEqualTo("Upgrade");
            assertThat(ScriptedServer.header(request, "Sec-WebSocket-Version")).isEqualTo("13");
            assertThat(ScriptedServer.header(request, "Sec-WebSocket-Key")).hasSize(24);
            assertThat(ScriptedServer.header(request, "Sec-WebSocket-Protocol")).isEqualTo("a, b");
            assertThat(ScriptedServer.header(request, "Sec-WebSocket-Extensions"))
                    .startsWith("permessage-deflate");
            assertThat(ScriptedServer.header(request, "Origin")).isEqualTo("https://example.com");
            assertThat(ScriptedServer.header(request, "Authorization")).isEqualTo(ClientUrl.basic("Jürgen", "p@ss"));
            assertThat(request.toLowerCase(Locale.ROOT).split("x-one: ")).hasSize(2);
            assertThat(ScriptedServer.header(request, "X-One")).isEqualTo("2");
            assertThat(events.socket.protocol()).isEqualTo("b");
            assertThat(events.socket.url()).doesNotContain("p%40ss").endsWith("/a%20b?c=%C3%BC");
        }
    }

    /** CVE-2026-41838, CVE-2015-0201 (Spring). */
    @Test
    void eachConnectionHasAKeyOfItsOwn() throws Exception {
        try (ScriptedServer server = new ScriptedServer(answering("HTTP/1.1 404 No\nContent-Length: 0\n\n"))) {
            connect(server).failed(ConnectFailure.UNEXPECTED_STATUS);
            connect(server).failed(ConnectFailure.UNEXPECTED_STATUS);
            assertThat(server.requests().stream().map(request -> ScriptedServer.header(request, "Sec-WebSocket-Key")))
                    .doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Upgrade", "connection", "Sec-WebSocket-Key", "Content-Length", "Proxy-Authorization", "a b", ""
            })
    void aHeaderThatIsNotTheApplicationsIsRefused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client.connect("ws://127.0.0.1/", options -> options.header(name, "x")))
                .withMessageContaining("\"" + name + "\"");
    }

    @Test
    void nothingThatIsGivenMakesAnotherHeader() {
        for (String evil : List.of("a\r\nX-Evil: 1", "a\nb", "a\0b", "\r")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.connect("ws://127.0.0.1/", options -> options.header("X", evil)));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.connect("ws://127.0.0.1/", options -> options.origin(evil)));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.connect("ws://127.0.0.1/", options -> options.protocols(evil)));
            assertThatIllegalArgumentException().isThrownBy(() -> client.connect("ws://127.0.0.1/" + evil));
            assertThatIllegalArgumentException().isThrownBy(() -> client.connect("ws://" + evil + "@127.0.0.1/"));
            assertThatIllegalArgumentException().isThrownBy(() -> client.connect("ws://" + evil + "/"));
        }
    }

    // ---- What is answered.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Connection: Upgrade;Sec-WebSocket-Accept: x | WRONG_ACCEPT",
                "Connection: Upgrade | WRONG_ACCEPT",
                "Connection: close;Sec-WebSocket-Accept: KEY | WRONG_CONNECTION",
                "Connection: Upgrade;Sec-WebSocket-Accept: KEY;Sec-WebSocket-Protocol: c | UNASKED_PROTOCOL",
                "Connection: Upgrade;Sec-WebSocket-Accept: KEY;Sec-WebSocket-Extensions: x-y | UNASKED_EXTENSION",
                "Connection: Upgrade;Sec-WebSocket-Accept: KEY;Sec-WebSocket-Extensions: ;; | BAD_EXTENSION",
                "Connection: Upgrade;Sec-WebSocket-Accept: KEY;Sec-WebSocket-Extensions: "
                        + "permessage-deflate@server_max_window_bits=7 | BAD_EXTENSION"
            })
    void aWrongResponseFailsByAName(String headers, ConnectFailure failure) throws Exception {
        try (ScriptedServer server = new ScriptedServer(with -> {
            String key = ScriptedServer.answerTo(with.request());
            with.answer(ACCEPTED
                    + headers.replace(";", "\n")
                            .replace("@", ";")
                            .replace("KEY", key)
                            .replace("\n\n", ";;")
                    + "\n\n");
            with.drain();
        })) {
            ConnectFailedException failed = connect(server).failed(failure);
            assertThat(failed.statusCode()).isEqualTo(101);
            assertThat(observed).containsExactly("client " + failure.id());
        }
    }

    @Test
    void aMissingUpgradeFailsByItsName() throws Exception {
        try (ScriptedServer server =
                new ScriptedServer(answering("HTTP/1.1 101 Switching Protocols\nConnection: Upgrade\n\n"))) {
            connect(server).failed(ConnectFailure.WRONG_UPGRADE);
        }
    }

    @Test
    void aRefusalShowsItsStatusHeadersAndBody() throws Exception {
        try (ScriptedServer server = new ScriptedServer(
                answering("HTTP/1.1 403 Forbidden\nX-Why: because\nX-Why: really\nContent-Length: 4\n\nno!\n"))) {
            Events events = connect(server);
            ConnectFailedException failed = events.failed(ConnectFailure.UNEXPECTED_STATUS);
            assertThat(failed.statusCode()).isEqualTo(403);
            assertThat(failed.headers().get("x-why")).containsExactly("because", "really");
            assertThat(new String(failed.body(), StandardCharsets.UTF_8)).isEqualTo("no!\r");
            assertThat(events.socket.statusCode()).isEqualTo(403);
            assertThat(events.socket.headers().get("X-WHY")).containsExactly("because", "really");
        }
    }

    @Test
    void ofALongBodyThe64KiBAreKept() throws Exception {
        try (ScriptedServer server = new ScriptedServer(with -> {
            with.request();
            with.answer("HTTP/1.1 500 No\nTransfer-Encoding: chunked\n\n");
            while (true) {
                with.answer("1000\n" + "x".repeat(0x1000) + "\n");
            }
        })) {
            assertThat(connect(server).failed(ConnectFailure.UNEXPECTED_STATUS).body())
                    .hasSize(64 * 1024);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\nContent-Length: 100\n\nonly so much",
                "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\nc\nonly so much\n",
                "HTTP/1.1 200 OK\n\nonly so much"
            })
    void aBodyThatDoesNotEndIsTakenAsItIsWhenTheTimeIsUp(String response) throws Exception {
        try (ScriptedServer server = new ScriptedServer(answering(response))) {
            Events events = connect(server.url("/"), options -> options.handshakeTimeout(Duration.ofMillis(500)));
            ConnectFailedException failed = events.failed(ConnectFailure.UNEXPECTED_STATUS);
            assertThat(failed.statusCode()).isEqualTo(200);
            assertThat(new String(failed.body(), StandardCharsets.UTF_8)).isEqualTo("only so much");
        }
    }

    @Test
    void whatIsNotHttpIsABadResponse() throws Exception {
        try (ScriptedServer server = new ScriptedServer(answering("SSH-2.0-OpenSSH\n\n"))) {
            connect(server).failed(ConnectFailure.BAD_RESPONSE);
        }
    }

    @Test
    void headersWithoutEndAreABadResponse() throws Exception {
        try (ScriptedServer server = new ScriptedServer(with -> {
            with.request();
            with.answer(ACCEPTED);
            while (true) {
                with.answer("X-More: " + "x".repeat(1000) + "\n");
            }
        })) {
            connect(server).failed(ConnectFailure.BAD_RESPONSE);
        }
    }

    @Test
    void informationalResponsesAreSkipped() throws Exception {
        try (ScriptedServer server = new ScriptedServer(with -> {
            String key = ScriptedServer.answerTo(with.request());
            with.answer("HTTP/1.1 100 Continue\n\nHTTP/1.1 103 Early Hints\nLink: x\n\n" + ACCEPTED
                    + "Connection: Upgrade\nSec-WebSocket-Accept: " + key + "\n\n");
            with.send(0x81, 0x02, 'h', 'i', 0x88, 0x00);
            with.frame();
        })) {
            Events events = connect(server);
            assertThat(events.text()).isEqualTo("hi");
            assertThat(events.closed()).isEqualTo("1005");
        }
    }

    /** The message and the close frame come in the same segment as the response, and the end of the socket right after. */
    @Test
    void whatComesWithTheResponseIsNotLost() throws Exception {
        try (ScriptedServer server = new ScriptedServer(with -> {
            String key = ScriptedServer.answerTo(with.request());
            with.answer(ACCEPTED + "Connection: Upgrade\nSec-WebSocket-Accept: " + key
                    + "\n\n\u0081\u0002hi\u0088\u0002" + "\u0003\u00e8");
        })) {
            for (int i = 0; i < 20; i++) {
                Events events = connect(server);
                assertThat(events.text()).isEqualTo("hi");
                assertThat(events.closed()).isEqualTo("1000");
                assertThat(events.open).isDone();
            }
        }
    }

    @Test
    void aResponseMayComeByteByByte() throws Exception {
        try (ScriptedServer server = new ScriptedServer(with -> {
            with.socket().setTcpNoDelay(true);
            String key = ScriptedServer.answerTo(with.request());
            String response = ACCEPTED + "Connection: keep-alive, Upgrade\nSec-WebSocket-Accept: " + key
                    + "\n\n\u0081\u0002hi\u0088\u0002\u0003\u00e8";
            for (byte next : response.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1)) {
                with.send(next);
            }
            with.frame();
        })) {
            Events events = connect(server);
            assertThat(events.text()).isEqualTo("hi");
            assertThat(events.closed()).isEqualTo("1000");
        }
    }

    // ---- Servers that are not there, or do not answer.

    @Test
    void aHostThatNobodyKnowsIsToldByName() throws Exception {
        ConnectFailedException failed =
                connect("ws://nobody.invalid/", options -> {}).failed(ConnectFailure.UNKNOWN_HOST);
        assertThat(failed).hasMessageContaining("nobody.invalid");
        assertThat(failed.statusCode()).isZero();
    }

    @Test
    void aPortWhereNobodyListensIsUnreachable() throws Exception {
        ConnectFailedException failed =
                connect("ws://me:secret@127.0.0.1:1/", options -> {}).failed(ConnectFailure.UNREACHABLE);
        assertThat(failed).hasMessageContaining("127.0.0.1:1").message().doesNotContain("secret");
    }

    @Test
    void aServerThatDoesNotAnswerIsGivenUp() throws Exception {
        try (ScriptedServer server = new ScriptedServer(with -> with.drain())) {
            assertThat(connect(server.url("/"), options -> options.handshakeTimeout(Duration.ofMillis(300)))
                            .failed(ConnectFailure.HANDSHAKE_TIMEOUT))
                    .hasMessageContaining("handshake-timeout");
        }
    }

    @Test
    void aServerThatHangsUpIsToldByName() throws Exception {
        try (ScriptedServer server = new ScriptedServer(with -> with.request())) {
            connect(server).failed(ConnectFailure.DISCONNECTED);
        }
        try (ScriptedServer server = new ScriptedServer(with -> {
            with.request();
            with.answer("HTTP/1.1 101 Switching Pro");
        })) {
            connect(server).failed(ConnectFailure.DISCONNECTED);
        }
    }

    // ---- Redirects.

    @Test
    void redirectsAreNotFollowedUnlessThatIsAskedFor() throws Exception {
        try (ScriptedServer server =
                new ScriptedServer(answering("HTTP/1.1 302 Found\nLocation: /b\nContent-Length: 0\n\n"))) {
            ConnectFailedException failed = connect(server).failed(ConnectFailure.UNEXPECTED_STATUS);
            assertThat(failed.headers()).containsEntry("location", List.of("/b"));
        }
    }

    /** CVE-2026-42498 (Tomcat), CVE-2022-1650 (eventsource), CVE-2026-40895 (follow-redirects): headers of any name. */
    @ParameterizedTest
    @CsvSource({
        "301, /b?c=d, true",
        "302, b?c=d, true",
        "303, ws://127.0.0.1:PORT/b?c=d, true",
        "307, http://127.0.0.1:PORT/b?c=d#fragment, true",
        "308, //127.0.0.1:PORT/b?c=d, true",
        "302, http://localhost:PORT/b?c=d, false",
        "302, http://eve:x@127.0.0.2:PORT/b?c=d, false"
    })
    void aRedirectIsFollowedAndAnotherOriginHearsNoSecrets(int status, String location, boolean same) throws Exception {
        CompletableFuture<Integer> port = new CompletableFuture<>();
        Script redirect = with -> {
            with.request();
            with.answer("HTTP/1.1 " + status + " Elsewhere\nLocation: "
                    + location.replace("PORT", String.valueOf(port.join())) + "\nContent-Length: 0\n\n");
            with.drain();
        };
        Script accept = with -> {
            with.accept();
            with.send(0x88, 0x00);
            with.frame();
        };
        try (ScriptedServer first = new ScriptedServer(redirect, accept)) {
            // 127.0.0.2 is another host, and another server
            try (ScriptedServer other =
                    location.contains("127.0.0.2") ? new ScriptedServer("127.0.0.2", accept) : first) {
                port.complete(other.port());
                Events events =
                        connect("ws://me:secret@127.0.0.1:" + first.port() + "/a", options -> options.maxRedirects(1)
                                .header("Cookie", "session=1")
                                .header("X-Token", "2"));
                assertThat(events.closed()).isEqualTo("1005");
                String request = other.requests().get(other.requests().size() - 1);
                assertThat(request).startsWith("GET /b?c=d HTTP/1.1");
                assertThat(ScriptedServer.header(request, "Authorization").isEmpty())
                        .isEqualTo(!same);
                assertThat(ScriptedServer.header(request, "Cookie").isEmpty()).isEqualTo(!same);
                assertThat(ScriptedServer.header(request, "X-Token").isEmpty()).isEqualTo(!same);
                assertThat(events.socket.url()).endsWith("/b?c=d");
            }
        }
    }

    @Test
    void aRedirectThatLeadsBackDoesNotBringSecretsBack() throws Exception {
        CompletableFuture<Integer> otherPort = new CompletableFuture<>();
        CompletableFuture<Integer> firstPort = new CompletableFuture<>();
        try (ScriptedServer first = new ScriptedServer(
                        with -> {
                            with.request();
                            with.answer("HTTP/1.1 302 Found\nLocation: ws://127.0.0.1:" + otherPort.join()
                                    + "/\nContent-Length: 0\n\n");
                        },
                        with -> {
                            with.accept();
                            with.send(0x88, 0x00);
                            with.frame();
                        });
                ScriptedServer other = new ScriptedServer(with -> {
                    with.request();
                    with.answer("HTTP/1.1 302 Found\nLocation: ws://127.0.0.1:" + firstPort.join()
                            + "/evil\nContent-Length: 0\n\n");
                })) {
            otherPort.complete(other.port());
            firstPort.complete(first.port());
            Events events = connect("ws://me:secret@127.0.0.1:" + first.port() + "/", options -> options.maxRedirects(5)
                    .header("X-Token", "2"));
            assertThat(events.closed()).isEqualTo("1005");
            assertThat(first.requests().get(0)).contains("X-Token");
            assertThat(first.requests().get(1)).startsWith("GET /evil").doesNotContain("X-Token", "Authorization");
        }
    }

    /** CVE-2022-1650 (eventsource): where a redirect has led is another origin still, though it redirects within its own. */
    @Test
    void aRedirectWithinAnotherOriginBringsNoSecretsEither() throws Exception {
        CompletableFuture<Integer> otherPort = new CompletableFuture<>();
        try (ScriptedServer first = new ScriptedServer(with -> {
                    with.request();
                    with.answer("HTTP/1.1 302 Found\nLocation: ws://127.0.0.1:" + otherPort.join()
                            + "/\nContent-Length: 0\n\n");
                });
                ScriptedServer other = new ScriptedServer(
                        answering("HTTP/1.1 302 Found\nLocation: /inside\nContent-Length: 0\n\n"), with -> {
                            with.accept();
                            with.send(0x88, 0x00);
                            with.frame();
                        })) {
            otherPort.complete(other.port());
            Events events = connect("ws://me:secret@127.0.0.1:" + first.port() + "/", options -> options.maxRedirects(5)
                    .header("Cookie", "session=1")
                    .header("X-Token", "2"));
            assertThat(events.closed()).isEqualTo("1005");
            assertThat(other.requests().get(1))
                    .startsWith("GET /inside")
                    .doesNotContainIgnoringCase("Cookie", "X-Token", "Authorization");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Location: ftp://127.0.0.1/\n",
                "Location: ws+unix:/run/app.sock:/\n",
                "Location: file:///etc/passwd\n",
                "Location: http://[::1/\n",
                "Location: http://127.0.0.1:0/\n",
                "",
                "Location: /a\nLocation: /b\n"
            })
    void aRedirectToWhereNobodyCanFollowIsToldByName(String location) throws Exception {
        try (ScriptedServer server =
                new ScriptedServer(answering("HTTP/1.1 302 Found\n" + location + "Content-Length: 0\n\n"))) {
            connect(server.url("/"), options -> options.maxRedirects(3)).failed(ConnectFailure.BAD_REDIRECT);
        }
    }

    @Test
    void redirectsAreCounted() throws Exception {
        try (ScriptedServer server =
                new ScriptedServer(answering("HTTP/1.1 302 Found\nLocation: /again\nContent-Length: 0\n\n"))) {
            assertThat(connect(server.url("/"), options -> options.maxRedirects(3))
                            .failed(ConnectFailure.TOO_MANY_REDIRECTS))
                    .hasMessageContaining("max-redirects");
            assertThat(server.requests()).hasSize(4);
        }
    }

    // ---- Sockets in the file system.

    @Test
    void aSocketInTheFileSystemWillDo(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("app.sock");
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(path));
            CompletableFuture<String> request = new CompletableFuture<>();
            Thread server = new Thread(() -> {
                try (SocketChannel channel = listening.accept()) {
                    ByteBuffer buffer = ByteBuffer.allocate(4096);
                    channel.read(buffer);
                    String head = new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1);
                    request.complete(head);
                    channel.write(ByteBuffer.wrap((ACCEPTED + "Connection: Upgrade\nSec-WebSocket-Accept: "
                                    + ScriptedServer.answerTo(head) + "\n\n\u0081\u0002hi\u0088\u0000")
                            .replace("\n", "\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1)));
                    Channels.newInputStream(channel).readNBytes(6);
                } catch (IOException failed) {
                    request.completeExceptionally(failed);
                }
            });
            server.start();
            Events events = connect("ws+unix:" + path + ":/chat?room=1", options -> {});
            assertThat(events.text()).isEqualTo("hi");
            assertThat(request.join())
                    .startsWith("GET /chat?room=1 HTTP/1.1\r\n")
                    .containsIgnoringCase("host: localhost");
            assertThat(events.closed()).isEqualTo("1005");
            server.join();
        }
        assertThat(connect("ws+unix:" + path + "x:/", options -> {}).failed(ConnectFailure.UNREACHABLE))
                .hasMessageContaining("app.sockx");
    }

    // ---- Threads, and the end.

    @Test
    void aListenerThatBlocksHoldsUpNoOtherConnection() throws Exception {
        try (ScriptedServer server = new ScriptedServer(with -> {
            with.accept();
            with.send(0x81, 0x02, 'h', 'i');
            with.drain();
        })) {
            CountDownLatch blocked = new CountDownLatch(1);
            List<ClientWebSocket> slow = IntStream.range(0, 10)
                    .mapToObj(i -> client.connect(server.url("/")))
                    .toList();
            slow.forEach(socket -> socket.onMessage(message -> {
                try {
                    blocked.await(30, TimeUnit.SECONDS);
                } catch (InterruptedException end) {
                    Thread.currentThread().interrupt();
                }
            }));
            Events quick = connect(server);
            assertThat(quick.text()).isEqualTo("hi");
            blocked.countDown();
            slow.forEach(ClientWebSocket::terminate);
            quick.socket.terminate();
            await().until(() -> client.size() == 0);
        }
    }

    @Test
    void closingTheClientClosesItsSocketsWith1001AndEndsItsThreads() throws Exception {
        CompletableFuture<List<Integer>> closeFrame = new CompletableFuture<>();
        try (ScriptedServer server = new ScriptedServer(with -> {
            with.accept();
            byte[] frame = with.in().readNBytes(8);
            closeFrame.complete(
                    List.of(frame[0] & 0xFF, ((frame[6] ^ frame[2]) & 0xFF) << 8 | ((frame[7] ^ frame[3]) & 0xFF)));
            with.send(0x88, 0x02, 0x03, 0xE9);
        })) {
            WebSocketClient another = WebSocketClient.create();
            Events open = new Events(another.connect(server.url("/")));
            Events connecting =
                    new Events(another.connect("ws://127.0.0.1:1/", options -> options.reconnect(Reconnect.DEFAULT)));
            open.opened();
            another.close();
            another.close();
            assertThat(closeFrame.join()).containsExactly(0x88, 1001);
            assertThat(open.closed()).isEqualTo("1001");
            assertThat(connecting.closed()).isEqualTo("1006");
            assertThatThrownBy(() -> another.connect(server.url("/")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
        client.close();
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().startsWith("hawser") && !thread.isDaemon())
                .isEmpty();
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().startsWith("hawser-client"))
                .isEmpty());
    }

    /** CVE-2020-36048, CVE-2024-38355 (socket.io): whatever is thrown, wherever. Of an Error, Netty only writes in the log. */
    @ParameterizedTest
    @ValueSource(strings = {"proxy", "offer", "accept"})
    void whatTheApplicationThrowsFailsItsConnectionAtOnce(String where) throws Exception {
        Extension broken = new TestExtension("x-broken", Extension.RSV2, false) {
            @Override
            public ClientOffer offer(int maxLength) {
                fail("offer");
                ClientOffer offer = super.offer(maxLength);
                return new ClientOffer() {
                    @Override
                    public List<List<Parameter>> parameters() {
                        return offer.parameters();
                    }

                    @Override
                    public Session accept(List<Parameter> answer) throws NegotiationException {
                        fail("accept");
                        return offer.accept(answer);
                    }
                };
            }

            private void fail(String here) {
                if (here.equals(where)) {
                    throw new StackOverflowError("on purpose");
                }
            }
        };
        try (ScriptedServer server = new ScriptedServer(with -> {
            with.accept("Sec-WebSocket-Extensions: x-broken\n");
            with.drain();
        })) {
            Events bad = connect(server.url("/"), options -> {
                options.extensions(broken)
                        .connectTimeout(Duration.ofMinutes(1))
                        .handshakeTimeout(Duration.ofMinutes(1));
                if (where.equals("proxy")) {
                    options.proxy((secure, host, port) -> {
                        throw new StackOverflowError("on purpose");
                    });
                }
            });
            assertThat(bad.failed(ConnectFailure.UNREACHABLE)).hasMessage("unreachable: Cannot connect: on purpose");
        }
    }

    @Test
    void aSocketCanBeClosedWhileItConnects() throws Exception {
        try (ScriptedServer server = new ScriptedServer(with -> with.drain())) {
            Events events = connect(server);
            await().until(() -> !server.requests().isEmpty() || client.size() == 1);
            events.socket.close(4001, "never mind");
            assertThat(events.closed()).isEqualTo("1006");
            assertThat(events.socket.state()).isEqualTo(ReadyState.CLOSED);
            assertThat(events.error).isNotDone();
        }
    }

    /** CVE-2026-41838, CVE-2015-0201 (Spring): nobody can foresee them. */
    @Test
    void masksAreNeverTheSame() {
        Masks masks = new Masks(new SecureRandom());
        assertThat(IntStream.generate(masks).limit(5000).distinct().count()).isGreaterThan(4990);
    }
}
