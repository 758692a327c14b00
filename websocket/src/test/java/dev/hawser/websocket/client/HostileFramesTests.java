package dev.hawser.websocket.client;

import static dev.hawser.websocket.protocol.Bytes.hex;
import static dev.hawser.websocket.protocol.Bytes.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.WebSocketException;
import dev.hawser.websocket.client.ScriptedServer.Conversation;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.protocol.CloseCode;
import dev.hawser.websocket.protocol.Heap;
import dev.hawser.websocket.protocol.Limits;
import dev.hawser.websocket.protocol.ReadyState;
import dev.hawser.websocket.protocol.Violation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers whose frames have brought down other clients, byte by byte over real sockets. */
@Timeout(120)
class HostileFramesTests {

    private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\n";

    private final WebSocketClient client = WebSocketClient.create(
            ClientOptions.DEFAULT.with(o -> o.socket(socket -> socket.closeTimeout(Duration.ofSeconds(1)))));

    @AfterEach
    void end() {
        await().until(() -> client.size() == 0);
        client.close();
    }

    private Events connect(ScriptedServer server, Consumer<ClientOptions.Builder> changes) {
        return new Events(client.connect(server.url("/"), changes));
    }

    private Events connect(ScriptedServer server) {
        return connect(server, options -> {});
    }

    /** A frame without a mask. */
    private static byte[] frame(int first, byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first);
        if (payload.length < 126) {
            out.write(payload.length);
        } else {
            out.write(127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                out.write((int) ((long) payload.length >> shift));
            }
        }
        out.writeBytes(payload);
        return out.toByteArray();
    }

    private static void write(Conversation with, byte[] bytes) throws IOException {
        with.out().write(bytes);
        with.out().flush();
    }

    /** CVE-2026-1526 (undici), CVE-2026-107227 (AsyncHttpClient): the limit is that of what comes out. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7})
    void aBombOfAMegabyteThatWouldBeAGigabyteCostsItsConnectionOnly(int fragments) throws Exception {
        byte[] bomb = bomb();
        assertThat(bomb.length).isBetween(1_000_000, 1_100_000);
        try (ScriptedServer server = new ScriptedServer(with -> {
            with.accept(DEFLATE);
            int size = bomb.length / fragments + 1;
            for (int i = 0; i < fragments; i++) {
                int first = (i == 0 ? 0x42 : 0) | (i == fragments - 1 ? 0x80 : 0);
                write(with, frame(first, Arrays.copyOfRange(bomb, i * size, Math.min(bomb.length, (i + 1) * size))));
            }
            with.drain();
        })) {
            long before = Heap.beginPeak();
            Events events = connect(
                    server, options -> options.socket(socket -> socket.limits(new Limits(8 << 20, 8 << 20, 100))));
            assertThat(events.closed()).isEqualTo("1009 Message inflates to more than max-length (8388608 bytes)");
            assertThat(Heap.peak() - before)
                    .as("garbage and all, of a gigabyte")
                    .isLessThan(64L << 20);
        }
    }

    /** A gigabyte of zeros. */
    private static byte[] bomb() {
        Deflater deflater = new Deflater(9, true);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] zeros = new byte[1 << 20];
        byte[] buffer = new byte[1 << 16];
        for (int i = 0; i < 1024; i++) {
            deflater.setInput(zeros);
            int flush = i == 1023 ? Deflater.SYNC_FLUSH : Deflater.NO_FLUSH;
            for (int count = deflater.deflate(buffer, 0, buffer.length, flush);
                    count > 0;
                    count = deflater.deflate(buffer, 0, buffer.length, flush)) {
                all.write(buffer, 0, count);
            }
        }
        deflater.end();
        return Arrays.copyOf(all.toByteArray(), all.size() - 4);
    }

    /** CVE-2026-12151, CVE-2026-9675 (undici), CVE-2026-62389 (ws): empty ones, tiny ones, and of what is compressed. */
    @ParameterizedTest
    @CsvSource({"0x01, 0", "0x02, 1", "0x41, 1"})
    void fragmentsThatNeverEndAreRefusedEarly(int first, int length) throws Exception {
        byte[] thousand = join(frame(0x00, new byte[length]), frame(0x89, new byte[0]));
        for (int i = 1; i < 1000; i++) {
            thousand = join(thousand, frame(0x00, new byte[length]));
        }
        byte[] many = thousand;
        try (ScriptedServer server = new ScriptedServer(with -> {
            with.accept(DEFLATE);
            write(with, frame(first, new byte[length]));
            while (true) { // until it is cut
                write(with, many);
            }
        })) {
            Events events = connect(server);
            assertThat(events.closed()).startsWith("1008 ").contains("max-fragments (131072)");
            assertThat(events.error.get())
                    .isInstanceOfSatisfying(WebSocketException.class, error -> assertThat(error.violation())
                            .isEqualTo(Violation.TOO_MANY_FRAGMENTS));
        }
    }

    /** CVE-2026-1528 (undici), CVE-2020-27813 (gorilla), CVE-2016-10542 (ws): with every opcode, defined or not. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "7f 8000000000000000",
                "7f ffffffffffffffff",
                "7f 7fffffffffffffff",
                "7f 0000000100000000",
                "7f 0000000000000001",
                "7f 000000000000ffff",
                "7e 007d"
            })
    void aLengthThatCannotBeIsRefusedWithEveryOpcode(String length) throws Exception {
        for (int opcode = 0; opcode < 32; opcode++) {
            int first = (opcode & 0x0F) | (opcode > 0x0F ? 0x80 : 0);
            CompletableFuture<byte[]> close = new CompletableFuture<>();
            try (ScriptedServer server = new ScriptedServer(with -> {
                with.accept();
                write(with, join(new byte[] {(byte) first}, hex(length), new byte[100]));
                close.complete(with.frame());
            })) {
                Events events = connect(server);
                assertThat(events.closed()).as("%02x %s", first, length).matches("(1002|1009) .*");
                byte[] payload = close.get();
                assertThat((payload[0] & 0xFF) << 8 | payload[1] & 0xFF)
                        .isIn(CloseCode.PROTOCOL_ERROR, CloseCode.TOO_BIG);
            }
        }
    }

    /** CVE-2026-2229 (undici): what no zlib could work with. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "server_max_window_bits=7",
                "server_max_window_bits=16",
                "server_max_window_bits=x",
                "server_max_window_bits=1000",
                "server_max_window_bits=99999999999999999999",
                "server_max_window_bits",
                "client_max_window_bits=7",
                "client_max_window_bits=16",
                "client_max_window_bits=x",
                "server_max_window_bits=10; server_max_window_bits=11"
            })
    void windowBitsThatCannotBeFailTheHandshake(String parameter) throws Exception {
        try (ScriptedServer server = new ScriptedServer(with -> {
            with.accept("Sec-WebSocket-Extensions: permessage-deflate; " + parameter + "\n");
            write(with, frame(0xC1, hex("f2 48 cd c9 c9 07 00")));
            with.drain();
        })) {
            connect(server).failed(ConnectFailure.BAD_EXTENSION);
        }
    }

    /** CVE-2020-7662 (websocket-extensions), CVE-2021-32640 (ws), CVE-2023-43669 (tungstenite): in one header, to the limit. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "Extensions, `a; b=\"`, \\",
                "Extensions, a, `;b=\"c`",
                "Extensions, a, `,`",
                "Protocol, a, ` `",
                "Protocol, a, `,a`"
            })
    void hostileHeadersAreRefusedByName(String name, String start, String piece) throws Exception {
        for (int length : new int[] {30_000, 64 * 1024}) {
            try (ScriptedServer server = new ScriptedServer(with -> {
                with.accept("Sec-WebSocket-" + name + ": " + start + piece.repeat(length / piece.length()) + "z\n");
                with.drain();
            })) {
                ConnectFailure asBad =
                        name.equals("Protocol") ? ConnectFailure.UNASKED_PROTOCOL : ConnectFailure.BAD_EXTENSION;
                ConnectFailure failure = length > 32 * 1024
                        ? ConnectFailure.BAD_RESPONSE
                        : piece.equals(",") ? ConnectFailure.UNASKED_EXTENSION : asBad;
                connect(server).failed(failure);
            }
        }
    }

    /** CVE-2024-23672 (Tomcat), CVE-2021-3690, CVE-2017-2670 (Undertow), CVE-2026-56170 (SignalR): nothing is left. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "in a header",
                "in a payload",
                "between fragments",
                "while it is written to",
                "after our close frame",
                "with its close frame",
                "after its close frame"
            })
    void aResetAtAnyStageEndsTheConnectionOnce(String stage) throws Exception {
        try (ScriptedServer server = new ScriptedServer(with -> {
            with.accept();
            switch (stage) {
                case "in a header" -> with.send(0x82, 0x7F, 0, 0);
                case "in a payload" -> write(with, Arrays.copyOf(frame(0x82, new byte[70_000]), 1000));
                case "between fragments" -> write(with, frame(0x01, new byte[] {'a'}));
                case "while it is written to" -> with.in().readNBytes(10_000);
                case "after our close frame" -> {
                    with.send(0x81, 0x05, 'c', 'l', 'o', 's', 'e');
                    with.frame();
                }
                case "with its close frame" -> with.send(0x88, 0x02, 0x03, 0xE8);
                default -> {
                    with.send(0x88, 0x02, 0x03, 0xE8);
                    with.frame();
                }
            }
            with.socket().setSoLinger(true, 0);
        })) {
            for (int i = 0; i < 10; i++) {
                Events events = connect(server);
                events.socket.onOpen(() -> {
                    for (int n = 0; n < 50 && stage.equals("while it is written to"); n++) {
                        events.socket.send(new byte[100_000]);
                    }
                });
                events.socket.onMessage(message -> events.socket.close(4000, "bye"));
                assertThat(events.closed()).isIn("1006", "1000");
                await().until(() -> client.size() == 0);
                assertThat(events.socket.state()).isEqualTo(ReadyState.CLOSED);
                assertThat(events.socket.bufferedAmount()).isZero();
            }
        }
    }

    /** CVE-2024-23672 (Tomcat): who neither answers nor stops. */
    @Test
    void aServerThatIgnoresOurCloseAndGoesOnTalkingIsCut() throws Exception {
        try (ScriptedServer server = new ScriptedServer(with -> {
            with.accept();
            with.frame();
            while (true) {
                write(with, frame(0x81, new byte[100]));
            }
        })) {
            Events events = connect(server);
            events.opened();
            events.socket.close(4000, "bye");
            assertThat(events.closed()).isEqualTo("1006");
        }
    }

    /** CVE-2021-3690 (Undertow): 37 MB of pongs, and they are not kept. */
    @Test
    void pongsThatNobodyAskedForLeaveNothing() throws Exception {
        byte[][] thousand = new byte[1000][];
        Arrays.fill(thousand, frame(0x8A, new byte[125]));
        byte[] pongs = join(thousand);
        try (ScriptedServer server = new ScriptedServer(with -> {
            with.accept();
            for (int i = 0; i < 300; i++) {
                write(with, pongs);
            }
            write(with, frame(0x81, "done".getBytes(StandardCharsets.US_ASCII)));
            with.frame(); // comes once it has been looked at
            with.send(0x88, 0x00);
            with.frame();
        })) {
            long before = Heap.used();
            Events events = connect(server);
            assertThat(events.text()).isEqualTo("done");
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(Heap.used() - before)
                    .as("of all of them")
                    .isLessThan(15_000_000));
            events.socket.send("enough");
            assertThat(events.closed()).isEqualTo("1005");
        }
    }

    /** CVE-2020-36048, CVE-2024-38355 (socket.io): whatever is thrown, wherever. */
    @ParameterizedTest
    @ValueSource(strings = {"open", "message", "ping", "pong", "error", "close"})
    void aListenerThatThrowsCostsItsOwnConnectionOnly(String listener) throws Exception {
        try (ScriptedServer server = new ScriptedServer(with -> {
            with.accept();
            with.send(0x81, 0x02, 'h', 'i', 0x89, 0x00, 0x8A, 0x00, listener.equals("close") ? 0x88 : 0x83, 0x00);
            with.drain();
        })) {
            Runnable fail = () -> {
                throw new StackOverflowError("on purpose");
            };
            Events bad = connect(server);
            switch (listener) {
                case "open" -> bad.socket.onOpen(fail);
                case "message" -> bad.socket.onMessage(message -> fail.run());
                case "ping" -> bad.socket.onPing(data -> fail.run());
                case "pong" -> bad.socket.onPong(data -> fail.run());
                case "error" -> bad.socket.onError(error -> fail.run());
                default -> bad.socket.onClose((code, reason) -> fail.run());
            }
            assertThat(bad.closed()).matches("(1011|1002|1005).*");
            await().until(() -> client.size() == 0);
            Events good = connect(server);
            assertThat(good.text()).isEqualTo("hi");
            good.closed();
        }
    }

    /** CVE-2026-45736, CVE-2016-10518 (ws): what a server sent is in no error, and what is reused shows nothing of it. */
    @ParameterizedTest
    @ValueSource(ints = {0x83, 0xC1, 0x80, 0x09, 0x81, 0x88})
    void errorsShowNoPayload(int first) throws Exception {
        CompletableFuture<String> reason = new CompletableFuture<>();
        try (ScriptedServer server = new ScriptedServer(with -> {
            with.accept();
            write(with, frame(first, "s3cret\u00ff".getBytes(StandardCharsets.ISO_8859_1)));
            byte[] close = with.frame();
            reason.complete(new String(close, 2, close.length - 2, StandardCharsets.UTF_8));
        })) {
            Events events = connect(server, options -> options.extensions());
            assertThat(events.closed()).doesNotContain("s3cret");
            assertThat(events.error.get().toString()).doesNotContain("s3cret");
            assertThat(reason.get()).isNotEmpty().doesNotContain("s3cret");
        }
    }
}
