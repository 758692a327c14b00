package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.websocket.WebSocket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;

/** What an application does that cannot work is said once, with what to change. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        classes = MisuseTests.Application.class,
        properties = "hawser.websocket.ping=50ms")
@ExtendWith(OutputCaptureExtension.class)
@DirtiesContext
class MisuseTests {

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(LogIn.class)
    static class Application {

        private final Queue<WebSocket> sockets = new ConcurrentLinkedQueue<>();
        private final CountDownLatch enough = new CountDownLatch(1);

        @Bean
        WebSocketEndpoint blocking() {
            return WebSocketEndpoint.at("/blocking", socket -> {
                sockets.add(socket);
                socket.onMessage(message -> {
                    try {
                        enough.await();
                    } catch (InterruptedException interrupted) {
                        Thread.currentThread().interrupt();
                    }
                });
            });
        }

        @Bean
        WebSocketEndpoint busy() {
            return WebSocketEndpoint.at("/busy", socket -> socket.onMessage(socket::send));
        }

        @Bean
        WebSocketEndpoint late() {
            return WebSocketEndpoint.at("/late", sockets::add);
        }

        @Bean
        WebSocketEndpoint undecided() {
            return WebSocketEndpoint.onRequest("/undecided", request -> {});
        }
    }

    @LocalServerPort
    private int port;

    @Autowired
    private Application application;

    @Test
    void aListenerThatBlocksIsNamedOnceAndOneThatIsBusyIsNot(CapturedOutput output) {
        TestClient busy = TestClient.connect(port, "/busy");
        for (int i = 0; i < 500; i++) {
            busy.send("again");
        }
        TestClient client = TestClient.connect(port, "/blocking");
        TestClient other = TestClient.connect(port, "/blocking");
        client.send("?");
        other.send("?");
        await().untilAsserted(() -> assertThat(output)
                .containsPattern("WARN .*dev.hawser.websocket.misuse .*A listener of \\[[0-9a-z]+] at"
                        + " /blocking has been running for PT[0-9.]+S or longer"));
        await().until(() -> application.sockets.stream()
                .filter(socket -> socket.endpoint().equals("/blocking"))
                .allMatch(socket -> socket.statistics().messagesReceived() == 1));
        application.enough.countDown();
        assertThat(output).containsOnlyOnce("A listener of [").doesNotContain("at /busy");
        client.abort();
        other.abort();
        busy.abort();
    }

    @Test
    void aListenerThatComesTooLateIsNamed(CapturedOutput output) {
        TestClient client = TestClient.connect(port, "/late");
        client.send("lost");
        client.send("lost, too");
        WebSocket socket = await().until(
                        () -> application.sockets.stream()
                                .filter(one -> one.endpoint().equals("/late"))
                                .findFirst()
                                .orElse(null),
                        one -> one != null && one.statistics().messagesReceived() == 2);
        socket.onMessage(socket::send);
        socket.onMessage(message -> {});
        assertThat(output)
                .containsOnlyOnce("onMessage was called for [" + socket.id()
                        + "] at /late when 2 messages had come already, which nobody heard");
        client.abort();
    }

    @Test
    void aRequestOnWhichNobodyDecidesIsNamedOnce(CapturedOutput output) {
        assertThat(TestClient.refusal(port, "/undecided", builder -> builder)).isEqualTo(500);
        assertThat(TestClient.refusal(port, "/undecided", builder -> builder)).isEqualTo(500);
        assertThat(output)
                .containsOnlyOnce("WebSocketEndpoint at /undecided must accept, reject or defer its WebSocketRequest");
    }
}
