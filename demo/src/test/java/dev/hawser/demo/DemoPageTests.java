package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The demo's page in a browser, through a restart of the server. */
@Tag("once")
class DemoPageTests {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path profile;

    private ChromeDriver browser;
    private ConfigurableApplicationContext server;
    private int port;

    @BeforeEach
    void start() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        startServer();
        browser = Chromium.start(profile);
    }

    @AfterEach
    void stop() {
        if (browser != null) {
            browser.quit();
        }
        if (server != null) {
            server.close();
        }
    }

    @Test
    void thePageEchoesAndTicksAndSurvivesARestartOfTheServer() throws IOException {
        browser.get("http://127.0.0.1:" + port + "/");
        echo("Hello, world!");
        assertThat(text("round-trip")).matches("\\d+\\.\\d ms");
        long seen = awaitTicksAfter(0);
        Files.write(Path.of("target/demo-page.png"), browser.getScreenshotAs(OutputType.BYTES));

        server.close();
        await().atMost(PATIENCE).until(() -> text("socket-state").equals("reconnecting"));
        await().atMost(PATIENCE).until(() -> text("events-state").equals("reconnecting"));
        startServer();

        echo("Hello again");
        awaitTicksAfter(seen);
        assertThat(text("repeated")).isEqualTo("0");
    }

    @Test
    void whatIsSaidInARoomIsThereForThoseWhoComeLater() throws IOException {
        browser.get("http://127.0.0.1:" + port + "/");
        say("Hello <b>tea</b>");
        browser.findElement(By.id("chat-room")).sendKeys("coffee");
        await().atMost(PATIENCE).until(() -> text("chat-log").isEmpty());
        say("Hello coffee");
        assertThat(text("chat-log")).doesNotContain("tea");
        String first = browser.getWindowHandle();
        browser.switchTo().newWindow(WindowType.TAB);
        browser.get("http://127.0.0.1:" + port + "/");
        await().atMost(PATIENCE).until(() -> text("chat-log").contains("Hello <b>tea</b>"));
        browser.findElement(By.id("chat-room")).sendKeys("coffee");
        await().atMost(PATIENCE).until(() -> text("chat-log").contains("Hello coffee"));
        say("Hello again");
        browser.switchTo().window(first);
        await().atMost(PATIENCE).until(() -> text("chat-log").contains("Hello again"));
        Files.write(Path.of("target/demo-chat.png"), browser.getScreenshotAs(OutputType.BYTES));

        server.close();
        await().atMost(PATIENCE).until(() -> text("chat-state").equals("reconnecting"));
        startServer();
        say("After the restart");
        assertThat(text("chat-log")).doesNotContain("Hello again"); // in the memory of one node it is forgotten
    }

    private void say(String text) {
        await().atMost(PATIENCE).until(() -> text("chat-state").equals("open"));
        browser.findElement(By.id("chat-text")).sendKeys(text);
        browser.findElement(By.id("chat-send")).click();
        await().atMost(PATIENCE).until(() -> text("chat-log").contains(text));
    }

    /** Chromium offers permessage-deflate with client_max_window_bits by itself. */
    @Test
    void chromiumAgreesOnCompressionWhereItIsSwitchedOn() {
        server.close();
        String prefix = "--hawser.websocket.extensions.permessage-deflate.";
        startServer(prefix + "enabled=true", prefix + "threshold=0", prefix + "client-max-window-bits=12");
        browser.get("http://127.0.0.1:" + port + "/");
        Object result = browser.executeAsyncScript("""
                const done = arguments[arguments.length - 1];
                const words = JSON.stringify(Array.from({ length: 300 }, (_, i) => ({ id: i, name: 'rope ' + i })));
                const noise = crypto.getRandomValues(new Uint8Array(60000));
                const messages = ['Hello', words, noise, '', words, 'Hello'];
                const socket = new WebSocket('ws://' + location.host + '/echo');
                socket.binaryType = 'arraybuffer';
                let right = 0;
                socket.onopen = () => messages.forEach(message => socket.send(message));
                socket.onmessage = ({ data }) => {
                  const want = messages[right];
                  const same = typeof want === 'string' ? data === want : want.every((b, i) => b === new Uint8Array(data)[i]);
                  if (!same) done('wrong: ' + right);
                  if (++right === messages.length) socket.close(1000);
                };
                socket.onclose = event => done(socket.extensions + ' ' + right + ' ' + event.code);
                """);
        assertThat(result).isEqualTo("permessage-deflate; client_max_window_bits=12 6 1000");
        MeterRegistry meters = server.getBean(MeterRegistry.class);
        for (String direction : List.of("inbound", "outbound")) {
            assertThat(meters.get("hawser.websocket.compression.ratio")
                            .tags("uri", "/echo", "direction", direction)
                            .summary()
                            .count())
                    .isGreaterThanOrEqualTo(5);
        }
    }

    private void startServer(String... more) {
        List<String> arguments = new ArrayList<>(List.of("--server.port=" + port));
        arguments.addAll(List.of(more));
        server = SpringApplication.run(DemoApplication.class, arguments.toArray(String[]::new));
    }

    private void echo(String message) {
        await().atMost(PATIENCE).until(() -> text("socket-state").equals("open"));
        browser.findElement(By.id("message")).sendKeys(message);
        browser.findElement(By.id("send")).click();
        await().atMost(PATIENCE).until(() -> text("log").startsWith(message));
    }

    /** Waits for two ticks after {@code id}; the last one's id. */
    private long awaitTicksAfter(long id) {
        await().atMost(PATIENCE)
                .until(() -> ticks().stream().filter(tick -> tick > id).count() >= 2);
        List<Long> ticks = ticks();
        assertThat(ticks).isSortedAccordingTo((a, b) -> Long.compare(b, a)).doesNotHaveDuplicates();
        return ticks.get(0);
    }

    private List<Long> ticks() {
        Object ids = browser.executeScript("return [...document.querySelectorAll('#ticks li span:first-child')]"
                + ".map(span => span.textContent.replace('Tick ', ''))");
        return ((List<?>) ids).stream().map(id -> Long.valueOf(id.toString())).toList();
    }

    private String text(String id) {
        return browser.findElement(By.id(id)).getText();
    }
}
