package dev.hawser.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.spring.ConnectionLifetimes;
import dev.hawser.websocket.protocol.ReadyState;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.session.SessionDestroyedEvent;
import org.springframework.security.core.session.SessionIdChangedEvent;

/** Connections end with the session of Spring Security that they were opened with. */
class SessionTests {

    private Server server;

    @AfterEach
    void stop() {
        server.close();
    }

    private int followed() {
        return server.bean(ConnectionLifetimes.class).size();
    }

    private void assertOpen(Heard heard) throws Exception {
        heard.socket.send("still there?");
        assertThat(heard.next()).isEqualTo("still there?");
    }

    @Test
    void loggingOutClosesSocketsAndStreams() throws Exception {
        server = new Server(SecuredApplication.class);
        server.logIn("ada");
        Heard heard = server.connect("/secret");
        assertThat(heard.next()).isEqualTo("ada");
        Stream events = Stream.open(server, "/events", "Cookie", server.cookies());
        assertThat(events.next()).isEqualTo("data: ada");

        server.post("/logout", "");
        assertThat(heard.closed()).isEqualTo("1008 Session ended");
        events.awaitEnd();
        await().until(() -> followed() == 0);
    }

    @Test
    void loggingOutClosesThemWhereTheSessionGoesOn() throws Exception {
        server = new Server(SecuredApplication.class, "--keep-session=true");
        server.logIn("ada");
        Heard heard = server.connect("/secret");
        assertThat(heard.next()).isEqualTo("ada");
        String session = server.cookies();
        server.post("/logout", "");
        assertThat(heard.closed()).isEqualTo("1008 Session ended");
        assertThat(server.cookies()).isEqualTo(session);
    }

    @Test
    void aSessionThatHasEndedOpensNothing() throws Exception {
        server = new Server(SecuredApplication.class);
        server.logIn("ada");
        String session = "Cookie: " + server.cookies();
        assertThat(server.handshake("/secret", session)).startsWith("HTTP/1.1 101 ");
        server.post("/logout", "");
        assertThat(server.handshake("/secret", session)).startsWith("HTTP/1.1 401 ");
        assertThat(server.exchange("GET /events HTTP/1.1", session)).startsWith("HTTP/1.1 401 ");
    }

    /** CVE-2026-76183 (Tomcat), both ways: a peer that takes no notice of the close frame and goes on sending. */
    @Test
    void nothingIsHeardOnceTheSessionHasEnded() throws Exception {
        server = new Server(SecuredApplication.class);
        SecuredApplication.Opened opened = server.bean(SecuredApplication.Opened.class);
        server.logIn("ada");
        try (Socket raw = server.upgraded("/secret", "Cookie: " + server.cookies())) {
            byte[] hello = {(byte) 0x81, (byte) 0x85, 0, 0, 0, 0, 'h', 'e', 'l', 'l', 'o'};
            byte[] late = {(byte) 0x81, (byte) 0x84, 0, 0, 0, 0, 'l', 'a', 't', 'e'};
            raw.getOutputStream().write(hello);
            InputStream in = raw.getInputStream();
            assertThat(in.readNBytes(5)).isEqualTo(new byte[] {(byte) 0x81, 3, 'a', 'd', 'a'});
            assertThat(in.readNBytes(7)).endsWith('h', 'e', 'l', 'l', 'o');

            server.post("/logout", "");
            raw.getOutputStream().write(late);
            assertThat(opened.sockets.element().send("to nobody")).isFalse();
            byte[] rest = in.readAllBytes();
            assertThat(rest).startsWith(0x88, 2 + "Session ended".length(), 1008 >> 8, 1008 & 0xff);
            assertThat(new String(rest, 4, rest.length - 4, StandardCharsets.US_ASCII))
                    .isEqualTo("Session ended");
            await().until(() -> opened.sockets.element().state() == ReadyState.CLOSED);
            assertThat(opened.messages).containsExactly("hello");
        }
    }

    /** Spring Security gives a session another id at the login, against session fixation. */
    @Test
    void aLoginKeepsTheSocketsOfItsSession() throws Exception {
        server = new Server(SecuredApplication.class);
        server.get("/login"); // begins a session, for the token against forged requests
        String anonymous = server.cookies();
        assertThat(anonymous).isNotEmpty();
        Heard heard = server.connect("/open");
        assertThat(heard.next()).isEqualTo("nobody");
        assertThat(followed()).isOne();

        server.logIn("ada");
        assertThat(server.cookies()).isNotEqualTo(anonymous);
        assertOpen(heard);
        server.post("/logout", "");
        assertThat(heard.closed()).isEqualTo("1008 Session ended");
    }

    @Test
    void theEventsOfSpringSecurityCount() throws Exception {
        server = new Server(SecuredApplication.class);
        server.logIn("ada");
        Heard heard = server.connect("/secret");
        assertThat(heard.next()).isEqualTo("ada");
        String id = server.cookies().replaceAll(".*JSESSIONID=\"?([^;\"]+).*", "$1");
        server.application.publishEvent(new SessionIdChangedEvent(this) {
            @Override
            public String getOldSessionId() {
                return id;
            }

            @Override
            public String getNewSessionId() {
                return "new";
            }
        });
        server.application.publishEvent(new SessionDestroyedEvent(this) {
            @Override
            public List<SecurityContext> getSecurityContexts() {
                return List.of();
            }

            @Override
            public String getId() {
                return "new";
            }
        });
        assertThat(heard.closed()).isEqualTo("1008 Session ended");
    }

    @Test
    void whoHasNoSessionIsNotFollowed() throws Exception {
        server = new Server(SecuredApplication.class);
        Heard heard = server.connect("/open", options -> {});
        assertThat(heard.next()).isEqualTo("nobody");
        assertThat(heard.socket.headers()).doesNotContainKey("Set-Cookie");
        assertThat(followed()).isZero();
    }
}
