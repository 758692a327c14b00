package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.connection.ConnectionGroup;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Controllers that take a WebSocket, over real sockets. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        classes = TestApplication.class,
        properties = {
            "logging.level.dev.hawser.websocket.handshake=debug",
            "logging.level.dev.hawser.websocket.violations=debug",
            "logging.level.dev.hawser.websocket.connections=debug"
        })
@ExtendWith(OutputCaptureExtension.class)
class WebSocketControllerTests {

    private static final String[] HANDSHAKE = {
        "Connection: Upgrade, close",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    };

    @LocalServerPort
    private int port;

    @Autowired
    private TestApplication.Log log;

    @Autowired
    private ConnectionGroup group;

    @Autowired
    private MeterRegistry meters;

    @BeforeEach
    void forget() {
        log.closed.clear(); // connections of earlier tests may still end after this
    }

    @Test
    void textAndBinaryAreEchoed() {
        TestClient client = TestClient.connect(port, "/echo");
        assertThat(client.send("Grüße").receive()).isEqualTo("Grüße");
        assertThat(client.send(new byte[] {0, 1, (byte) 0xff}).receive()).isEqualTo("0001ff");
        client.abort();
    }

    @Test
    void theListenerHearsTheCodeThatTheClientClosesWith() throws Exception {
        TestClient client = TestClient.connect(port, "/echo");
        client.close(4321);
        await().until(() -> log.closed.contains("echo 4321"));
    }

    @Test
    void whatTheControllerSendsArrives() {
        TestClient client = TestClient.connect(port, "/greeting");
        assertThat(client.receive()).isEqualTo("hello");
        client.abort();
    }

    @Test
    void aRequestIsAcceptedWithItsPathVariableItsPrincipalAndASubprotocol() {
        TestClient client = TestClient.connect(port, "/chat/harbour", builder -> builder.header("X-User", "ada")
                .subprotocols("chat.v1", "chat.v2"));
        assertThat(client.protocol()).isEqualTo("chat.v2");
        assertThat(client.send("ahoy").receive()).isEqualTo("harbour/ada: ahoy");
        client.abort();
    }

    @Test
    void aRejectedRequestGetsItsStatusAndReason(CapturedOutput output) throws IOException {
        assertThat(handshake("/chat/harbour")).startsWith("HTTP/1.1 401 ").endsWith("\r\n\r\nLog in first\n");
        assertThat(output).doesNotContain("WARN", "ERROR");
    }

    @Test
    void aPlainGetIsAnswered426WithoutCallingTheController(CapturedOutput output) throws IOException {
        int before = log.calls.get();
        assertThat(TestClient.exchange(port, "GET /echo HTTP/1.1", "Connection: close"))
                .startsWith("HTTP/1.1 426 ")
                .containsIgnoringCase("\r\nUpgrade: websocket\r\n");
        assertThat(log.calls).hasValue(before);
        assertThat(output).doesNotContain("WARN", "ERROR");
    }

    @Test
    void aBadKeyIsAnswered400WithOneLine(CapturedOutput output) throws IOException {
        String response = TestClient.exchange(
                port,
                "GET /echo HTTP/1.1",
                "Connection: Upgrade, close",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: short");
        assertThat(response).startsWith("HTTP/1.1 400 ").containsPattern("\r\n\r\n[^\r\n]+\n$");
        assertThat(output).doesNotContain("WARN", "ERROR");
    }

    @Test
    void anUnknownVersionHearsOfThoseThatAreSpoken() throws IOException {
        String response = TestClient.exchange(
                port,
                "GET /echo HTTP/1.1",
                "Connection: Upgrade, close",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 14",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
        assertThat(response).startsWith("HTTP/1.1 426 ").contains("\r\nSec-WebSocket-Version: 13, 8, 7\r\n");
    }

    @Test
    void anOldDraftIsRefusedWithThePropertyThatAllowsIt() throws IOException {
        String response = TestClient.exchange(
                port, "GET /echo HTTP/1.1", "Connection: Upgrade", "Upgrade: WebSocket", "Content-Length: 0");
        assertThat(response).startsWith("HTTP/1.1 400 ").contains("hixie-75", "hawser.websocket.allow-drafts");
    }

    @Test
    void aBrokenRuleShowsItsNameInTheMetricAndTheLog(CapturedOutput output) throws IOException {
        try (Socket raw = new Socket("localhost", port)) {
            raw.setSoTimeout(10_000);
            raw.getOutputStream()
                    .write((String.join("\r\n", HANDSHAKE)
                                    .transform(headers -> "GET /echo HTTP/1.1\r\nHost: localhost:" + port + "\r\n"
                                            + headers + "\r\n\r\n"))
                            .getBytes(StandardCharsets.ISO_8859_1));
            raw.getOutputStream().write(new byte[] {(byte) 0x83, (byte) 0x80});
            assertThat(new String(raw.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                    .endsWith("\u0003\u00eaOpcode 3 is not defined");
        }
        await().until(() -> meters.find("hawser.websocket.errors")
                        .tags("uri", "/echo", "kind", "unknown-opcode")
                        .counter()
                != null);
        assertThat(output)
                .containsPattern(
                        "DEBUG .*dev.hawser.websocket.violations .*unknown-opcode \\(1002\\) by .* at /echo \\[[0-9a-z]+]: Opcode 3 is not defined");
        await().untilAsserted(() -> assertThat(output)
                .containsPattern("DEBUG .*violations .* at /echo (\\[[0-9a-z]+])[^\n]*\n[^\n]*DEBUG .*connections .*\\1"
                        + " /echo with [0-9a-f.:]+ closed with 1002 \"Opcode 3 is not defined\", by local, cause violation"
                        + " unknown-opcode; open for PT[0-9.]+S, quiet for PT[0-9.]+S; received 0 messages"
                        + " \\(0 bytes\\), sent 0 \\(0 bytes\\), 0 bytes not written; hybi-13"));
        assertThat(meters.get("hawser.websocket.connections.closed")
                        .tags("uri", "/echo", "code", "1002", "cause", "violation")
                        .counter()
                        .count())
                .isPositive();
    }

    /** CVE-2026-47893 (Spring), CVE-2026-45736 (ws): whatever is wrong with them. */
    @ParameterizedTest
    @CsvSource({
        "Sec-WebSocket-Version: 99, 81",
        "Sec-WebSocket-Extensions: ;;, 81",
        "Sec-WebSocket-Protocol: s3cret s3cret, 81",
        "Origin: https://evil.example, 81",
        "X-Fine: 1, 81",
        "X-Fine: 1, 83",
        "X-Fine: 1, c1",
        "X-Fine: 1, 80",
        "X-Fine: 1, 88"
    })
    void neitherAnAnswerNorTheLogShowsHeadersOrPayload(String header, String first, CapturedOutput output)
            throws IOException {
        String answer;
        try (Socket raw = new Socket("localhost", port)) {
            raw.setSoTimeout(10_000);
            String request = "GET /echo HTTP/1.1\r\nHost: localhost:" + port + "\r\n" + String.join("\r\n", HANDSHAKE)
                    + "\r\nSec-WebSocket-Protocol: access_token.s3cret\r\nAuthorization: Bearer s3cret\r\nCookie: a=s3cret"
                    + "\r\nX-Api-Key: s3cret\r\n" + header + "\r\n\r\n";
            raw.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            byte[] frame = "\0\u0087\0\0\0\0s3cret\u00ff".getBytes(StandardCharsets.ISO_8859_1); // not UTF-8
            frame[0] = (byte) Integer.parseInt(first, 16);
            raw.getOutputStream().write(frame);
            answer = new String(raw.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
        assertThat(answer).startsWith("HTTP/1.1 ").doesNotContain("s3cret");
        await().until(() -> group.size() == 0);
        await().untilAsserted(() -> assertThat(output.getAll().lines())
                .filteredOn(line -> line.contains("DEBUG") && line.contains("dev.hawser"))
                .isNotEmpty());
        assertThat(output).doesNotContain("s3cret");
    }

    @Test
    void aForeignOriginIsForbiddenAndTheSameOriginIsNot(CapturedOutput output) {
        assertThat(TestClient.refusal(port, "/echo", builder -> builder.header("Origin", "http://evil.example")))
                .isEqualTo(403);
        assertThat(output)
                .containsPattern(
                        "DEBUG .*dev.hawser.websocket.handshake .*Handshake refused: forbidden-origin 403 at /echo"
                                + " with [0-9a-f.:]+: Origin \"http://evil.example\" ");
        TestClient.connect(port, "/echo", builder -> builder.header("Origin", "http://localhost:" + port))
                .abort();
    }

    @Test
    void newConnectionsAreRefusedDuringShutdown() {
        try {
            group.goAway();
            assertThat(TestClient.refusal(port, "/echo", builder -> builder)).isEqualTo(503);
        } finally {
            group.comeBack();
        }
        TestClient.connect(port, "/echo").abort();
    }

    @Test
    void aControllerThatThrowsAfterAcceptingIsAnswered500AndItsSocketIsClosed() throws Exception {
        assertThat(handshake("/throws"))
                .startsWith("HTTP/1.1 500 ")
                .contains("\"status\":500")
                .doesNotContain("Sec-WebSocket-Accept", "Upgrade: websocket");
        await().until(() -> log.closed.contains("throws 1006"));
    }

    @Test
    void anExceptionWithAStatusIsAnsweredWithIt() throws IOException {
        assertThat(handshake("/gone")).startsWith("HTTP/1.1 410 ").doesNotContain("Sec-WebSocket-Accept");
    }

    @Test
    void anInterceptorThatThrowsAfterTheControllerPreventsTheUpgrade() throws Exception {
        assertThat(handshake("/intercepted")).startsWith("HTTP/1.1 502 ").doesNotContain("Sec-WebSocket-Accept");
        await().until(() -> log.closed.contains("intercepted 1006"));
    }

    @Test
    void aPathVariableThatCannotBeReadIsAnswered400() throws IOException {
        assertThat(handshake("/number/seven")).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void aRequestNeitherAcceptedNorRejectedIsAnswered500AndLoggedOnce(CapturedOutput output) throws IOException {
        assertThat(handshake("/undecided")).startsWith("HTTP/1.1 500 ");
        assertThat(output).containsOnlyOnce("must accept, reject or defer its WebSocketRequest");
    }

    @Test
    void aControllerMayAnswerInItsOwnWay(CapturedOutput output) throws IOException {
        assertThat(handshake("/entity")).startsWith("HTTP/1.1 404 ").contains("no such room");
        assertThat(handshake("/redirect")).startsWith("HTTP/1.1 302 ");
        assertThat(output).doesNotContain("must accept, reject or defer");
    }

    @Test
    void aControllerThatDecidesLaterIsAnswered500() throws Exception {
        assertThat(handshake("/later")).startsWith("HTTP/1.1 500 ").doesNotContain("Sec-WebSocket-Accept");
        await().until(() -> log.closed.contains("later 1006"));
    }

    @Test
    void aListenerThatThrowsCostsItsOwnConnectionOnly() {
        TestClient other = TestClient.connect(port, "/echo");
        TestClient fragile = TestClient.connect(port, "/fragile");
        assertThat(fragile.send("boom").closeCode()).isEqualTo(1011);
        assertThat(other.send("still here").receive()).isEqualTo("still here");
        other.abort();
    }

    @Test
    void otherControllersAreNotTouched() throws IOException {
        assertThat(TestClient.exchange(port, "GET /plain HTTP/1.1", "Connection: close"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("plain");
    }

    private String handshake(String path) throws IOException {
        String[] lines = new String[HANDSHAKE.length + 1];
        lines[0] = "GET " + path + " HTTP/1.1";
        System.arraycopy(HANDSHAKE, 0, lines, 1, HANDSHAKE.length);
        return TestClient.exchange(port, lines);
    }
}
