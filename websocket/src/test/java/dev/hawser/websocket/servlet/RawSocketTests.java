package dev.hawser.websocket.servlet;

import static dev.hawser.websocket.servlet.RawClient.frame;
import static dev.hawser.websocket.servlet.RawClient.header;
import static dev.hawser.websocket.servlet.RawClient.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketException;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.protocol.Limits;
import dev.hawser.websocket.protocol.ReadyState;
import dev.hawser.websocket.protocol.Violation;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets in each container, byte by byte over real sockets. */
@ParameterizedClass
@EnumSource
class RawSocketTests {

    private static final WebSocketOptions QUICK =
            WebSocketOptions.DEFAULT.with(options -> options.closeTimeout(Duration.ofSeconds(1)));

    private final ConnectionGroup group = ConnectionGroup.create();
    private final BlockingQueue<WebSocket> sockets = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> closed = new LinkedBlockingQueue<>();
    private final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
    private final Container container;
    private RunningServer server;

    RawSocketTests(Container container) {
        this.container = container;
        this.server = serve(QUICK, socket -> socket.onMessage(socket::send));
    }

    private RunningServer serve(WebSocketOptions options, Consumer<WebSocket> controller) {
        return container.start((request, response) -> {
            ServletUpgrade upgrade = ServletUpgrade.check(
                    request,
                    response,
                    new ServletUpgrade.Setup(
                            options, WebSocketObserver.NONE, group, null, Map.of(), cause -> {}, false));
            if (upgrade != null) {
                WebSocket socket = upgrade.accept();
                socket.onClose((code, reason) -> closed.add(code + " " + reason));
                socket.onError(errors::add);
                controller.accept(socket);
                sockets.add(socket);
            }
        });
    }

    private void restart(WebSocketOptions options, Consumer<WebSocket> controller) {
        server.close();
        server = serve(options, controller);
    }

    private WebSocket socket() throws InterruptedException {
        WebSocket socket = sockets.poll(10, TimeUnit.SECONDS);
        assertThat(socket).isNotNull();
        return socket;
    }

    private void assertClosed(String codeAndReason) throws InterruptedException {
        assertThat(closed.poll(10, TimeUnit.SECONDS)).isEqualTo(codeAndReason);
        assertThat(closed).isEmpty();
        assertThat(group.size()).isZero();
    }

    @AfterEach
    void stop() {
        group.close();
        server.close();
    }

    @Nested
    class Reading {

        @Test
        void oneByteAtATimeIsEnough() throws Exception {
            try (RawClient client = new RawClient(server.port())) {
                for (byte one : client.handshake()) {
                    client.out.write(one);
                }
                assertThat(client.response()).contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
                for (byte one : text("Grüße")) {
                    client.out.write(one);
                }
                assertThat(client.read().text()).isEqualTo("Grüße");
            }
        }

        @Test
        void framesInThePacketOfTheHandshakeAreNotLost() throws Exception {
            try (RawClient client = new RawClient(server.port())) {
                client.send(
                        client.handshake(), text("first"), text("second"), frame(0x88, new byte[] {3, (byte) 0xe8}));
                assertThat(client.response()).startsWith("HTTP/1.1 101 ");
                assertThat(client.read().text()).isEqualTo("first");
                assertThat(client.read().text()).isEqualTo("second");
                assertThat(client.read().closeCode()).isEqualTo(1000);
                assertThat(client.isAtEnd()).isTrue();
                assertClosed("1000 ");
            }
        }

        @Test
        void tenThousandFramesInOneWriteComeBackInOrder() throws Exception {
            try (RawClient client = RawClient.open(server.port())) {
                byte[][] frames = new byte[10_000][];
                Arrays.setAll(frames, i -> text("message " + i));
                client.send(frames);
                for (int i = 0; i < frames.length; i++) {
                    assertThat(client.read().text()).isEqualTo("message " + i);
                }
            }
        }

        @Test
        void theLongestMessageThatIsAllowedComesBackWhole() throws Exception {
            byte[] data = new byte[Limits.DEFAULT.maxLength()];
            new Random(1).nextBytes(data);
            try (RawClient client = RawClient.open(server.port())) {
                Thread writer = new Thread(() -> write(client, frame(0x82, data)));
                writer.start();
                assertThat(Arrays.equals(client.read().payload(), data)).isTrue();
                writer.join();
            }
        }

        private void write(RawClient client, byte[] bytes) {
            try {
                client.out.write(bytes);
            } catch (IOException failed) {
                errors.add(failed);
            }
        }

        @Test
        void oneByteMoreThanAllowedIsRefusedAtItsHeaderAndThePeerHearsWhy() throws Exception {
            try (RawClient client = RawClient.open(server.port())) {
                client.send(header(0x82, Limits.DEFAULT.maxLength() + 1L), new byte[200_000]);
                RawClient.Frame close = client.read();
                assertThat(close.closeCode()).isEqualTo(1009);
                assertThat(close.closeReason()).contains("max-length (67108863 bytes)");
                assertThat(client.isAtEnd()).isTrue();
                client.socket.shutdownOutput();
                assertClosed("1009 " + close.closeReason());
                assertThat(errors).singleElement().isInstanceOfSatisfying(WebSocketException.class, error -> assertThat(
                                error.violation())
                        .isEqualTo(Violation.MESSAGE_TOO_LONG));
            }
        }

        @Test
        void aPeerThatIsDroppedHearsWhyThoughItGoesOnSending() throws Exception {
            restart(QUICK, socket -> socket.onMessage(message -> socket.drop(1008, "Enough")));
            try (RawClient client = RawClient.open(server.port())) {
                client.send(text("first"), text("x".repeat(300_000)), text("last"));
                RawClient.Frame close = client.read();
                assertThat(close.closeCode()).isEqualTo(1008);
                assertThat(close.closeReason()).isEqualTo("Enough");
                assertThat(client.isAtEnd()).isTrue();
                client.socket.shutdownOutput();
                assertClosed("1008 Enough");
            }
        }

        @Test
        void framesComeOneByOneAndGoBackAsTheyCame() throws Exception {
            restart(QUICK.with(options -> options.assembleFragments(false)), socket -> socket.onFrame(socket::send));
            try (RawClient client = RawClient.open(server.port())) {
                client.send(frame(0x01, new byte[] {'a'}), frame(0x00, new byte[] {'b'}));
                assertThat(client.read()).usingRecursiveComparison().isEqualTo(new RawClient.Frame(0x01, new byte[] {'a'
                }));
                assertThat(client.read()).usingRecursiveComparison().isEqualTo(new RawClient.Frame(0x00, new byte[] {'b'
                }));
                client.send(frame(0x80, new byte[] {'c'}));
                assertThat(client.read()).usingRecursiveComparison().isEqualTo(new RawClient.Frame(0x80, new byte[] {'c'
                }));
            }
        }

        @Test
        void aHeaderThatClaimsHugeLengthIsRefusedAtOnce() throws Exception {
            try (RawClient client = RawClient.open(server.port())) {
                client.send(header(0x82, 1L << 62));
                assertThat(client.read().closeCode()).isEqualTo(1009);
            }
        }

        @Test
        void aPeerThatClosedItsSideStillGetsItsEcho() throws Exception {
            try (RawClient client = RawClient.open(server.port())) {
                client.send(text("x".repeat(100_000)), text("last"));
                client.socket.shutdownOutput();
                assertThat(client.read().payload()).hasSize(100_000);
                assertThat(client.read().text()).isEqualTo("last");
                assertThat(client.isAtEnd()).isTrue();
                assertClosed("1006 ");
            }
        }

        @Test
        void aPingIsAnsweredAndEmptyMessagesAreMessages() throws Exception {
            try (RawClient client = RawClient.open(server.port())) {
                client.send(frame(0x89, new byte[] {1, 2}), text(""), frame(0x82, new byte[0]));
                assertThat(client.read())
                        .usingRecursiveComparison()
                        .isEqualTo(new RawClient.Frame(0x8a, new byte[] {1, 2}));
                assertThat(client.read()).usingRecursiveComparison().isEqualTo(new RawClient.Frame(0x81, new byte[0]));
                assertThat(client.read()).usingRecursiveComparison().isEqualTo(new RawClient.Frame(0x82, new byte[0]));
            }
        }
    }

    @Nested
    class Handshakes {

        private String refused(String line, String... headers) throws IOException {
            try (RawClient client = new RawClient(server.port())) {
                client.send(client.request(line, headers));
                return client.responseWithBody();
            }
        }

        private String refused(String changedHeader) throws IOException {
            String name = changedHeader.substring(0, changedHeader.indexOf(':') + 1);
            List<String> headers = new java.util.ArrayList<>(List.of(
                    "Connection: Upgrade",
                    "Upgrade: websocket",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
            headers.removeIf(header -> header.startsWith(name));
            headers.add(changedHeader);
            return refused("GET /echo HTTP/1.1", headers.toArray(String[]::new));
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "Upgrade: h2c | 426",
                    "Sec-WebSocket-Version: 12 | 426",
                    "Sec-WebSocket-Version: | 426",
                    "Sec-WebSocket-Version: 13, 8 | 426",
                    "Sec-WebSocket-Key: | 400",
                    "Sec-WebSocket-Key: c2hvcnQ= | 400",
                    "Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!== | 400",
                    "Sec-WebSocket-Protocol: a, a | 400",
                    "Sec-WebSocket-Protocol: a b | 400",
                    "Origin: http://evil.example.com | 403",
                    "Origin: null | 403",
                    "Origin: https://127.0.0.1 | 403"
                })
        void aBadOneIsRefusedWithOneLine(String header, int status) throws Exception {
            String response = refused(header);
            assertThat(response).startsWith("HTTP/1.1 " + status + " ");
            assertThat(response.substring(response.indexOf("\r\n\r\n") + 4)).matches("[ -~]{10,200}\n");
            assertThat(sockets).isEmpty();
        }

        /** Jetty does that itself: it looks for HTTP/2. */
        @Test
        void anUpgradeThatTheConnectionHeaderDoesNotNameIsRefused() throws Exception {
            assertThat(refused("Connection: close"))
                    .startsWith(container == Container.JETTY ? "HTTP/1.1 400 " : "HTTP/1.1 426 ");
            assertThat(sockets).isEmpty();
        }

        @Test
        void anotherMethodIsRefused() throws Exception {
            assertThat(refused(
                            "DELETE /echo HTTP/1.1",
                            "Connection: Upgrade",
                            "Upgrade: websocket",
                            "Sec-WebSocket-Version: 13",
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("Expected method GET but was \"DELETE\"");
        }

        @Test
        void theSameOriginPasses() throws Exception {
            try (RawClient client = new RawClient(server.port())) {
                client.send(client.handshake("Origin: http://127.0.0.1:" + server.port()));
                assertThat(client.response()).startsWith("HTTP/1.1 101 ");
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"one\r\nX-Evil: 1", "one\nX-Evil: 1", "one\u0000two", "ünï"})
        void aReasonCannotWriteHeaders(String reason) throws Exception {
            server.close();
            server = container.start((request, response) ->
                    ServletUpgrade.of(request, response, QUICK).reject(401, reason));
            try (RawClient client = new RawClient(server.port())) {
                client.send(client.handshake());
                String response = client.responseWithBody();
                assertThat(response)
                        .startsWith("HTTP/1.1 401 ")
                        .doesNotContain("\nX-Evil")
                        .contains("X-WebSocket-Reject-Reason: ");
            }
        }

        @Test
        void theContainerIsFoundBehindWrappersAndWhatFiltersHaveSetIsKept() throws Exception {
            server.close();
            server = container.start((request, response) -> {
                response.setHeader("X-Filter", "yes");
                response.setHeader("X-A", "v\r\nX-Evil: 2");
                HttpServletRequestWrapper outer = new HttpServletRequestWrapper(new HttpServletRequestWrapper(request));
                WebSocket socket = ServletUpgrade.of(outer, response, QUICK).accept();
                socket.onMessage(socket::send);
                assertThat(request.isAsyncStarted()).isFalse(); // Spring's filters ask
                response.addHeader("Set-Cookie", "late=1");
            });
            try (RawClient client = new RawClient(server.port())) {
                client.send(client.handshake());
                assertThat(client.response())
                        .startsWith("HTTP/1.1 101 ")
                        .contains("\r\nX-Filter: yes\r\n", "\r\nSet-Cookie: late=1\r\n")
                        .doesNotContain("\nX-Evil");
                client.send(text("hello"));
                assertThat(client.read().text()).isEqualTo("hello");
            }
        }

        @Test
        void aClientThatDidNotAskForTheProtocolIsRejected() throws Exception {
            server.close();
            server = container.start((request, response) -> {
                ServletUpgrade upgrade = ServletUpgrade.of(request, response, QUICK);
                WebSocket socket = upgrade.accept("chat\r\nX-Evil: 1");
                assertThat(socket.state()).isEqualTo(ReadyState.CLOSED);
                assertThatThrownBy(upgrade::accept).hasMessage("This request was rejected with 400 before");
            });
            try (RawClient client = new RawClient(server.port())) {
                client.send(client.handshake("Sec-WebSocket-Protocol: chat.v1, chat.v2"));
                assertThat(client.responseWithBody())
                        .startsWith("HTTP/1.1 400 ")
                        .contains("the subprotocol \"chat??X-Evil: 1\"")
                        .doesNotContain("\nX-Evil");
            }
        }

        @Test
        void aProtocolThatWasAskedForIsAccepted() throws Exception {
            server.close();
            server = container.start((request, response) -> {
                ServletUpgrade upgrade = ServletUpgrade.of(request, response, QUICK);
                WebSocket socket = upgrade.accept("chat.v2");
                assertThatThrownBy(upgrade::accept).isInstanceOf(IllegalStateException.class);
                sockets.add(socket);
            });
            try (RawClient client = new RawClient(server.port())) {
                client.send(client.handshake("Sec-WebSocket-Protocol: chat.v1, chat.v2"));
                assertThat(client.response()).contains("\r\nSec-WebSocket-Protocol: chat.v2\r\n");
                assertThat(socket().protocol()).isEqualTo("chat.v2");
            }
        }

        @Test
        void aRefusedRequestGivesASocketThatIsClosed() throws Exception {
            server.close();
            server = container.start((request, response) ->
                    sockets.add(ServletUpgrade.of(request, response, QUICK).accept()));
            try (RawClient client = new RawClient(server.port())) {
                client.send(client.handshake("Origin: http://evil.example.com"));
                assertThat(client.responseWithBody()).startsWith("HTTP/1.1 403 ");
                assertThat(socket().state()).isEqualTo(ReadyState.CLOSED);
            }
        }

        @Test
        void theSocketKnowsItsRequest() throws Exception {
            try (RawClient client = new RawClient(server.port())) {
                client.send(new String(client.handshake(), StandardCharsets.ISO_8859_1)
                        .replace("GET /echo ", "GET /echo/a?b=c ")
                        .getBytes(StandardCharsets.ISO_8859_1));
                assertThat(client.response()).startsWith("HTTP/1.1 101 ");
                WebSocket socket = socket();
                assertThat(socket.url()).isEqualTo("ws://127.0.0.1:" + server.port() + "/echo/a?b=c");
                assertThat(socket.endpoint()).isEqualTo("/echo/a");
                assertThat(socket.protocol()).isEmpty();
                assertThat(socket.version()).isEqualTo("hybi-13");
                assertThat(socket.remoteAddress()).isEqualTo("127.0.0.1");
                assertThat(socket.principal()).isNull();
            }
        }
    }

    @Nested
    class Ending {

        @Test
        void aPeerThatIgnoresOurCloseIsCutOff() throws Exception {
            try (RawClient client = RawClient.open(server.port())) {
                WebSocket socket = socket();
                await().until(() -> socket.state() == ReadyState.OPEN);
                socket.close(4000, "enough");
                assertThat(client.read().closeCode()).isEqualTo(4000);
                assertThat(socket.send("too late")).isFalse();
                assertThat(client.isAtEnd()).isTrue();
                assertClosed("1006 ");
            }
        }

        @Test
        void terminateCutsTheConnectionFromAnyThread() throws Exception {
            try (RawClient client = RawClient.open(server.port())) {
                WebSocket socket = socket();
                await().until(() -> socket.state() == ReadyState.OPEN);
                socket.terminate();
                assertThat(client.isAtEnd()).isTrue();
                assertClosed("1006 ");
            }
        }

        @Test
        void aResetEndsTheConnectionOnce() throws Exception {
            RawClient client = RawClient.open(server.port());
            client.send(text("hello"), Arrays.copyOf(text("half a frame"), 5));
            assertThat(client.read().text()).isEqualTo("hello");
            client.reset();
            assertClosed("1006 ");
        }

        @Test
        void aResetInTheMiddleOfAMessageEndsTheConnectionOnce() throws Exception {
            RawClient client = RawClient.open(server.port());
            client.send(header(0x82, 1_000_000), new byte[1000]);
            await().until(() -> !sockets.isEmpty());
            client.reset();
            assertClosed("1006 ");
        }

        @Test
        void aSilentPeerIsDropped() throws Exception {
            restart(
                    WebSocketOptions.DEFAULT.with(
                            options -> options.ping(Duration.ofMillis(200)).pingTimeout(Duration.ofMillis(300))),
                    socket -> {});
            try (RawClient client = RawClient.open(server.port())) {
                assertThat(client.read().first()).isEqualTo(0x89);
                assertClosed("1006 ");
                assertThat(client.read().first()).as("the second ping").isEqualTo(0x89);
                assertThat(client.isAtEnd()).isTrue();
            }
        }

        @Test
        void aPeerThatAnswersItsPingsStays() throws Exception {
            restart(
                    WebSocketOptions.DEFAULT.with(
                            options -> options.ping(Duration.ofMillis(50)).pingTimeout(Duration.ofMillis(500))),
                    socket -> {});
            try (RawClient client = RawClient.open(server.port())) {
                for (int i = 0; i < 25; i++) {
                    RawClient.Frame ping = client.read();
                    assertThat(ping.first()).isEqualTo(0x89);
                    client.send(frame(0x8a, ping.payload()));
                }
                assertThat(socket().state()).isEqualTo(ReadyState.OPEN);
            }
        }

        @Test
        void aListenerThatThrowsCostsItsOwnConnectionOnly() throws Exception {
            Queue<String> heard = new ConcurrentLinkedQueue<>();
            restart(
                    QUICK,
                    socket -> socket.onMessage(message -> {
                        heard.add(message.text());
                        if (message.text().equals("throw")) {
                            throw new AssertionError("on purpose");
                        }
                        socket.send(message);
                    }));
            try (RawClient bad = RawClient.open(server.port());
                    RawClient good = RawClient.open(server.port())) {
                bad.send(text("fine"), text("throw"), text("never"));
                assertThat(bad.read().text()).isEqualTo("fine");
                assertThat(bad.read().closeCode()).isEqualTo(1011);
                bad.send(frame(0x88, new byte[] {3, (byte) 0xf3}));
                assertThat(bad.isAtEnd()).isTrue();
                assertThat(closed.poll(10, TimeUnit.SECONDS)).isEqualTo("1011 Internal error");
                assertThat(errors).singleElement().isInstanceOf(AssertionError.class);
                assertThat(heard).containsExactly("fine", "throw");

                good.send(text("still here"));
                assertThat(good.read().text()).isEqualTo("still here");
            }
        }

        @Test
        void anIdleConnectionIsNoBusinessOfTheContainers() throws Exception {
            try (RawClient client = RawClient.open(server.port())) {
                WebSocket socket = socket();
                await().until(() -> socket.state() == ReadyState.OPEN);
                await().during(Duration.ofMillis(1_500)).until(() -> socket.state() == ReadyState.OPEN);
                client.send(text("still here"));
                assertThat(client.read().text()).isEqualTo("still here");
            }
        }

        @Test
        void aContainerThatStopsEndsItsConnections() throws Exception {
            try (RawClient client = RawClient.open(server.port())) {
                WebSocket socket = socket();
                await().until(() -> socket.state() == ReadyState.OPEN);
                server.close();
                assertClosed("1006 ");
                assertThat(client.in.readAllBytes())
                        .as("nothing, or a close frame with 1001, and the end")
                        .hasSizeBetween(0, 4 + "Going away".length());
            }
        }

        @Test
        void aPeerThatResetsIsGone() throws Exception {
            try (RawClient client = RawClient.open(server.port())) {
                socket();
                client.reset();
                assertClosed("1006 ");
            }
        }

        @Test
        void aServerThatGoesAwaySaysSo() throws Exception {
            try (RawClient client = RawClient.open(server.port())) {
                CountDownLatch empty = new CountDownLatch(1);
                await().until(() -> group.size() == 1);
                group.goAway(empty::countDown);
                assertThat(client.read().closeCode()).isEqualTo(1001);
                try (RawClient late = new RawClient(server.port())) {
                    late.send(late.handshake());
                    assertThat(late.responseWithBody()).startsWith("HTTP/1.1 503 ");
                }
                client.send(frame(0x88, new byte[] {3, (byte) 0xe9}));
                assertThat(client.isAtEnd()).isTrue();
                assertThat(empty.await(10, TimeUnit.SECONDS)).isTrue();
                assertClosed("1001 ");
            }
        }
    }

    @Nested
    class SlowPeers {

        @Test
        void whoReadsSlowlyGetsEverythingInOrderAndTheSenderIsToldToWait() throws Exception {
            AtomicInteger next = new AtomicInteger();
            byte[] block = new byte[50_000];
            restart(QUICK, socket -> {
                Runnable fill = () -> {
                    boolean goOn = true;
                    while (goOn && next.get() < 1000) {
                        block[0] = (byte) next.getAndIncrement();
                        goOn = socket.send(block);
                    }
                };
                socket.onOpen(fill).onDrain(fill);
            });
            try (RawClient client = RawClient.open(server.port())) {
                WebSocket socket = socket();
                // stopped at the high-water mark; some of that leaves later where the container writes by itself
                await().during(Duration.ofMillis(300)).until(() -> socket.bufferedAmount() > 0 && next.get() < 1000);
                for (int i = 0; i < 1000; i++) {
                    assertThat(client.read().payload()[0]).isEqualTo((byte) i);
                }
                assertThat(closed).isEmpty();
            }
        }

        @Test
        void whoDoesNotReadAtAllIsClosedAndOthersGoOn() throws Exception {
            restart(QUICK.with(options -> options.maxBuffered(1_000_000)), socket -> socket.onMessage(socket::send));
            try (RawClient stuck = RawClient.open(server.port())) {
                WebSocket socket = socket();
                await().until(() -> socket.state() == ReadyState.OPEN);
                byte[] block = new byte[100_000];
                boolean open = stuck.socket.isConnected();
                long most = 0;
                for (int i = 0; i < 10_000 && open; i++) {
                    socket.send(block);
                    most = Math.max(most, socket.bufferedAmount());
                    open = socket.state() == ReadyState.OPEN;
                }
                assertThat(open).isFalse();
                assertThat(most).isBetween(1_000_000L, 1_300_000L);
                try (RawClient other = RawClient.open(server.port())) {
                    other.send(text("hello"));
                    assertThat(other.read().text()).isEqualTo("hello");
                }
                await().until(() -> closed.contains("1013 Reads too slowly"));
                assertThat(socket.bufferedAmount()).isZero();
            }
        }

        @Test
        void framesOfManyThreadsAreNeverMixed() throws Exception {
            try (RawClient client = RawClient.open(server.port())) {
                WebSocket socket = socket();
                await().until(() -> socket.state() == ReadyState.OPEN);
                ExecutorService threads = Executors.newFixedThreadPool(4);
                for (int thread = 0; thread < 4; thread++) {
                    String text = Integer.toString(thread).repeat(100 + 3000 * thread);
                    threads.execute(() -> {
                        for (int i = 0; i < 500; i++) {
                            socket.send(text);
                        }
                    });
                }
                int[] counts = new int[4];
                for (int i = 0; i < 2000; i++) {
                    String text = client.read().text();
                    int thread = text.charAt(0) - '0';
                    assertThat(text).isEqualTo(Integer.toString(thread).repeat(100 + 3000 * thread));
                    counts[thread]++;
                }
                threads.shutdown();
                assertThat(counts).containsOnly(500);
            }
        }
    }

    @Nested
    class Events {

        @Test
        void whatIsSentBeforeTheHandshakeIsThroughFollowsIt() throws Exception {
            restart(QUICK, socket -> {
                assertThat(socket.state()).isEqualTo(ReadyState.CONNECTING);
                assertThat(socket.send("before")).isTrue();
                socket.onOpen(() -> socket.send("opened"));
            });
            try (RawClient client = RawClient.open(server.port())) {
                assertThat(client.read().text()).isEqualTo("before");
                assertThat(client.read().text()).isEqualTo("opened");
            }
        }

        @Test
        void aPongCallsTheListenerOfItsPing() throws Exception {
            CountDownLatch answered = new CountDownLatch(2);
            restart(
                    QUICK,
                    socket -> socket.onOpen(() -> {
                        assertThat(socket.ping("one", answered::countDown)).isTrue();
                        assertThat(socket.ping("two", answered::countDown)).isTrue();
                    }));
            try (RawClient client = RawClient.open(server.port())) {
                assertThat(client.read().text()).isEqualTo("one");
                assertThat(client.read().text()).isEqualTo("two");
                client.send(frame(0x8a, "two".getBytes(StandardCharsets.US_ASCII)));
                assertThat(answered.await(10, TimeUnit.SECONDS)).isTrue();
            }
        }

        @Test
        void whatArrivesWhileAListenerRunsElsewhereIsReadAfterwards() throws Exception {
            try (RawClient client = RawClient.open(server.port())) {
                WebSocket socket = socket();
                await().until(() -> socket.state() == ReadyState.OPEN);
                CountDownLatch running = new CountDownLatch(1);
                CountDownLatch goOn = new CountDownLatch(1);
                AtomicInteger messages = new AtomicInteger();
                socket.onMessage(message -> messages.incrementAndGet());
                socket.onOpen(
                        () -> { // open already: called on the executor
                            running.countDown();
                            try {
                                goOn.await(10, TimeUnit.SECONDS);
                            } catch (InterruptedException interrupted) {
                                Thread.currentThread().interrupt();
                            }
                        });
                assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
                client.send(text("waits"));
                await().during(Duration.ofMillis(200)).until(() -> messages.get() == 0);
                goOn.countDown();
                assertThat(client.read().text()).isEqualTo("waits");
                client.send(text("goes on"));
                assertThat(client.read().text()).isEqualTo("goes on");
            }
        }

        @Test
        void argumentsThatABrowserRefusesAreRefused() throws Exception {
            try (RawClient client = RawClient.open(server.port())) {
                WebSocket socket = socket();
                assertThatThrownBy(() -> socket.close(1001)).hasMessageContaining("1001");
                assertThatThrownBy(() -> socket.close(1000, "ü".repeat(62))).hasMessageContaining("124");
                assertThatThrownBy(() -> socket.ping("x".repeat(126), () -> {})).hasMessageContaining("126");
                client.send(text("still open"));
                assertThat(client.read().text()).isEqualTo("still open");
            }
        }

        @Test
        void aListenerThatComesLateHearsThatTheConnectionHasEnded() throws Exception {
            try (RawClient client = RawClient.open(server.port())) {
                client.send(frame(0x88, new byte[] {15, (byte) 0xa0}));
                assertThat(client.read().closeCode()).isEqualTo(4000);
            }
            assertClosed("4000 ");
            CountDownLatch told = new CountDownLatch(1);
            socket().onClose((code, reason) -> told.countDown());
            assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}
