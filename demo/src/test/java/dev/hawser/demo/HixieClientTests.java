package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Clients of draft-76 and draft-75, written from the drafts, as strict as those want them, talk to the demo's echo. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "hawser.websocket.allow-drafts=true")
class HixieClientTests {

    private static final String TEXT = "Gr\u00fc\u00dfe, \u043c\u0438\u0440, \u4e16\u754c, \ud83d\ude00";

    @LocalServerPort
    private int port;

    /** What both clients do once they are connected (draft-76, section 4.2). */
    private static class Client implements AutoCloseable {

        final Socket socket;
        final DataInputStream in;
        final String host;

        Client(int port) throws IOException {
            host = "127.0.0.1:" + port;
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(20_000);
            in = new DataInputStream(socket.getInputStream());
        }

        void write(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
        }

        void write(String ascii) throws IOException {
            write(ascii.getBytes(StandardCharsets.US_ASCII));
        }

        void send(String text) throws IOException {
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            frame.write(0x00);
            frame.writeBytes(text.getBytes(StandardCharsets.UTF_8));
            frame.write(0xFF);
            write(frame.toByteArray());
        }

        String receive() throws IOException {
            assertThat(in.readUnsignedByte()).isEqualTo(0x00);
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            for (int b = in.readUnsignedByte(); b != 0xFF; b = in.readUnsignedByte()) {
                text.write(b);
            }
            return text.toString(StandardCharsets.UTF_8);
        }

        String readLine() throws IOException {
            StringBuilder line = new StringBuilder();
            while (line.length() < 2 || !line.substring(line.length() - 2).equals("\r\n")) {
                line.append((char) in.readUnsignedByte());
            }
            return line.substring(0, line.length() - 2);
        }

        /** The fields up to the empty line, names in lower case; none may come twice. */
        Map<String, String> readFields() throws IOException {
            Map<String, String> fields = new LinkedHashMap<>();
            for (String line = readLine(); !line.isEmpty(); line = readLine()) {
                int colon = line.indexOf(": ");
                String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
                assertThat(fields.put(name, line.substring(colon + 2))).isNull();
            }
            return fields;
        }

        void echo(String text) throws IOException {
            send(text);
            assertThat(receive()).isEqualTo(text);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Nested
    class Draft75 {

        private Client connect() throws IOException {
            Client client = new Client(port);
            client.write("GET /echo?draft=75 HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nHost: "
                    + client.host + "\r\nOrigin: http://" + client.host + "\r\n\r\n");
            return client;
        }

        /** The client compares the first lines byte by byte. */
        private void checkResponse(Client client) throws IOException {
            String expected = "HTTP/1.1 101 Web Socket Protocol Handshake\r\n"
                    + "Upgrade: WebSocket\r\n"
                    + "Connection: Upgrade\r\n";
            assertThat(new String(client.in.readNBytes(expected.length()), StandardCharsets.US_ASCII))
                    .isEqualTo(expected);
            assertThat(client.readFields())
                    .containsEntry("websocket-origin", "http://" + client.host)
                    .containsEntry("websocket-location", "ws://" + client.host + "/echo?draft=75")
                    .doesNotContainKey("websocket-protocol");
        }

        @Test
        void getsEveryMessageBackAndEndsWithItsSocket() throws Exception {
            try (Client client = connect()) {
                checkResponse(client);
                client.echo("Hello");
                client.echo(TEXT);
                client.echo("");
                client.echo("x".repeat(1 << 20));
                client.socket.shutdownOutput();
                assertThat(client.in.read()).isEqualTo(-1);
            }
        }

        @Test
        void maySendWithItsHandshake() throws Exception {
            try (Client client = new Client(port)) {
                client.write("GET /echo?draft=75 HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nHost: "
                        + client.host + "\r\nOrigin: http://" + client.host + "\r\n\r\n\0at once");
                client.write(new byte[] {(byte) 0xFF});
                checkResponse(client);
                assertThat(client.receive()).isEqualTo("at once");
            }
        }
    }

    @Nested
    class Draft76 {

        private final Random random = new Random(76);

        /** A key and the number that it hides (draft-76, section 4.1). */
        private record Key(String text, int number) {

            static Key random(Random random) {
                int spaces = 1 + random.nextInt(12);
                long max = 0xFFFF_FFFFL / spaces;
                long number = (long) (random.nextDouble() * (max + 1));
                StringBuilder key = new StringBuilder(Long.toString(number * spaces));
                for (int i = 1 + random.nextInt(12); i > 0; i--) {
                    int c = random.nextInt(15 + 69);
                    key.insert(random.nextInt(key.length() + 1), (char) (c < 15 ? 0x21 + c : 0x3A + c - 15));
                }
                for (int i = 0; i < spaces; i++) {
                    key.insert(1 + random.nextInt(key.length() - 1), ' ');
                }
                return new Key(key.toString(), (int) number);
            }
        }

        private byte[] handshake(Client client, boolean bodyLater) throws Exception {
            Key first = Key.random(random);
            Key second = Key.random(random);
            byte[] body = new byte[8];
            random.nextBytes(body);
            client.write("GET /echo HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nHost: " + client.host
                    + "\r\nOrigin: http://" + client.host + "\r\nSec-WebSocket-Key1: " + first.text
                    + "\r\nSec-WebSocket-Key2: " + second.text + "\r\n\r\n");
            if (!bodyLater) {
                client.write(body);
            }
            checkResponse(client);
            if (bodyLater) {
                client.write(body);
            }
            return MessageDigest.getInstance("MD5")
                    .digest(ByteBuffer.allocate(16)
                            .putInt(first.number)
                            .putInt(second.number)
                            .put(body)
                            .array());
        }

        /** What the client checks (draft-76, section 4.1). */
        private void checkResponse(Client client) throws IOException {
            assertThat(client.readLine()).matches("[^ ]+ 101 .*");
            Map<String, String> fields = client.readFields();
            assertThat(fields)
                    .containsEntry("upgrade", "WebSocket")
                    .containsEntry("sec-websocket-origin", "http://" + client.host)
                    .containsEntry("sec-websocket-location", "ws://" + client.host + "/echo")
                    .doesNotContainKey("sec-websocket-protocol");
            assertThat(fields.get("connection")).isEqualToIgnoringCase("Upgrade");
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void getsItsAnswerEveryMessageAndAClosingHandshake(boolean bodyLater) throws Exception {
            for (int round = 0; round < 20; round++) {
                try (Client client = new Client(port)) {
                    byte[] answer = handshake(client, bodyLater);
                    assertThat(client.in.readNBytes(16)).isEqualTo(answer);
                    client.echo("Hello");
                    client.echo(TEXT);
                    client.echo("x".repeat(100_000));
                    client.write(new byte[] {(byte) 0xFF, 0x00});
                    assertThat(client.in.readUnsignedShort()).isEqualTo(0xFF00);
                    assertThat(client.in.read()).isEqualTo(-1);
                }
            }
        }

        @Test
        void withKeysThatCannotBeRightIsRefused() throws Exception {
            try (Client client = new Client(port)) {
                client.write("GET /echo HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nHost: " + client.host
                        + "\r\nSec-WebSocket-Key1: 12345\r\nSec-WebSocket-Key2: 1 1\r\n\r\n12345678");
                assertThat(client.readLine()).startsWith("HTTP/1.1 400");
            }
        }
    }
}
