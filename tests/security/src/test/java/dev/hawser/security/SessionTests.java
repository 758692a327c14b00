package dev.hawser.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.spring.ConnectionLifetimes;
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

    @Test
    void nothingIsHeardOnceTheSessionHasEnded() throws Exception {
        server = new Server(SecuredApplication.class);
        server.logIn("ada");
        Heard heard = server.connect("/secret");
        assertThat(heard.next()).isEqualTo("ada");
        dev.hawser.websocket.WebSocket socket =
                server.bean(SecuredApplication.Opened.class).sockets.element();
        java.util.Queue<String> late = new java.util.concurrent.ConcurrentLinkedQueue<>();
        server.post("/logout", "");
        socket.onMessage(message -> late.add(message.text()));
        assertThat(socket.send("too late")).isFalse();
        heard.socket.send("too late");
        assertThat(heard.closed()).isEqualTo("1008 Session ended");
        assertThat(late).isEmpty();
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
