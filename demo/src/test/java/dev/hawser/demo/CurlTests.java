package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/** What curl sees of the demo. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class CurlTests {

    private static final String[] HANDSHAKE = {
        "-H", "Connection: Upgrade", "-H", "Upgrade: websocket", "-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    };
    private static final String[] VERSION = {"-H", "Sec-WebSocket-Version: 13"};

    @LocalServerPort
    private int port;

    @BeforeAll
    static void find() {
        RequiredTool.find("curl");
    }

    @Test
    void theEventStreamHasItsHeadersItsRetryAndItsTicks() throws Exception {
        String answer = curl("/events", "--max-time", "3");

        assertThat(answer)
                .startsWith("HTTP/1.1 200")
                .containsIgnoringCase("Content-Type: text/event-stream")
                .contains("Cache-Control: no-cache, no-transform", "X-Accel-Buffering: no", "retry: 5000\n\n")
                .containsPattern("event: tick\nid: \\d+\ndata: Tick \\d+\n\n");
    }

    @Test
    void aPlainGetOfAWebSocketIsToldToUpgrade() throws Exception {
        assertThat(curl("/echo")).startsWith("HTTP/1.1 426").contains("Upgrade: websocket");
    }

    @Test
    void aPageOfAnotherOriginIsForbidden() throws Exception {
        String answer = curl("/echo", with(HANDSHAKE, with(VERSION, "-H", "Origin: http://evil.example.com")));
        assertThat(answer).startsWith("HTTP/1.1 403").contains("\"http://evil.example.com\" is not allowed");
    }

    @Test
    void aVersionThatIsNotSpokenIsAnsweredWithOneThatIs() throws Exception {
        String answer = curl("/echo", with(HANDSHAKE, "-H", "Sec-WebSocket-Version: 99"));
        assertThat(answer).startsWith("HTTP/1.1 426").contains("Sec-WebSocket-Version: 13");
    }

    @Test
    void aHandshakeWithoutAKeyIsABadRequestWithAReasonOfOneLine() throws Exception {
        String answer = curl("/echo", with(VERSION, "-H", "Connection: Upgrade", "-H", "Upgrade: websocket"));
        assertThat(answer).startsWith("HTTP/1.1 400").endsWith("\r\n\r\nExpected one Sec-WebSocket-Key but were 0\n");
    }

    private static String[] with(String[] first, String... second) {
        return Stream.concat(Stream.of(first), Stream.of(second)).toArray(String[]::new);
    }

    private String curl(String path, String... arguments) throws Exception {
        String[] command = with(
                with(new String[] {"curl", "-sNi", "--max-time", "10"}, arguments), "http://127.0.0.1:" + port + path);
        return Program.run(Path.of("."), Duration.ofSeconds(20), command).output();
    }
}
