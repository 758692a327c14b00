package dev.hawser.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.connection.ConnectionGroup;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Spring Security sees a handshake as it sees any request. */
@ExtendWith(OutputCaptureExtension.class)
class HandshakeTests {

    private static Server server;

    @BeforeAll
    static void start() {
        server = new Server(SecuredApplication.class);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void nothingIsLeftOpen() {
        opened().forget();
        await().until(() -> server.bean(ConnectionGroup.class).size() == 0);
    }

    private static SecuredApplication.Opened opened() {
        return server.bean(SecuredApplication.Opened.class);
    }

    private static String basic(String user) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":secret").getBytes(StandardCharsets.UTF_8));
    }

    private static Heard as(String path, String authorization) {
        return server.connect(path, options -> options.header("Authorization", authorization));
    }

    private static Heard asNobody(String path) {
        return server.connect(path, options -> {});
    }

    @Test
    void theSessionOfAFormLoginIsEnough() throws Exception {
        server.logIn("ada");
        assertThat(server.connect("/secret").next()).isEqualTo("ada");
    }

    @Test
    void httpBasicIsEnough() throws Exception {
        assertThat(as("/secret", basic("ada")).next()).isEqualTo("ada");
        assertThat(as("/admin", basic("root")).next()).isEqualTo("root");
    }

    @Test
    void aBearerTokenIsEnough() throws Exception {
        String token = Tokens.token("grace", Instant.now().plusSeconds(3600));
        assertThat(as("/secret", "Bearer " + token).next()).isEqualTo("grace");
    }

    @Test
    void whoIsNotKnownGets401BeforeTheUpgrade() {
        ConnectFailedException refused = asNobody("/secret").refusal();
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().get("WWW-Authenticate")).isNotEmpty();
    }

    @Test
    void aWrongPasswordGets401WithTheBodyOfSpring() {
        ConnectFailedException refused = as("/secret", basic("nobody")).refusal();
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("\"error\":\"Unauthorized\"");
    }

    @Test
    void aTokenThatHasExpiredGets401() {
        String token = Tokens.token("grace", Instant.now().minusSeconds(120));
        ConnectFailedException refused = as("/secret", "Bearer " + token).refusal();
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().get("WWW-Authenticate").get(0)).contains("invalid_token");
    }

    @Test
    void whoMayNotGets403WithTheBodyOfSpring() {
        ConnectFailedException refused = as("/admin", basic("ada")).refusal();
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("\"error\":\"Forbidden\"");
    }

    @Test
    void methodSecurityDecidesBeforeTheUpgrade() throws Exception {
        assertThat(as("/method", basic("root")).next()).isEqualTo("root");
        assertThat(as("/method", basic("ada")).refusal().statusCode()).isEqualTo(403);
        assertThat(asNobody("/method").refusal().statusCode()).isEqualTo(401);
        assertThat(opened().sockets).hasSize(1);
    }

    @Test
    void anEndpointWithoutAControllerIsSecuredToo() throws Exception {
        assertThat(asNobody("/endpoint").refusal().statusCode()).isEqualTo(401);
        assertThat(as("/endpoint", basic("ada")).next()).isEqualTo("ada");
    }

    @Test
    void nobodyIsOnAnOpenSocket() throws Exception {
        Heard heard = asNobody("/open");
        assertThat(heard.next()).isEqualTo("nobody");
        assertThat(opened().sockets.element().principal()).isNull();
    }

    @Test
    void listenersRunWhereNobodyIsLoggedIn() throws Exception {
        Heard heard = as("/context", basic("ada"));
        assertThat(heard.next()).isEqualTo("open: null");
        heard.socket.send("who?");
        assertThat(heard.next()).isEqualTo("message: null");
        assertThat(opened().sockets.element().principal().getName()).isEqualTo("ada");
    }

    /** A handshake is a GET: it changes nothing, and needs no token against forged requests; a POST does. */
    @Test
    void aHandshakeNeedsNoCsrfToken() throws Exception {
        assertThat(asNobody("/open").next()).isEqualTo("nobody");
        assertThat(server.exchange("POST /open HTTP/1.1", "Content-Length: 0", "Authorization: " + basic("ada")))
                .startsWith("HTTP/1.1 403 ");
    }

    /** CVE-2026-41700, CVE-2020-14368, CVE-2023-2886, cross-site hijacking: the browser sends the cookie of the session along, whatever page asks. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example",
                "null",
                "http://127.0.0.1.evil.example",
                "http://127.0.0.1:1",
                "https://127.0.0.1:{port}"
            })
    void aForeignPageGets403DespiteTheSession(String origin) throws Exception {
        server.logIn("ada");
        String from = "Origin: " + origin.replace("{port}", "" + server.port());
        assertThat(server.handshake("/secret", from, "Cookie: " + server.cookies()))
                .startsWith("HTTP/1.1 403 ");
        assertThat(server.handshake(
                        "/secret", "Origin: http://127.0.0.1:" + server.port(), "Cookie: " + server.cookies()))
                .startsWith("HTTP/1.1 101 ");
    }

    /** A browser shows a stream to a page of another origin only if the response says so; Spring MVC sees to that. */
    @Test
    void aForeignPageGetsAStreamOnlyWhereItIsAllowed() throws Exception {
        assertThat(server.exchange("GET /news HTTP/1.1", "Origin: https://evil.example"))
                .startsWith("HTTP/1.1 403 ");
        assertThat(opened().streams).isEmpty();
        Stream events = Stream.open(server, "/news", "Origin", "https://friend.example");
        assertThat(events.headers()).contains("Access-Control-Allow-Origin: https://friend.example");
        assertThat(events.next()).isEqualTo("data: news");
        Stream closed =
                Stream.open(server, "/events", "Authorization", basic("ada") + "\r\nOrigin: https://evil.example");
        assertThat(closed.headers()).noneMatch(header -> header.startsWith("Access-Control-"));
        events.leave();
        closed.leave();
    }

    /** CVE-2026-39852, CVE-2023-6394, CVE-2025-41254: other spellings of a path that needs a login. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/secret;x",
                "/secret;x=1",
                "/;x/secret",
                "//secret",
                "/./secret",
                "/open/../secret",
                "/%2e/secret",
                "/%2E%2E/secret",
                "/%2fsecret",
                "/open/%2e%2e/secret",
                "/secret/",
                "/secret/.",
                "/secret%2f",
                "/secret%00",
                "/secret%20",
                "/secret%0a",
                "/%73ecret",
                "/secret.json",
                "/SECRET",
                "/Secret",
                "/secret?x=/open",
                "/secret#x",
                "\\secret",
                "/%5csecret",
                "http://127.0.0.1/secret",
                "/secret\t"
            })
    void noSpellingOfASecuredPathGetsAround(String path) throws Exception {
        assertThat(server.handshake(path)).matches("(?s)HTTP/1.1 (400|401|403|404) .*");
        assertThat(opened().sockets).isEmpty();
    }

    @Test
    void anEventStreamEndsWithoutAWordInTheLog(CapturedOutput output) throws Exception {
        Stream events = Stream.open(server, "/events", "Authorization", basic("ada"));
        assertThat(events.next()).isEqualTo("data: ada");
        opened().streams.element().close();
        events.awaitEnd();
        await().until(() -> server.bean(ConnectionGroup.class).size() == 0);
        assertThat(output.getAll()).doesNotContain("AccessDenied", "AuthorizationDenied", "ERROR", "WARN");
    }

    @Test
    void aClientThatLeavesAnEventStreamLeavesNothingInTheLog(CapturedOutput output) throws Exception {
        Stream events = Stream.open(server, "/events", "Authorization", basic("ada"));
        assertThat(events.next()).isEqualTo("data: ada");
        events.leave();
        EventSource stream = opened().streams.element();
        await().until(() -> {
            stream.send("is anybody there?");
            return !stream.isOpen();
        });
        await().until(() -> server.bean(ConnectionGroup.class).size() == 0);
        assertThat(output.getAll()).doesNotContain("AccessDenied", "AuthorizationDenied", "ERROR", "WARN");
    }

    /** Where there is a form to log in with, Spring Security leads there. */
    @Test
    void anEventStreamNeedsALoginToo() throws Exception {
        assertThat(server.exchange("GET /events HTTP/1.1", "Accept: text/event-stream"))
                .startsWith("HTTP/1.1 302 ")
                .contains("/login\r\n");
        assertThat(opened().streams).isEmpty();
    }
}
