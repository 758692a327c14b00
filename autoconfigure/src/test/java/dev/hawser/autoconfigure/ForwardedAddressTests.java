package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Where the address of a client is what its own header says, it is a stranger's text in the log, too. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        classes = TestApplication.class,
        properties = {
            "server.forward-headers-strategy=framework",
            "logging.level.dev.hawser.websocket.connections=debug",
            "logging.level.dev.hawser.websocket.handshake=debug",
            "logging.level.dev.hawser.websocket.violations=debug"
        })
@ExtendWith(OutputCaptureExtension.class)
class ForwardedAddressTests {

    private static final String FORGED = "forged\u009b31m" + "x".repeat(3000);

    @LocalServerPort
    private int port;

    @Test
    void itIsEscapedAndCutWhereverItIsLogged(CapturedOutput output) throws IOException {
        try (Socket raw = new Socket("localhost", port)) {
            raw.setSoTimeout(10_000);
            raw.getOutputStream()
                    .write(String.join(
                                    "\r\n",
                                    "GET /echo HTTP/1.1",
                                    "Host: localhost:" + port,
                                    "X-Forwarded-For: " + FORGED,
                                    "Connection: Upgrade",
                                    "Upgrade: websocket",
                                    "Sec-WebSocket-Version: 13",
                                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                                    "",
                                    "")
                            .getBytes(StandardCharsets.ISO_8859_1));
            raw.getOutputStream().write(new byte[] {(byte) 0x83, (byte) 0x80});
            raw.getInputStream().readAllBytes();
        }
        assertThat(TestClient.exchange(port, "GET /echo HTTP/1.1", "X-Forwarded-For: " + FORGED, "Connection: close"))
                .startsWith("HTTP/1.1 426 ");
        for (String logger : List.of("connections", "handshake", "violations")) {
            await().untilAsserted(() -> assertThat(output.toString().lines())
                    .filteredOn(line -> line.contains("dev.hawser.websocket." + logger))
                    .isNotEmpty()
                    .allSatisfy(line -> assertThat(line)
                            .contains("forged?31mxxx")
                            .doesNotContain("\u009b")
                            .hasSizeLessThan(1000)));
        }
    }
}
