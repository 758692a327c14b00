package dev.hawser.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.spring.ConnectionLifetimes;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.protocol.ReadyState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** What the README says of security is so. */
class ReadmeTests {

    private static volatile Instant now = Instant.EPOCH;

    private Server server;

    /** With a clock that a test sets. */
    @Configuration(proxyBeanMethods = false)
    @Import(ReadmeApplication.class)
    static class Application {

        @Bean
        ConnectionLifetimes lifetimes(ConnectionGroup group) {
            return new ConnectionLifetimes(group, () -> now);
        }
    }

    @BeforeEach
    void start() {
        server = new Server(Application.class, "--hawser.websocket.protocols=chat.v2");
    }

    @AfterEach
    void stop() {
        server.close();
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
        Instant soon = Instant.now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(60);
        now = soon.minusMillis(1);
        String token = Tokens.token("grace", soon);
        Heard refreshed = server.connect("/feed", options -> options.header("Authorization", "Bearer " + token));
        Heard other = server.connect("/feed", options -> options.header("Authorization", "Bearer " + token));
        refreshed.socket.send(Tokens.token("grace", soon.plusSeconds(3600)));
        assertThat(refreshed.next()).startsWith("Until ");
        other.socket.send(Tokens.token("mallory", soon.plusSeconds(3600)));
        await().until(() -> other.socket.state() == ReadyState.OPEN);
        CountDownLatch heard = new CountDownLatch(1);
        other.socket.ping("heard?", heard::countDown);
        assertThat(heard.await(10, TimeUnit.SECONDS)).isTrue();

        now = soon;
        assertThat(other.closed()).isEqualTo("1008 Token expired");
        refreshed.socket.send(Tokens.token("grace", soon.plusSeconds(7200)));
        assertThat(refreshed.next()).startsWith("Until ");
        refreshed.socket.send("not a token");
        assertThat(refreshed.closed()).startsWith("1011");
    }
}
