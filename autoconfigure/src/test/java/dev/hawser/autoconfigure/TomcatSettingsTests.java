package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Settings of the server, each with an application of its own on Tomcat. */
class TomcatSettingsTests {

    private static final BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();

    private ConfigurableApplicationContext application;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Endpoints.class)
    static class Application {}

    @RestController
    static class Endpoints {

        @GetMapping("/chat/{room}")
        void chat(@PathVariable String room, WebSocketRequest request) {
            String path = request.path();
            WebSocket socket = request.accept();
            socket.onMessage(message -> {
                threads.add(Thread.currentThread());
                socket.send(path + " " + socket.endpoint() + " " + room);
            });
            socket.onClose((code, reason) -> threads.add(Thread.currentThread()));
        }
    }

    private TestClient connect(String path, String... properties) {
        List<String> arguments = new ArrayList<>(List.of("--server.port=0", "--spring.main.banner-mode=off"));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        application = new SpringApplication(Application.class).run(arguments.toArray(String[]::new));
        threads.clear();
        return TestClient.connect(
                ((WebServerApplicationContext) application).getWebServer().getPort(), path);
    }

    @AfterEach
    void stop() {
        application.close();
    }

    @Test
    void behindAContextPathTheEndpointIsThePatternAndThePathIsWhole() {
        TestClient client = connect("/app/chat/lobby", "server.servlet.context-path=/app");
        assertThat(client.send("hello").receive()).isEqualTo("/app/chat/lobby /chat/{room} lobby");
        assertThat(application
                        .getBean(MeterRegistry.class)
                        .find("hawser.websocket.connections.opened")
                        .tag("uri", "/chat/{room}")
                        .counter())
                .isNotNull();
        client.abort();
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21, disabledReason = "Virtual threads are of JDK 21")
    void listenersRunOnVirtualThreadsIfThatIsWanted() throws Exception {
        TestClient client = connect("/chat/lobby", "spring.threads.virtual.enabled=true");
        client.send("hello").receive();
        assertThat(isVirtual()).isTrue();
        client.close(1000);
        assertThat(isVirtual()).isTrue();
    }

    @Test
    void listenersRunOnTomcatsThreadsOtherwise() throws Exception {
        TestClient client = connect("/chat/lobby");
        client.send("hello").receive();
        assertThat(threads.poll(10, TimeUnit.SECONDS).getName()).startsWith("http-nio-");
        client.abort();
    }

    private static boolean isVirtual() throws Exception {
        Thread thread = threads.poll(10, TimeUnit.SECONDS);
        assertThat(thread).isNotNull();
        return (boolean) Thread.class.getMethod("isVirtual").invoke(thread); // not there before JDK 21
    }
}
