package dev.hawser.websocket.servlet;

import static dev.hawser.websocket.protocol.Bytes.hex;
import static dev.hawser.websocket.servlet.RawClient.frame;
import static dev.hawser.websocket.servlet.RawClient.header;
import static dev.hawser.websocket.servlet.RawClient.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketException;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.extension.deflate.DeflateOptions;
import dev.hawser.websocket.extension.deflate.PermessageDeflate;
import dev.hawser.websocket.protocol.CloseCode;
import dev.hawser.websocket.protocol.Heap;
import dev.hawser.websocket.protocol.ReadyState;
import dev.hawser.websocket.protocol.Violation;
import java.io.ByteArrayOutputStream;
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
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What has brought down other servers, in each container, byte by byte over real sockets. */
@ParameterizedClass
@EnumSource
@Timeout(120)
class HostileClientTests {

    private static final WebSocketOptions QUICK =
            WebSocketOptions.DEFAULT.with(options -> options.closeTimeout(Duration.ofSeconds(1)));

    /** Tomcat tells of the first bad request at INFO; kept here, since the log manager does not. */
    private static final Logger CHATTY = Logger.getLogger("org.apache.coyote.http11.Http11Processor");

    private final ConnectionGroup group = ConnectionGroup.create();
    private final BlockingQueue<WebSocket> sockets = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> closed = new LinkedBlockingQueue<>();
    private final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final Container container;
    private RunningServer server;

    HostileClientTests(Container container) {
        CHATTY.setLevel(Level.WARNING);
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
                accepted.incrementAndGet();
                socket.onClose((code, reason) -> closed.add(code + " " + reason));
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

    private String closed() throws InterruptedException {
        return String.valueOf(closed.poll(20, TimeUnit.SECONDS));
    }

    /** Every connection has heard of its end, and none is known to anybody. */
    private void assertNothingIsLeft() {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(group.size()).isZero();
            assertThat(server.connections()).isZero();
            assertThat(closed).hasSize(accepted.get());
            assertThat(server.isIdle()).isTrue();
        });
    }

    private void assertStillEchoes() throws IOException {
        try (RawClient client = RawClient.open(server.port())) {
            client.send(text("still here"));
            assertThat(client.read().text()).isEqualTo("still here");
        }
    }

    @AfterEach
    void stop() {
        group.close();
        server.close();
    }

    @Nested
    class Fragments {

        /**
         * CVE-2026-48779, CVE-2026-62389 (ws), CVE-2026-12151, CVE-2026-9675 (undici), CVE-2026-73493 (http4s),
         * CVE-2014-0193 (Netty): empty ones, tiny ones, and of what is compressed.
         */
        @ParameterizedTest
        @CsvSource({"0x01, 0", "0x02, 1", "0x41, 1"})
        void fragmentsThatNeverEndAreRefusedEarly(int first, int length) throws Exception {
            restart(
                    QUICK.with(options -> options.extensions(new PermessageDeflate(DeflateOptions.DEFAULT))),
                    socket -> socket.onError(errors::add));
            try (RawClient client = new RawClient(server.port())) {
                client.send(client.handshake("Sec-WebSocket-Extensions: permessage-deflate"));
                assertThat(client.response()).startsWith("HTTP/1.1 101 ");
                AtomicLong sent = new AtomicLong();
                Thread writer = new Thread(() -> flood(client, first, length, sent));
                writer.start();
                RawClient.Frame frame = client.read();
                while (frame.first() == 0x8A) {
                    frame = client.read();
                }
                assertThat(frame.first()).isEqualTo(0x88);
                assertThat(frame.closeCode()).isEqualTo(1008);
                assertThat(frame.closeReason()).contains("max-fragments (131072)");
                client.socket.close();
                writer.join();
                assertThat(sent.get()).isLessThan(100_000_000);
            }
            assertThat(closed()).startsWith("1008 ");
            assertThat(errors).singleElement().isInstanceOfSatisfying(WebSocketException.class, error -> assertThat(
                            error.violation())
                    .isEqualTo(Violation.TOO_MANY_FRAGMENTS));
        }

        private void flood(RawClient client, int first, int length, AtomicLong sent) {
            byte[] fragment = frame(0x00, new byte[length]);
            byte[] ping = frame(0x89, new byte[0]);
            ByteArrayOutputStream thousand = new ByteArrayOutputStream();
            for (int i = 0; i < 1000; i++) {
                thousand.writeBytes(fragment);
                if (i % 500 == 0) {
                    thousand.writeBytes(ping);
                }
            }
            try {
                client.send(frame(first, new byte[length]));
                while (sent.get() < 100_000_000) {
                    client.send(thousand.toByteArray());
                    sent.addAndGet(1000);
                }
            } catch (IOException cut) {
                // as it should be
            }
        }
    }

    @Nested
    class Lengths {

        /**
         * CVE-2020-13935 (Tomcat), CVE-2020-27813 (gorilla), CVE-2026-1528 (undici), CVE-2026-19204 (Jetty), CVE-2016-10542
         * (ws): with every opcode, defined or not, first frame or last.
         */
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "ff 8000000000000000",
                    "ff ffffffffffffffff",
                    "ff 7fffffffffffffff",
                    "ff 0000000100000000",
                    "ff 0000000000000001",
                    "ff 000000000000ffff",
                    "fe 007d"
                })
        void aLengthThatCannotBeIsRefusedWithEveryOpcode(String length) throws Exception {
            for (int first = 0; first < 256; first = first == 0x0F ? 0x80 : first == 0x8F ? 256 : first + 1) {
                try (RawClient client = RawClient.open(server.port())) {
                    client.send(new byte[] {(byte) first}, hex(length), new byte[4], new byte[100]);
                    RawClient.Frame close = client.read();
                    assertThat(close.first()).isEqualTo(0x88);
                    assertThat(close.closeCode())
                            .as("%02x %s", first, length)
                            .isIn(CloseCode.PROTOCOL_ERROR, CloseCode.TOO_BIG);
                    client.socket.shutdownOutput();
                    assertThat(client.isAtEnd()).isTrue();
                }
            }
            assertNothingIsLeft();
            assertStillEchoes();
        }
    }

    @Nested
    class Requests {

        /** CVE-2018-12541 (Vert.x): what follows would be taken for frames, or collected. */
        @ParameterizedTest
        @ValueSource(strings = {"Content-Length: 5", "Content-Length: 9000000000", "Transfer-Encoding: chunked"})
        void anUpgradeWithABodyIsRefused(String header) throws Exception {
            try (RawClient client = new RawClient(server.port())) {
                client.send(client.handshake(header), text("never read"));
                assertThat(client.response()).startsWith("HTTP/1.1 400 ");
            }
            assertThat(accepted).hasValue(0);
            assertStillEchoes();
        }

        /** CVE-2023-43669 (tungstenite), CVE-2024-37890 (ws): one that never ends, and lines without end. */
        @ParameterizedTest
        @ValueSource(strings = {"x", "X-More: y\r\n", "a: b\r\n"})
        void headersWithoutEndAreCut(String piece) throws Exception {
            byte[] pieces = piece.repeat(1000).getBytes(StandardCharsets.US_ASCII);
            try (RawClient client = new RawClient(server.port())) {
                client.send("GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nX: "
                        .getBytes(StandardCharsets.US_ASCII));
                long sent = 0;
                try {
                    while (sent < 100_000_000) {
                        client.out.write(pieces);
                        sent += pieces.length;
                    }
                } catch (IOException cut) {
                    // as it should be
                }
                assertThat(sent).isLessThan(100_000_000);
            }
            assertThat(accepted).hasValue(0);
            assertStillEchoes();
        }

        /** CVE-2020-7662 (websocket-extensions), CVE-2021-32640 (ws): as long as a container lets them be. */
        @ParameterizedTest
        @CsvSource(
                quoteCharacter = '`',
                value = {
                    "Extensions, `a; b=\"`, \\",
                    "Extensions, a, `;b=\"c`",
                    "Extensions, a, `,`",
                    "Protocol, a, ` `",
                    "Protocol, a, `, `",
                    "Protocol, a, `,a`"
                })
        void hostileHeadersAreAnsweredAtOnce(String name, String start, String piece) throws Exception {
            for (int length : new int[] {7_000, 64 * 1024}) {
                try (RawClient client = new RawClient(server.port())) {
                    client.send(client.handshake(
                            "Sec-WebSocket-" + name + ": " + start + piece.repeat(length / piece.length()) + "z"));
                    assertThat(client.in.readNBytes(12))
                            .asString(StandardCharsets.US_ASCII)
                            .matches("HTTP/1.1 (101|400|413|431)");
                }
            }
            assertStillEchoes();
        }

        /** CVE-2026-41700 (Spring GraphQL), CVE-2020-14368, CVE-2023-2886: what OriginPolicyTests says, over the wire. */
        @ParameterizedTest
        @CsvSource({
            "https://example.com, 101",
            "HTTPS://EXAMPLE.com:443, 101",
            "https://evil-example.com, 403",
            "https://example.com.evil.org, 403",
            "https://example.com:8443, 403",
            "http://example.com, 403",
            "null, 403",
            "'https://example.com\r\nOrigin: https://example.com', 403",
            "'https://example.com\r\nOrigin: https://evil.org', 403",
            "http://127.0.0.1:1, 403",
            "http://127.0.0.1:{port}, 101"
        })
        void aPageOfAnotherOriginIsForbidden(String origin, int status) throws Exception {
            restart(QUICK.with(options -> options.origins("https://example.com")), socket -> {});
            try (RawClient client = new RawClient(server.port())) {
                client.send(client.handshake("Origin: " + origin.replace("{port}", "" + server.port())));
                assertThat(client.response()).startsWith("HTTP/1.1 " + status);
            }
            assertThat(accepted).hasValue(status == 101 ? 1 : 0);
        }
    }

    /** CVE-2024-23672, CVE-2026-79677 (Tomcat), CVE-2021-3690, CVE-2017-2670 (Undertow), CVE-2026-56170 (SignalR). */
    @Nested
    class Ends {

        private static final byte[] CLOSE = frame(0x88, new byte[] {3, (byte) 0xe8});

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "in the request",
                    "after the request",
                    "open",
                    "in a header",
                    "in a payload",
                    "between fragments",
                    "while it is written to",
                    "after our close frame",
                    "with its close frame",
                    "after its close frame"
                })
        void aResetAtAnyStageLeavesNothing(String stage) throws Exception {
            restart(
                    QUICK,
                    socket -> socket.onMessage(message -> {
                        if (message.text().equals("close")) {
                            socket.close(4000, "bye");
                        } else {
                            for (int i = 0; i < 50; i++) {
                                socket.send(new byte[100_000]);
                            }
                        }
                    }));
            for (int i = 0; i < 10; i++) {
                RawClient client = new RawClient(server.port());
                byte[] handshake = client.handshake();
                client.send(stage.equals("in the request") ? Arrays.copyOf(handshake, 50) : handshake);
                if (!stage.endsWith("the request")) {
                    assertThat(client.response()).startsWith("HTTP/1.1 101 ");
                }
                switch (stage) {
                    case "in a header" -> client.send(Arrays.copyOf(header(0x82, 70_000), 1 + i));
                    case "in a payload" -> client.send(header(0x82, 70_000), new byte[1000 * i]);
                    case "between fragments" -> client.send(frame(0x01, new byte[] {'a'}), frame(0x00, new byte[i]));
                    case "while it is written to" -> {
                        client.send(text("send"));
                        client.in.readNBytes(1 + 10_000 * i);
                    }
                    case "after our close frame" -> {
                        client.send(text("close"));
                        assertThat(client.read().closeCode()).isEqualTo(4000);
                    }
                    case "with its close frame" -> client.send(CLOSE);
                    case "after its close frame" -> {
                        client.send(CLOSE);
                        assertThat(client.read().closeCode()).isEqualTo(1000);
                    }
                    default -> {}
                }
                client.reset();
            }
            assertNothingIsLeft();
        }

        @Test
        void aPeerThatIgnoresOurCloseAndGoesOnTalkingIsCut() throws Exception {
            restart(QUICK, socket -> socket.onOpen(() -> socket.close(4000, "bye")));
            try (RawClient client = RawClient.open(server.port())) {
                assertThat(client.read().closeCode()).isEqualTo(4000);
                assertTalksUntilItIsCut(client);
            }
            assertNothingIsLeft();
        }

        private void assertTalksUntilItIsCut(RawClient client) {
            byte[] talk = text("talk");
            await().pollInterval(Duration.ofMillis(20))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> {
                        try {
                            client.send(talk);
                            return false;
                        } catch (IOException cut) {
                            return true;
                        }
                    });
        }

        /** A close frame that does not leave: what waits before it is never read. */
        @Test
        void aPeerThatStopsReadingIsCutThoughOurCloseCannotLeave() throws Exception {
            restart(
                    QUICK,
                    socket -> socket.onOpen(() -> {
                        for (int i = 0; i < 100; i++) {
                            socket.send(new byte[100_000]);
                        }
                        socket.close(4000, "bye");
                    }));
            try (RawClient client = RawClient.open(server.port())) {
                assertThat(socket()).isNotNull();
                assertThat(closed.poll(20, TimeUnit.SECONDS)).isEqualTo("1006 ");
                closed.add("heard");
                assertThat(group.size()).isZero();
                await().until(() -> server.connections() == 0);
                assertThat(client.socket.isClosed()).isFalse();
            }
        }

        @Test
        void pingsOfAPeerThatDoesNotReadDoNotPileUp() throws Exception {
            restart(QUICK.with(options -> options.maxBuffered(100_000)), socket -> {});
            byte[] ping = frame(0x89, new byte[125]);
            ByteArrayOutputStream thousand = new ByteArrayOutputStream();
            for (int i = 0; i < 1000; i++) {
                thousand.writeBytes(ping);
            }
            try (RawClient client = RawClient.open(server.port())) {
                WebSocket socket = socket();
                Thread writer = new Thread(() -> {
                    try {
                        for (int i = 0; i < 1000; i++) {
                            client.out.write(thousand.toByteArray());
                        }
                    } catch (IOException cut) {
                        // as it should be
                    }
                });
                writer.start();
                AtomicLong most = new AtomicLong();
                await().pollInterval(Duration.ofMillis(1))
                        .atMost(Duration.ofSeconds(30))
                        .until(() -> {
                            most.accumulateAndGet(socket.bufferedAmount(), Math::max);
                            return socket.state() == ReadyState.CLOSED;
                        });
                assertThat(most.get()).isLessThan(100_000 + 100_000);
                assertThat(closed()).isEqualTo("1013 Reads too slowly");
                writer.join();
            }
            await().until(() -> group.size() == 0 && server.connections() == 0);
        }

        @Test
        void pongsThatNobodyAskedForLeaveNothing() throws Exception {
            byte[] pong = frame(0x8A, new byte[125]);
            byte[][] thousand = new byte[1000][];
            Arrays.fill(thousand, pong);
            try (RawClient client = RawClient.open(server.port())) {
                long before = Heap.used();
                for (int i = 0; i < 300; i++) {
                    client.send(thousand);
                }
                client.send(text("still here"));
                assertThat(client.read().text()).isEqualTo("still here");
                await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(Heap.used() - before)
                        .as("of 37 MB of pongs")
                        .isLessThan(15_000_000));
            }
            assertNothingIsLeft();
        }

        static List<String> listeners() {
            return List.of("open", "message", "ping", "pong", "drain", "error", "close");
        }

        /** CVE-2020-36048, CVE-2024-38355 (socket.io), too. */
        @ParameterizedTest
        @MethodSource("listeners")
        void aListenerThatThrowsCostsItsOwnConnectionOnly(String listener) throws Exception {
            Runnable fail = () -> {
                throw new StackOverflowError("on purpose");
            };
            restart(QUICK.with(options -> options.maxBuffered(2_000_000)), socket -> {
                if (accepted.get() > 1) {
                    socket.onMessage(socket::send);
                    return;
                }
                socket.onMessage(message -> socket.send(new byte[1_000_000]));
                switch (listener) {
                    case "open" -> socket.onOpen(fail);
                    case "message" -> socket.onMessage(message -> fail.run());
                    case "ping" -> socket.onPing(data -> fail.run());
                    case "pong" -> socket.onPong(data -> fail.run());
                    case "drain" -> socket.onDrain(fail);
                    case "error" -> socket.onError(error -> fail.run());
                    default -> socket.onClose((code, reason) -> fail.run());
                }
            });
            try (RawClient bad = RawClient.open(server.port());
                    RawClient good = RawClient.open(server.port())) {
                bad.send(
                        text("message"),
                        frame(0x89, new byte[0]),
                        frame(0x8A, new byte[0]),
                        frame(listener.equals("close") ? 0x88 : 0x83, new byte[0]));
                RawClient.Frame frame = bad.read();
                while (frame.first() != 0x88) {
                    frame = bad.read();
                }
                bad.socket.shutdownOutput();
                assertThat(bad.isAtEnd()).isTrue();
                await().until(() -> group.size() == 1);
                good.send(text("still here"));
                assertThat(good.read().text()).isEqualTo("still here");
            }
            assertNothingIsLeft();
        }
    }

    /** CVE-2026-45736, CVE-2016-10518 (ws), CVE-2026-47893 (Spring). */
    @Nested
    class Memory {

        private static final String SECRET = "s3cret";

        @Test
        void whatIsReusedShowsNothingOfOthers() throws Exception {
            byte[] secret = SECRET.repeat(50_000).getBytes(StandardCharsets.US_ASCII);
            Random random = new Random(3);
            for (int i = 0; i < 20; i++) {
                try (RawClient victim = RawClient.open(server.port())) {
                    victim.send(frame(0x82, secret));
                    assertThat(victim.read().payload()).isEqualTo(secret);
                    victim.send(frame(0x02, secret)); // and the rest never comes
                }
                try (RawClient client = RawClient.open(server.port())) {
                    for (int length : new int[] {0, 70_000, 5000, 126, 125, 7, 1, 0, 70_001}) {
                        byte[] data = new byte[length];
                        random.nextBytes(data);
                        client.send(frame(0x82, data));
                        assertThat(client.read().payload()).isEqualTo(data);
                    }
                    byte[] asked = {1, 2, 3};
                    client.send(
                            frame(0x89, asked), frame(0x89, new byte[0]), frame(0x88, new byte[] {15, (byte) 0xa0}));
                    assertThat(client.read().payload()).isEqualTo(asked);
                    assertThat(client.read().payload()).isEmpty();
                    assertThat(client.read().payload()).containsExactly(15, 0xa0);
                    assertThat(client.isAtEnd()).isTrue();
                }
            }
        }

        /** What a peer hears of its fault, and what listeners are told, which they may log. */
        @ParameterizedTest
        @ValueSource(ints = {0x83, 0xC1, 0x80, 0x09, 0x81, 0x88})
        void errorsShowNoPayload(int first) throws Exception {
            restart(QUICK, socket -> socket.onError(errors::add));
            byte[] payload = (SECRET + "\u00ff").getBytes(StandardCharsets.ISO_8859_1); // which is not UTF-8
            try (RawClient client = RawClient.open(server.port())) {
                client.send(frame(first, payload));
                assertThat(client.read().closeReason()).isNotEmpty().doesNotContain(SECRET);
            }
            assertThat(closed()).doesNotContain(SECRET);
            assertThat(errors).singleElement().asString().doesNotContain(SECRET);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Sec-WebSocket-Version: 99",
                    "Sec-WebSocket-Extensions: ;;",
                    "Sec-WebSocket-Protocol: s3cret s3cret",
                    "Origin: https://evil.example",
                    "Sec-WebSocket-Key: x"
                })
        void refusalsShowNoCredentials(String wrong) throws Exception {
            try (RawClient client = new RawClient(server.port())) {
                client.send(client.handshake(
                        wrong,
                        "Authorization: Bearer " + SECRET,
                        "Cookie: session=" + SECRET,
                        "Sec-WebSocket-Protocol: access_token." + SECRET,
                        "X-Api-Key: " + SECRET));
                assertThat(client.responseWithBody()).startsWith("HTTP/1.1 4").doesNotContain(SECRET);
            }
        }
    }
}
