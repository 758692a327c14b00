package dev.hawser.websocket.servlet;

import static dev.hawser.websocket.protocol.Bytes.hex;
import static dev.hawser.websocket.servlet.RawClient.frame;
import static dev.hawser.websocket.servlet.RawClient.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.extension.TestExtension;
import dev.hawser.websocket.extension.deflate.DeflateOptions;
import dev.hawser.websocket.extension.deflate.PermessageDeflate;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.protocol.Heap;
import dev.hawser.websocket.protocol.Limits;
import dev.hawser.websocket.servlet.RawClient.Frame;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpUpgradeHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** permessage-deflate and other extensions in each container, byte by byte over real sockets. */
@ParameterizedClass
@EnumSource
class CompressedSocketTests {

    private interface Controller {

        void accept(ServletUpgrade upgrade) throws IOException;
    }

    private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate";

    private final ConnectionGroup group = ConnectionGroup.create();
    private final BlockingQueue<WebSocket> sockets = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> closed = new LinkedBlockingQueue<>();
    private final Container container;
    private RunningServer server;

    CompressedSocketTests(Container container) {
        this.container = container;
    }

    private void serve(WebSocketOptions options, Controller controller) {
        server = container.start((request, response) -> {
            ServletUpgrade upgrade = ServletUpgrade.check(
                    request,
                    response,
                    new ServletUpgrade.Setup(
                            options, WebSocketObserver.NONE, group, null, Map.of(), cause -> {}, true));
            if (upgrade != null) {
                controller.accept(upgrade);
                upgrade.complete();
            }
        });
    }

    private void echo(Extension... extensions) {
        serve(
                WebSocketOptions.DEFAULT.with(options -> options.extensions(extensions)),
                upgrade -> echo(upgrade.accept()));
    }

    private void echo(WebSocket socket) {
        socket.onMessage(socket::send);
        socket.onClose((code, reason) -> closed.add(code + " " + reason));
        sockets.add(socket);
    }

    private RawClient open(String... headers) throws IOException {
        RawClient client = new RawClient(server.port());
        client.out.write(client.handshake(headers));
        return client;
    }

    private static PermessageDeflate deflate() {
        return new PermessageDeflate(DeflateOptions.DEFAULT.with(options -> options.threshold(0)));
    }

    @AfterEach
    void stop() {
        group.close();
        server.close();
    }

    @Test
    void whatIsAgreedOnStandsInTheResponseAndOnTheSocket() throws Exception {
        echo(deflate());
        try (RawClient client = open(
                "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=7, x-other",
                "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits; server_max_window_bits=\"10\"")) {
            assertThat(client.response())
                    .contains("\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10\r\n");
            assertThat(sockets.poll(5, TimeUnit.SECONDS).extensions())
                    .extracting(ExtensionHeader::toString)
                    .containsExactly("permessage-deflate; server_max_window_bits=10");
            client.send(text("Hello"));
            assertThat(client.read().first()).isEqualTo(0xC1);
        }
    }

    @Test
    void nothingIsAgreedOnUnasked() throws Exception {
        echo(deflate());
        try (RawClient client = open()) {
            assertThat(client.response()).doesNotContain("Extensions");
            assertThat(sockets.poll(5, TimeUnit.SECONDS).extensions()).isEmpty();
            client.send(text("Hello"));
            assertThat(client.read().text()).isEqualTo("Hello");
        }
    }

    @Test
    void aRequestMayHaveItsOwnExtensionsAndHeaders() throws Exception {
        serve(WebSocketOptions.DEFAULT, upgrade -> {
            assertThat(upgrade.extensions()).hasSize(1);
            echo(upgrade.accept(null, options -> options.extensions(deflate()).headers(Map.of("X-Own", "1"))));
        });
        try (RawClient client = open(DEFLATE)) {
            assertThat(client.response()).contains("Sec-WebSocket-Extensions: permessage-deflate\r\n", "X-Own: 1\r\n");
        }
    }

    @Test
    void aRequestMayDoWithout() throws Exception {
        serve(
                WebSocketOptions.DEFAULT.with(options -> options.extensions(deflate())),
                upgrade -> echo(upgrade.accept(null, options -> options.extensions())));
        try (RawClient client = open(DEFLATE)) {
            assertThat(client.response()).doesNotContain("Extensions");
        }
    }

    @Test
    void whereTheControllerGivesUpSessionsAreClosedOnce() throws Exception {
        TestExtension extension = TestExtension.quick("x-test", Extension.RSV1);
        serve(WebSocketOptions.DEFAULT.with(options -> options.extensions(extension)), upgrade -> {
            upgrade.accept();
            upgrade.discard();
        });
        try (RawClient client = open("Sec-WebSocket-Extensions: x-test")) {
            assertThat(client.responseWithBody()).startsWith("HTTP/1.1 200");
            await().until(() -> extension.calls.contains("close"));
            assertThat(extension.calls).containsExactly("close");
        }
    }

    @Test
    void sessionsAreClosedWhereTheContainerRefusesTheUpgrade() throws Exception {
        TestExtension extension = TestExtension.quick("x-test", Extension.RSV1);
        WebSocketOptions options = WebSocketOptions.DEFAULT.with(o -> o.extensions(extension));
        server = container.start((request, response) -> {
            HttpServletRequestWrapper refusing = new HttpServletRequestWrapper(request) {
                @Override
                public <T extends HttpUpgradeHandler> T upgrade(Class<T> type) throws IOException {
                    throw new IOException("refused");
                }
            };
            assertThatIllegalStateException()
                    .isThrownBy(
                            () -> ServletUpgrade.of(refusing, response, options).accept())
                    .withMessage("The container refuses the upgrade: refused");
        });
        try (RawClient client = open("Sec-WebSocket-Extensions: x-test")) {
            client.response();
            await().until(() -> extension.calls.contains("close"));
        }
    }

    /** CVE-2026-54490 (websocket-driver), CVE-2026-5680 (Undertow): the limit is that of what comes out. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7})
    void aBombOfAMegabyteThatWouldBeAGigabyteCostsItsConnectionOnly(int fragments) throws Exception {
        serve(
                WebSocketOptions.DEFAULT.with(
                        options -> options.extensions(deflate()).limits(new Limits(8 << 20, 8 << 20, 100))),
                upgrade -> echo(upgrade.accept()));
        byte[] bomb = bomb();
        assertThat(bomb.length).isBetween(1_000_000, 1_100_000);
        try (RawClient bystander = open(DEFLATE)) {
            bystander.response();
            long before = Heap.beginPeak();
            try (RawClient client = open(DEFLATE)) {
                client.response();
                int size = bomb.length / fragments + 1;
                for (int i = 0; i < fragments; i++) {
                    int first = (i == 0 ? 0x42 : 0) | (i == fragments - 1 ? 0x80 : 0);
                    client.send(
                            frame(first, Arrays.copyOfRange(bomb, i * size, Math.min(bomb.length, (i + 1) * size))));
                }
                Frame close = client.read();
                assertThat(close.closeCode()).isEqualTo(1009);
                assertThat(close.closeReason()).isEqualTo("Message inflates to more than max-length (8388608 bytes)");
            }
            assertThat(closed.poll(10, TimeUnit.SECONDS)).startsWith("1009");
            assertThat(Heap.peak() - before)
                    .as("garbage and all, of a gigabyte")
                    .isLessThan(64L << 20);
            bystander.send(text("Hello"));
            assertThat(bystander.read().first()).isEqualTo(0xC1);
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

    @Test
    void severalExtensionsAreAgreedOnInTheServersOrder() throws Exception {
        echo(TestExtension.quick("x-one", Extension.RSV2), deflate(), TestExtension.quick("x-rival", Extension.RSV1));
        try (RawClient client = open("Sec-WebSocket-Extensions: x-rival, permessage-deflate, x-one")) {
            assertThat(client.response()).contains("Sec-WebSocket-Extensions: x-one, permessage-deflate\r\n");
            client.send(frame(0xA1, "Hello".getBytes()));
            assertThat(client.read().first()).isEqualTo(0xE1);
        }
    }

    /** Tomcat's bug 70126 and CVE-2026-87022: messages that fill buffers exactly, while others take their turns. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "; server_no_context_takeover",
                "; client_no_context_takeover",
                "; server_no_context_takeover; client_no_context_takeover",
                "; server_max_window_bits=9"
            })
    void messagesThatFillBuffersExactlyComeBackWhicheverSideTakesOver(String parameters) throws Exception {
        echo(deflate());
        try (Compressed one = new Compressed(parameters);
                Compressed other = new Compressed(parameters)) {
            Random random = new Random(9);
            for (int buffers : new int[] {1, 2, 3, 8, 1, 16}) {
                for (Compressed peer : new Compressed[] {one, other}) {
                    byte[] message = new byte[8192 * buffers];
                    random.nextBytes(message);
                    peer.assertEchoes(message);
                    peer.assertEchoes(message); // now all of it may be referred to
                }
            }
        }
    }

    /** A client that compresses with the JDK's zlib. */
    private final class Compressed implements AutoCloseable {

        private final Deflater deflater = new Deflater(6, true);
        private final Inflater inflater = new Inflater(true);
        private final String parameters;
        private final RawClient client;

        Compressed(String parameters) throws IOException {
            this.parameters = parameters;
            client = open(DEFLATE + parameters);
            assertThat(client.response()).contains("permessage-deflate" + parameters + "\r\n");
        }

        void assertEchoes(byte[] message) throws Exception {
            deflater.setInput(message);
            byte[] payload = new byte[2 * message.length];
            int length = deflater.deflate(payload, 0, payload.length, Deflater.SYNC_FLUSH);
            client.send(frame(0xC2, Arrays.copyOf(payload, length - 4)));
            Frame echo = client.read();
            byte[] data = echo.payload();
            if (echo.first() == 0xC2) {
                inflater.setInput(data);
                data = new byte[message.length];
                assertThat(inflater.inflate(data)).isEqualTo(message.length);
                inflater.setInput(new byte[] {0, 0, (byte) 0xFF, (byte) 0xFF});
                assertThat(inflater.inflate(new byte[1])).isZero();
            }
            assertThat(Arrays.equals(data, message)).isTrue();
            if (parameters.contains("client_no_context_takeover")) {
                deflater.reset();
            }
            if (parameters.contains("server_no_context_takeover")) {
                inflater.reset();
            }
        }

        @Override
        public void close() throws IOException {
            deflater.end();
            inflater.end();
            client.close();
        }
    }

    /**
     * CVE-2026-87022 (Tomcat): a message that refers to what another connection has sent, through what they share. "Hello",
     * and what came five bytes before (RFC 7692, section 7.2.3.2); the same in a block that ends the stream (section
     * 7.2.3.4), and what came ten bytes before.
     */
    @ParameterizedTest
    @CsvSource({
        "'', f2 48 cd c9 c9 07 00, f2 00 11 00 00",
        "; client_no_context_takeover, f2 48 cd c9 c9 07 00, f2 00 11 00 00",
        "; client_no_context_takeover, f3 48 cd c9 c9 07 00 00, f3 48 cd c9 c9 07 00 02 b2 00 00"
    })
    void noConnectionSeesTheContextOfAnother(String parameters, String hello, String before) throws Exception {
        echo(deflate());
        for (int i = 0; i < 10; i++) {
            try (RawClient victim = open(DEFLATE + parameters);
                    RawClient client = open(DEFLATE + parameters)) {
                victim.response();
                client.response();
                victim.send(frame(0xC1, hex(hello)));
                assertThat(victim.read().first()).isEqualTo(0xC1);
                client.send(frame(0xC1, hex(before)));
                assertThat(client.read().closeCode()).isEqualTo(1007);
            }
        }
    }

    /** CVE-2026-2229 (undici): offers of windows that no zlib has are declined. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "server_max_window_bits=7",
                "server_max_window_bits=16",
                "server_max_window_bits=x",
                "client_max_window_bits=7",
                "client_max_window_bits=16",
                "client_max_window_bits=x"
            })
    void windowBitsThatCannotBeAreDeclined(String parameter) throws Exception {
        echo(deflate());
        try (RawClient client = open(DEFLATE + "; " + parameter)) {
            assertThat(client.response()).startsWith("HTTP/1.1 101 ").doesNotContain("Extensions");
            client.send(text("Hello"));
            assertThat(client.read().text()).isEqualTo("Hello");
        }
    }
}
