package dev.hawser.websocket.servlet;

import static dev.hawser.websocket.servlet.RawClient.frame;
import static dev.hawser.websocket.servlet.RawClient.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.stream.MessageStream;
import dev.hawser.websocket.stream.WebSocketClosedException;
import dev.hawser.websocket.stream.WebSocketStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages as streams, byte by byte over real sockets. */
@Timeout(60)
class StreamedSocketTests {

    private final BlockingQueue<WebSocket> sockets = new LinkedBlockingQueue<>();
    private final BlockingQueue<WebSocketStream> streams = new LinkedBlockingQueue<>();
    private final AtomicInteger heard = new AtomicInteger();
    private final WebSocketOptions options = WebSocketOptions.DEFAULT.with(o -> o.streaming(true));
    private final TestServer server = new TestServer((request, response) -> {
        WebSocket socket = ServletUpgrade.of(request, response, options).accept();
        streams.add(WebSocketStream.of(socket).messages());
        socket.onFrame(part -> heard.incrementAndGet());
        sockets.add(socket);
    });

    @AfterEach
    void stop() {
        server.close();
    }

    private WebSocketStream stream() throws InterruptedException {
        return Objects.requireNonNull(streams.poll(10, TimeUnit.SECONDS));
    }

    private MessageStream next(WebSocketStream stream) throws IOException {
        return Objects.requireNonNull(stream.nextMessage());
    }

    /** "Frame of 10 GiB": nobody waits for its end, and nobody holds what its header says. */
    @Test
    void aFrameOfTenGibibytesIsReadFromItsFirstByteOn() throws Exception {
        try (RawClient client = RawClient.open(server.port())) {
            client.send(header(0x82, 10L << 30), new byte[] {1, 2, 3, 4});
            WebSocketStream stream = stream();
            InputStream in = next(stream).inputStream();
            assertThat(in.readNBytes(4)).containsOnly(0);
            client.send(new byte[] {2, 2, 3, 4});
            assertThat(in.readNBytes(4)).containsExactly(3, 0, 0, 0);
            client.reset();
            assertThatIOException().isThrownBy(in::read).isInstanceOf(WebSocketClosedException.class);
        }
    }

    @Test
    void textThatIsCutWithinACharacterAndAroundAPingArrives() throws Exception {
        try (RawClient client = RawClient.open(server.port())) {
            byte[] text = "Grüße 世界 🌍".getBytes(StandardCharsets.UTF_8);
            WebSocketStream stream = stream();
            client.send(frame(0x01, Arrays.copyOf(text, 3)));
            Reader in = next(stream).reader();
            assertThat(in.read()).isEqualTo('G');
            assertThat(in.read()).isEqualTo('r');
            client.send(frame(0x89, new byte[] {'?'}));
            assertThat(client.read().first()).isEqualTo(0x8A);
            byte[] rest = frame(0x80, Arrays.copyOfRange(text, 3, text.length));
            for (byte one : rest) {
                client.out.write(one);
            }
            StringWriter read = new StringWriter();
            in.transferTo(read);
            assertThat(read.toString()).isEqualTo("üße 世界 🌍");
            client.send(frame(0x82, new byte[] {'x'}));
            assertThat(next(stream).inputStream().readAllBytes()).containsExactly('x');
        }
    }

    @Test
    void textThatIsNoneEndsTheStreamWith1007() throws Exception {
        try (RawClient client = RawClient.open(server.port())) {
            client.send(frame(0x01, new byte[] {'a'}), frame(0x80, new byte[] {(byte) 0xff}));
            Reader in = next(stream()).reader();
            StringWriter read = new StringWriter();
            assertThatExceptionOfType(WebSocketClosedException.class)
                    .isThrownBy(() -> in.transferTo(read))
                    .withMessage("The WebSocket was closed with 1007: Text message is not valid UTF-8");
            assertThat(client.read().closeCode()).isEqualTo(1007);
        }
    }

    /** As of CVE-2026-48779: what each of them costs is counted, not only its bytes. */
    @Test
    void aMillionPartsOfOneByteMakeThePeerWait() throws Exception {
        try (RawClient client = RawClient.open(server.port())) {
            byte[][] parts = new byte[1000][];
            Arrays.fill(parts, frame(0x00, new byte[] {'x'}));
            AtomicLong sent = new AtomicLong();
            Thread writer = new Thread(() -> {
                try {
                    client.send(frame(0x02, new byte[] {'x'}));
                    for (int i = 0; i < 5000; i++) {
                        client.send(parts);
                        sent.addAndGet(1000);
                    }
                    client.send(frame(0x80, new byte[0]));
                } catch (IOException cut) {
                    throw new IllegalStateException(cut);
                }
            });
            writer.start();
            WebSocket socket = Objects.requireNonNull(sockets.poll(10, TimeUnit.SECONDS));
            await().until(socket::isPaused);
            assertThat(heard.get()).as("parts that wait").isLessThan(2000);
            AtomicLong before = new AtomicLong(-1);
            await().during(Duration.ofMillis(500))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> before.getAndSet(sent.get()) == sent.get());
            assertThat(sent.get()).isLessThan(5_000_000);
            InputStream in = next(stream()).inputStream();
            assertThat(in.available()).isOne();
            long read = 0;
            byte[] buffer = new byte[8192];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                read += count;
            }
            assertThat(read).isEqualTo(5_000_001);
            writer.join();
        }
    }

    @Test
    void aMessageLeavesInFragmentsWhileItIsWritten() throws Exception {
        try (RawClient client = RawClient.open(server.port())) {
            WebSocketStream stream = stream();
            OutputStream out = stream.binaryMessage();
            out.write(1);
            out.flush();
            assertThat(client.read()).satisfies(frame -> {
                assertThat(frame.first()).isEqualTo(0x02);
                assertThat(frame.payload()).containsExactly(1);
            });
            out.write(new byte[40_000]);
            assertThat(client.read().payload()).hasSize(16 * 1024);
            assertThat(client.read().payload()).hasSize(16 * 1024);
            out.close();
            assertThat(client.read()).satisfies(frame -> {
                assertThat(frame.first()).isEqualTo(0x80);
                assertThat(frame.payload()).hasSize(40_000 - 32 * 1024);
            });
        }
    }
}
