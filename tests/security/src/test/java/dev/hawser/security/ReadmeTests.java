package dev.hawser.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the README says of security is so. */
class ReadmeTests {

    private Server server;

    @BeforeEach
    void start() {
        server = new Server(ReadmeApplication.class, "--hawser.websocket.protocols=chat.v2");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Without indentation, for it differs. */
    private static String lines(String text) {
        return text.lines().map(String::strip).reduce("", (all, line) -> all + line + "\n");
    }

    @Test
    void itsSamplesAreThoseThatRunHere() throws Exception {
        String source = Files.readString(Path.of("src/test/java/dev/hawser/security/ReadmeApplication.java"));
        String readme = lines(Files.readString(Path.of("../../README.md")));
        List<String> samples = Pattern.compile("// tag: \\w+\n(.*?)\\s*// end", Pattern.DOTALL)
                .matcher(source)
                .results()
                .map(sample -> sample.group(1).replace("static class", "class"))
                .toList();
        assertThat(samples).hasSize(4);
        assertThat(samples).allSatisfy(sample -> assertThat(readme).contains(lines(sample)));
    }

    @Test
    void aHandshakeIsNotSentToTheForm() throws Exception {
        assertThat(server.handshake("/feed")).startsWith("HTTP/1.1 401 ");
        assertThat(server.exchange("GET /feed HTTP/1.1", "Accept: text/event-stream"))
                .startsWith("HTTP/1.1 401 ");
        assertThat(server.exchange("GET /feed HTTP/1.1", "Accept: text/html")).startsWith("HTTP/1.1 302 ");
    }

    @Test
    void methodSecurityLetsAdministratorsIn() throws Exception {
        server.logIn("ada");
        assertThat(server.connect("/admin").next()).isEqualTo("Hello, ada");
    }

    @Test
    void methodSecurityKeepsOthersOut() throws Exception {
        server.logIn("eve");
        assertThat(server.connect("/admin").refusal().statusCode()).isEqualTo(403);
    }

    @Test
    void aNewTokenMovesTheEnd() throws Exception {
        Instant soon = Instant.now().plusSeconds(4);
        Instant later = Instant.now().plusSeconds(3600);
        String token = Tokens.token("grace", soon);
        Heard refreshed = server.connect("/feed", options -> options.header("Authorization", "Bearer " + token));
        Heard other = server.connect("/feed", options -> options.header("Authorization", "Bearer " + token));
        refreshed.socket.send(Tokens.token("grace", later));
        assertThat(refreshed.next()).startsWith("Until ");
        other.socket.send(Tokens.token("mallory", later));
        assertThat(other.closed()).isEqualTo("1008 Token expired");
        refreshed.socket.send(Tokens.token("grace", later));
        assertThat(refreshed.next()).startsWith("Until ");
        refreshed.socket.send("not a token");
        assertThat(refreshed.closed()).startsWith("1011");
    }
}
