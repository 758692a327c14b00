package dev.hawser.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.spring.AuthenticationExpiry;
import dev.hawser.spring.ConnectionLifetimes;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Connections end with their bearer token; and a token among the subprotocols stays a secret. */
@ExtendWith(OutputCaptureExtension.class)
class TokenTests {

    private Server server;

    @Configuration(proxyBeanMethods = false)
    @Import({ReadmeApplication.class, Chat.class})
    static class Chats {}

    @RestController
    static class Chat {

        /** As {@code hawser.websocket.protocols} says. */
        @GetMapping("/chat")
        void chat(WebSocket socket) {
            socket.send("Hello, " + socket.principal().getName() + " at " + socket.protocol());
            socket.onMessage(socket::send);
        }

        @GetMapping("/other")
        void other(WebSocketRequest request) {
            request.accept("chat.v3");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(SecuredApplication.class)
    static class OwnExpiry {

        @Bean
        AuthenticationExpiry expiry() {
            return principal -> principal.getName().equals("ada") ? Instant.EPOCH : null;
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Heard with(String path, String token) {
        return server.connect(path, options -> options.header("Authorization", "Bearer " + token));
    }

    @Test
    void aSocketIsClosedWhenItsTokenExpires() throws Exception {
        server = new Server(SecuredApplication.class);
        Heard heard = with("/secret", Tokens.token("grace", Instant.now().plusSeconds(2)));
        assertThat(heard.next()).isEqualTo("grace");
        Heard lasting = with("/secret", Tokens.token("grace", Instant.now().plusSeconds(3600)));
        assertThat(lasting.next()).isEqualTo("grace");
        assertThat(heard.closed()).isEqualTo("1008 Token expired");
        assertThat(lasting.isClosed()).isFalse();
        await().untilAsserted(() -> assertThat(server.bean(MeterRegistry.class)
                        .get("hawser.websocket.connections.closed")
                        .tag("uri", "/secret")
                        .tag("code", "1008")
                        .tag("cause", "authentication")
                        .counter()
                        .count())
                .isOne());
    }

    @Test
    void aStreamEndsWhenItsTokenExpires() throws Exception {
        server = new Server(SecuredApplication.class);
        String token = Tokens.token("grace", Instant.now().plusSeconds(2));
        Stream events = Stream.open(server, "/events", "Authorization", "Bearer " + token);
        assertThat(events.next()).isEqualTo("data: grace");
        events.awaitEnd();
    }

    /** Spring Security still takes a token for a minute, since clocks differ. */
    @Test
    void aTokenThatHasJustExpiredOpensASocketForNoMoreThanAMoment() {
        server = new Server(SecuredApplication.class);
        assertThat(with("/secret", Tokens.token("grace", Instant.now().minusSeconds(10)))
                        .closed())
                .isEqualTo("1008 Token expired");
    }

    @Test
    void propertiesLeaveThemOpen() throws Exception {
        server = new Server(
                SecuredApplication.class,
                "--hawser.websocket.close-on-token-expiry=false",
                "--hawser.eventsource.close-on-token-expiry=false");
        String token = Tokens.token("grace", Instant.now().minusSeconds(10));
        assertThat(with("/secret", token).next()).isEqualTo("grace");
        Stream events = Stream.open(server, "/events", "Authorization", "Bearer " + token);
        assertThat(events.next()).isEqualTo("data: grace");
        assertThat(server.bean(ConnectionLifetimes.class).size()).isZero();
        events.leave();
    }

    @Test
    void aBeanOfTheApplicationKnowsBetterWhenAnAuthenticationEnds() throws Exception {
        server = new Server(OwnExpiry.class);
        Heard ada = server.connect("/secret", options -> options.header("Authorization", basic("ada")));
        assertThat(ada.closed()).isEqualTo("1008 Token expired");
        Heard root = server.connect("/secret", options -> options.header("Authorization", basic("root")));
        assertThat(root.next()).isEqualTo("root");
    }

    private static String basic(String user) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":secret").getBytes());
    }

    /** CVE-2026-47893 (Spring): no header is shown. */
    @Test
    void aTokenAmongTheSubprotocolsIsReadAndShownNowhere(CapturedOutput output) throws Exception {
        server = new Server(
                Chats.class,
                "--hawser.websocket.protocols=chat.v2",
                "--logging.level.dev.hawser=trace",
                "--logging.level.org.springframework.web=debug",
                "--logging.level.org.springframework.security=debug");
        String token = Tokens.token("grace", Instant.now().plusSeconds(3));
        Heard heard = server.connect("/chat", options -> options.protocols("chat.v2", "access_token." + token));
        assertThat(heard.next()).isEqualTo("Hello, grace at chat.v2");
        assertThat(heard.socket.headers().get("Sec-WebSocket-Protocol")).containsExactly("chat.v2");

        String alone = server.handshake("/chat", "Sec-WebSocket-Protocol: access_token." + token);
        assertThat(alone).startsWith("HTTP/1.1 101 ").doesNotContain("Sec-WebSocket-Protocol", token);

        String notThere = server.handshake("/other", "Sec-WebSocket-Protocol: chat.v2, access_token." + token);
        assertThat(notThere).startsWith("HTTP/1.1 400 ").doesNotContain(token);

        String twice = "access_token." + token;
        assertThat(server.handshake("/chat", "Sec-WebSocket-Protocol: " + twice + ", " + twice))
                .startsWith("HTTP/1.1 400 ")
                .doesNotContain(token);
        assertThat(server.handshake("/chat", "Sec-WebSocket-Protocol: access_token." + token + "x"))
                .startsWith("HTTP/1.1 401 ");

        assertThat(heard.closed()).isEqualTo("1008 Token expired");
        String header = token.substring(0, token.indexOf('.'));
        String meters = server.bean(MeterRegistry.class).getMeters().stream()
                .map(meter -> meter.getId().toString())
                .reduce("", String::concat);
        assertThat(meters).contains("/chat").doesNotContain(header);
        assertThat(output.getAll())
                .contains("Handshake refused: bad-protocol 400 at ")
                .doesNotContain("access_token")
                .doesNotContain(header)
                .doesNotContain(token.substring(token.lastIndexOf('.') + 1));
    }
}
