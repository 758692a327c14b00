package dev.hawser.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.handshake.HandshakeException;
import dev.hawser.websocket.handshake.HandshakeRequest;
import dev.hawser.websocket.handshake.OriginPolicy;
import dev.hawser.websocket.handshake.ServerHandshake;
import dev.hawser.websocket.protocol.Driver;
import dev.hawser.websocket.protocol.Event;
import dev.hawser.websocket.protocol.Framing;
import dev.hawser.websocket.protocol.Limits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The examples in the README of package protocol, as they stand there. */
class DriverExampleTests {

    private static final Path README = Path.of("src/main/java/dev/hawser/websocket/protocol/README.md");
    private static final Path HERE = Path.of("src/test/java/dev/hawser/examples/DriverExampleTests.java");

    private final Socket socket = new Socket();

    /** A socket that keeps what is written to it. */
    private static final class Socket {

        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private boolean closed;

        void write(byte[] bytes) throws IOException {
            written.write(bytes);
        }

        void close() {
            closed = true;
        }
    }

    private record Request(Map<String, String> headers) implements HandshakeRequest {

        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String httpVersion() {
            return "HTTP/1.1";
        }

        @Override
        public String scheme() {
            return "http";
        }

        @Override
        public String authority() {
            return "example.com";
        }

        @Override
        public String target() {
            return "/chat";
        }

        @Override
        public List<String> headers(String name) {
            String value = headers.get(name);
            return value == null ? List.of() : List.of(value);
        }
    }

    private Driver shakeHands() throws HandshakeException, IOException {
        HandshakeRequest request = new Request(Map.of(
                "Host", "example.com",
                "Upgrade", "websocket",
                "Connection", "Upgrade",
                "Sec-WebSocket-Version", "13",
                "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="));
        ServerHandshake handshake = ServerHandshake.check(request, OriginPolicy.SAME_ORIGIN, false);
        StringBuilder head = new StringBuilder("HTTP/1.1 101 " + handshake.reasonPhrase() + "\r\n");
        handshake.accept(null).forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
        socket.write(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));

        Driver driver = Driver.forServer(handshake, Limits.DEFAULT, Framing.DEFAULT);
        driver.open();
        return driver;
    }

    private void read(Driver driver) {
        ByteBuffer input = ByteBuffer.wrap(HexFormat.of().parseHex("818537fa213d7f9f4d5158")); // "Hello" in RFC 6455
        for (Event event = driver.receive(input); event != null; event = driver.receive(input)) {
            driver.answer(event);
            if (event instanceof Event.Text text) {
                driver.text(text.utf8());
            } else if (event instanceof Event.Failure failure) {
                System.err.println(failure.violation().id() + ": " + failure.reason());
            }
        }
    }

    private void write(Driver driver) throws IOException {
        while (!driver.output().isEmpty()) {
            for (ByteBuffer next : driver.output().peek()) {
                byte[] bytes = new byte[next.remaining()];
                next.get(bytes);
                socket.write(bytes);
            }
            driver.output().removeWritten();
        }
        if (driver.isFinished()) {
            socket.close();
            driver.disconnected();
        }
    }

    @Test
    void theExamplesEchoOverByteArrays() throws Exception {
        Driver driver = shakeHands();
        assertThat(socket.written.toString(StandardCharsets.US_ASCII))
                .isEqualTo("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
        socket.written.reset();
        read(driver);
        write(driver);
        assertThat(socket.written.toByteArray()).isEqualTo(HexFormat.of().parseHex("810548656c6c6f"));
        assertThat(socket.closed).isFalse();

        driver.close(1000, "");
        driver.answer(driver.receive(ByteBuffer.wrap(HexFormat.of().parseHex("888000000000"))));
        write(driver);
        assertThat(socket.closed).isTrue();
    }

    @Test
    void theReadmeShowsThisCode() throws Exception {
        String code = withoutSpace(Files.readString(HERE));
        List<String> examples = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(README))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(examples).hasSize(3).allSatisfy(example -> assertThat(code).contains(withoutSpace(example)));
    }

    private static String withoutSpace(String text) {
        return text.replaceAll("\\s+", "");
    }
}
