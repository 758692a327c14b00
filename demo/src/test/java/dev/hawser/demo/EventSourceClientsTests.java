package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.connection.ConnectionGroup;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.chrome.ChromeDriver;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.CookieValue;
import org.springframework.web.bind.annotation.CrossOrigin;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Event streams as clients see them that we did not write: Chromium's EventSource, npm's, and curl. */
class EventSourceClientsTests {

    /** What must come back as it was, in a header in UTF-8. */
    private static final String ID = "häh 😀\u2028%0A&=+,;\"\\";

    private static final BlockingQueue<String> asked = new LinkedBlockingQueue<>();

    @TempDir
    private Path profile;

    private final List<ServletWebServerApplicationContext> applications = new ArrayList<>();

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Endpoints.class)
    static class Application {}

    @RestController
    static class Endpoints {

        @GetMapping(path = "/page", produces = "text/html")
        String page(HttpServletResponse response) {
            response.addHeader("Set-Cookie", "user=ann");
            return "<!doctype html><title>Page</title>";
        }

        /** One event, and when a client comes back for more, there is none. */
        @GetMapping("/once")
        void once(EventSource events, HttpServletResponse response, @RequestParam(defaultValue = ID) String id) {
            asked.add(events.lastEventId());
            if (!events.lastEventId().isEmpty()) {
                response.setStatus(204);
                return;
            }
            events.comment("one event\nand no more");
            events.send("only\r\none", event -> event.id(id).retry(Duration.ofMillis(50)));
            events.close();
        }

        @CrossOrigin(originPatterns = "http://127.0.0.1:*", allowCredentials = "true")
        @GetMapping("/crossing")
        void crossing(EventSource events, @CookieValue(required = false) String user) {
            events.send("for " + user);
        }

        @GetMapping("/closed")
        void closed(EventSource events) {
            events.send("not for strangers");
        }

        @GetMapping("/news")
        void news(EventSource events, HttpServletRequest request) {
            events.send("from port " + request.getRemotePort() + " with " + request.getProtocol());
        }
    }

    private String start(String... properties) {
        String[] arguments = Stream.concat(
                        Stream.of("--server.port=0", "--spring.main.banner-mode=off"),
                        Stream.of(properties).map(property -> "--" + property))
                .toArray(String[]::new);
        ServletWebServerApplicationContext application =
                (ServletWebServerApplicationContext) new SpringApplication(Application.class).run(arguments);
        applications.add(application);
        asked.clear();
        return "http://127.0.0.1:" + application.getWebServer().getPort();
    }

    private int open() {
        return applications.get(0).getBean(ConnectionGroup.class).size();
    }

    @AfterEach
    void stop() {
        applications.forEach(ServletWebServerApplicationContext::close);
    }

    private static void assertThatItAskedTwice() {
        await().during(Duration.ofSeconds(1))
                .until(() -> asked.size() == 2); // 20 times what it waits before it comes back
        assertThat(asked).containsExactly("", ID);
    }

    @Test
    void npmsEventSourceTellsTheLastIdAndDoesNotComeBackAfter204() throws Exception {
        NpmClientsTests.install();
        Program program = Program.run(
                NpmClientsTests.FOLDER, Duration.ofSeconds(60), "node", "stay-away.js", start() + "/once?id=4~1");
        assertThat(program.exitCode()).as(program.toString()).isZero(); // nothing was left to do
        JsonNode result = JsonMapper.shared().readTree(program.output());
        assertThat(result.get("code").asInt()).isEqualTo(204);
        assertThat(result.get("ids")).hasSize(1);
        assertThat(result.get("ids").get(0).asString()).isEqualTo("4~1");
        assertThat(asked).containsExactly("", "4~1");
    }

    @Test
    void chromiumTellsTheLastIdAndDoesNotComeBackAfter204() throws IOException {
        String url = start();
        ChromeDriver browser = Chromium.start(profile);
        try {
            browser.get(url + "/page");
            assertThat(browser.executeAsyncScript("""
                            const done = arguments[arguments.length - 1];
                            const source = new EventSource('/once');
                            const heard = [];
                            source.onmessage = event => heard.push(event.data, event.lastEventId);
                            source.onerror = () => { if (source.readyState === EventSource.CLOSED) done(heard); };
                            """)).isEqualTo(List.of("only\none", ID));
            await().during(Duration.ofSeconds(1)).until(() -> asked.size() == 2); // 20 times what it waits to come back
            assertThat(asked).containsExactly("", ID);
        } finally {
            browser.quit();
        }
    }

    @Test
    void aPageOfAnotherOriginGetsInChromiumWhatItMaySeeAndNoMore() throws IOException {
        String page = start();
        String other = start();
        ChromeDriver browser = Chromium.start(profile);
        try {
            browser.get(page + "/page");
            String script = """
                    const done = arguments[arguments.length - 1];
                    const source = new EventSource(arguments[0], { withCredentials: arguments[1] });
                    source.onmessage = event => { source.close(); done(event.data); };
                    source.onerror = () => { if (source.readyState === EventSource.CLOSED) done('nothing'); };
                    """;
            Map.of("/crossing true", "for ann", "/crossing false", "for null", "/closed false", "nothing")
                    .forEach((how, heard) -> {
                        String[] path = how.split(" ");
                        assertThat(browser.executeAsyncScript(script, other + path[0], Boolean.valueOf(path[1])))
                                .as(how)
                                .isEqualTo(heard);
                    });
        } finally {
            browser.quit();
        }
    }

    /** The stream goes on: what curl prints has left by itself. */
    @Test
    void curlGetsCompressedEventsOneByOne() throws Exception {
        String url = start("server.compression.enabled=true", "server.compression.mime-types=text/event-stream");
        assertThat(curl("--compressed", url + "/news"))
                .startsWith("HTTP/1.1 200")
                .containsIgnoringCase("Content-Encoding: gzip")
                .containsPattern("\n\ndata: from port \\d+ with HTTP/1.1\n\n$");
        await().atMost(Duration.ofSeconds(30)).until(() -> open() == 0);
    }

    @Test
    void curlGetsEventsByHttp2AndItsEndIsNoticed() throws Exception {
        String url = start("server.http2.enabled=true");
        assertThat(curl("--http2-prior-knowledge", url + "/news"))
                .startsWith("HTTP/2 200")
                .containsPattern("\n\ndata: from port \\d+ with HTTP/2.0\n\n$");
        await().atMost(Duration.ofSeconds(30)).until(() -> open() == 0);
    }

    private static String curl(String... arguments) throws Exception {
        String curl = RequiredTool.find("curl").toString();
        String[] command = Stream.concat(Stream.of(curl, "-sNi", "--max-time", "3"), Stream.of(arguments))
                .toArray(String[]::new);
        return Program.run(Path.of("."), Duration.ofSeconds(20), command).output();
    }
}
