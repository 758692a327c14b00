package dev.hawser.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.spring.ConnectionLifetimes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.session.MapSession;
import org.springframework.session.MapSessionRepository;
import org.springframework.session.Session;
import org.springframework.session.config.annotation.web.http.EnableSpringHttpSession;
import org.springframework.session.events.SessionDeletedEvent;
import org.springframework.session.events.SessionExpiredEvent;

/** The same with Spring Session: the container knows nothing of these sessions. */
class SpringSessionTests {

    private static final Map<String, Session> sessions = new ConcurrentHashMap<>();

    private Server server;

    @Configuration(proxyBeanMethods = false)
    @EnableSpringHttpSession
    @Import(SecuredApplication.class)
    static class Application {

        /** A store that publishes nothing by itself. */
        @Bean
        MapSessionRepository repository() {
            return new MapSessionRepository(sessions);
        }
    }

    @BeforeEach
    void start() {
        sessions.clear();
        server = new Server(Application.class);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static Session session() {
        assertThat(sessions).hasSize(1);
        return new MapSession(sessions.values().iterator().next());
    }

    @Test
    void aSessionThatIsDeletedClosesItsSockets() throws Exception {
        server.logIn("ada");
        Heard heard = server.connect("/secret");
        assertThat(heard.next()).isEqualTo("ada");
        server.application.publishEvent(new SessionDeletedEvent(this, session()));
        assertThat(heard.closed()).isEqualTo("1008 Session ended");
        await().until(() -> server.bean(ConnectionLifetimes.class).size() == 0);
    }

    @Test
    void aSessionThatExpiresClosesItsStreams() throws Exception {
        server.logIn("ada");
        Stream events = Stream.open(server, "/events", "Cookie", server.cookies());
        assertThat(events.next()).isEqualTo("data: ada");
        server.application.publishEvent(new SessionExpiredEvent(this, session()));
        events.awaitEnd();
    }

    @Test
    void aLoginKeepsTheSocketsOfItsSession() throws Exception {
        server.get("/login");
        String anonymous = session().getId();
        Heard heard = server.connect("/open");
        assertThat(heard.next()).isEqualTo("nobody");
        server.logIn("ada");
        assertThat(session().getId()).isNotEqualTo(anonymous);
        server.application.publishEvent(new SessionDeletedEvent(this, new MapSession(anonymous)));
        heard.socket.send("still there?");
        assertThat(heard.next()).isEqualTo("still there?");
        server.application.publishEvent(new SessionDeletedEvent(this, session()));
        assertThat(heard.closed()).isEqualTo("1008 Session ended");
    }

    @Test
    void loggingOutNeedsNoEventOfTheStore() throws Exception {
        server.logIn("ada");
        Heard heard = server.connect("/secret");
        assertThat(heard.next()).isEqualTo("ada");
        server.post("/logout", "");
        assertThat(heard.closed()).isEqualTo("1008 Session ended");
    }
}
