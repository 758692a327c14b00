package dev.hawser.tests.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.client.ClientOptions;
import dev.hawser.websocket.client.WebSocketClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;

/** Settings of the server, each with an application of its own on Jetty. */
class JettySettingsTests {

    private final WebSocketClient client = WebSocketClient.create(ClientOptions.DEFAULT);
    private ServletWebServerApplicationContext application;

    private JettyApplication.Log start(String... properties) {
        List<String> arguments = new ArrayList<>(List.of("--server.port=0", "--spring.main.banner-mode=off"));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        application = (ServletWebServerApplicationContext)
                new SpringApplication(JettyApplication.class).run(arguments.toArray(String[]::new));
        return application.getBean(JettyApplication.Log.class);
    }

    private Heard connect(String path, String... headers) {
        return new Heard(
                client.connect("ws://localhost:" + application.getWebServer().getPort() + path, options -> {
                    for (int i = 0; i < headers.length; i += 2) {
                        options.header(headers[i], headers[i + 1]);
                    }
                }));
    }

    @AfterEach
    void stop() {
        client.close();
        application.close();
    }

    @Test
    void anApplicationThatStopsClosesItsSocketsWith1001BeforeJettyWaits() throws Exception {
        JettyApplication.Log log = start("server.shutdown=graceful", "spring.lifecycle.timeout-per-shutdown-phase=30s");
        Heard echo = connect("/echo");
        echo.socket.send("hello");
        assertThat(echo.message()).isEqualTo("hello");
        application.close();
        assertThat(echo.closeCode()).isEqualTo(1001);
        assertThat(log.closed().poll(10, TimeUnit.SECONDS)).isEqualTo("echo 1001");
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21, disabledReason = "Virtual threads are of JDK 21")
    void listenersRunOnVirtualThreadsIfThatIsWanted() throws Exception {
        JettyApplication.Log log = start("spring.threads.virtual.enabled=true");
        Heard echo = connect("/echo");
        echo.socket.send("hello");
        assertThat(echo.message()).isEqualTo("hello");
        Thread thread = log.threads().poll(10, TimeUnit.SECONDS);
        assertThat(Thread.class.getMethod("isVirtual").invoke(thread)).isEqualTo(true);
        echo.socket.close();
        assertThat(echo.closeCode()).isEqualTo(1000);
    }

    @Test
    void behindAContextPathTheEndpointIsThePatternAndThePathIsWhole() throws Exception {
        start("server.servlet.context-path=/app");
        int port = application.getWebServer().getPort();
        assertThat(connect("/app/who").message())
                .isEqualTo("127.0.0.1 ws://localhost:" + port + "/app/who /app/who /who");
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "framework"})
    void forwardedHeadersAreBelievedWhereTheStrategySaysSo(String strategy) throws Exception {
        start("server.forward-headers-strategy=" + strategy);
        Heard who = connect(
                "/who",
                "X-Forwarded-For",
                "203.0.113.7",
                "X-Forwarded-Proto",
                "https",
                "X-Forwarded-Host",
                "chat.example",
                "Origin",
                "https://chat.example");
        assertThat(who.message()).isEqualTo("203.0.113.7 wss://chat.example/who /who /who");
    }
}
