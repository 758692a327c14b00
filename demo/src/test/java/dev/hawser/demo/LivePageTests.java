package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.spring.WebSocketEndpoints;
import dev.hawser.test.TestSocket;
import dev.hawser.test.WebSocketTestClient;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.protocol.ReadyState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogType;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The live figures on the demo's page, in a browser, of load that real sockets make. */
@Tag("once")
class LivePageTests {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final List<String> CHARTS =
            List.of("connections-chart", "messages-chart", "round-trips-chart", "slow-chart", "closes-chart");

    @TempDir
    private Path profile;

    private ChromeDriver browser;
    private ConfigurableApplicationContext server;
    private WebSocketTestClient client;
    private int port;

    @BeforeEach
    void start() throws IOException {
        port = Service.freePort();
        startServer();
        client = WebSocketTestClient.bindToServer(port);
        browser = Chromium.start(profile);
    }

    @AfterEach
    void stop() {
        try {
            if (browser != null) {
                assertThat(browser.manage().logs().get(LogType.BROWSER).getAll())
                        .as("what the browser complains of, such as the page's Content-Security-Policy")
                        .filteredOn(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                        .filteredOn(entry -> !entry.getMessage().contains("ERR_")) // the server was away
                        .filteredOn(entry -> !entry.getMessage().contains("WebSocket connection to"))
                        .filteredOn(entry -> !entry.getMessage().contains("willReadFrequently")) // the tests do
                        .isEmpty();
            }
        } finally {
            if (browser != null) {
                browser.quit();
            }
            client.close();
            server.close();
        }
    }

    private void startServer() {
        server = SpringApplication.run(DemoApplication.class, "--server.port=" + port, "--hawser.websocket.ping=1s");
    }

    private void open() {
        browser.get("http://127.0.0.1:" + port + "/");
        await().atMost(PATIENCE).until(() -> times().size() >= 2);
    }

    @Test
    void theViewFillsAndChartsAreDrawnInColoursThatTheSystemAsksForAlsoWhenItChangesItsMind() throws IOException {
        open();
        load();
        assertThat(text("summary")).startsWith("7 connections, all keep up");
        assertThat(text("live-state")).isEqualTo("open");
        for (String chart : CHARTS) {
            await(chart).atMost(PATIENCE).until(() -> drawn(chart, "series-0") > 10);
        }
        await().atMost(PATIENCE).until(() -> drawn("round-trips-chart", "series-3") > 10); // echoes
        assertThat(drawn("connections-chart", "series-1")).isGreaterThan(10);
        assertThat(drawn("messages-chart", "series-2")).isGreaterThan(10);
        List<String> light = colours();
        screenshot("light");

        emulate("prefers-color-scheme", "dark");
        for (String chart : CHARTS) {
            await(chart).atMost(PATIENCE).until(() -> drawn(chart, "series-0") > 10);
        }
        assertThat(colours()).doesNotContainAnyElementsOf(light);
        screenshot("dark");
    }

    @Test
    void seriesCanBeToldFromTheirGroundInLightAndDark() {
        open();
        for (String scheme : List.of("light", "dark")) {
            emulate("prefers-color-scheme", scheme);
            for (int series = 0; series < 4; series++) { // WCAG 2.2, 1.4.11 asks for 3:1, 1.4.3 for 4.5:1
                assertThat(contrast("series-" + series, "card"))
                        .as(scheme + " " + series)
                        .isGreaterThan(4.5);
            }
            assertThat(contrast("soft", "card")).as(scheme).isGreaterThan(4.5);
            assertThat(contrast("good", "good-ground")).as(scheme).isGreaterThan(4.5);
            assertThat(contrast("wait", "wait-ground")).as(scheme).isGreaterThan(4.5);
        }
    }

    @Test
    void figuresFollowWhatSocketsDo() {
        open();
        assertThat(figures("connections-table", "WebSockets").get(0)).isEqualTo("2"); // echo and chat of the page
        try (TestSocket one = client.connect("/echo");
                TestSocket two = client.connect("/echo");
                TestSocket three = client.connect("/echo")) {
            await().atMost(PATIENCE)
                    .until(() ->
                            figures("connections-table", "WebSockets").get(0).equals("5"));
            for (int i = 0; i < 500; i++) {
                one.send("rope");
            }
            for (int i = 0; i < 500; i++) {
                one.expectText("rope");
            }
            await().atMost(PATIENCE)
                    .until(() -> highest("messages-table", "Received") > 50 && highest("messages-table", "Sent") > 50);
            await().atMost(PATIENCE).until(() -> highest("round-trips-table", "Pings, 95 %") > 0);
            two.close(4001, "enough");
            three.close(1000, "");
            await().atMost(PATIENCE)
                    .until(() -> rows("closes-table").contains("3000-4999: of the application")
                            && rows("closes-table").contains("1000: normal"));
            assertThat(figures("closes-table", "3000-4999: of the application")).containsExactly("1", "1");
            assertThat(text("summary")).contains("all keep up");
        }
    }

    @Test
    void oneThatReadsTooSlowlyIsSeenAtOnce() throws IOException {
        Message message = Message.binary(new byte[64 * 1024]);
        server.getBean(WebSocketEndpoints.class)
                .mount(WebSocketEndpoint.at(
                                "/flood",
                                socket -> socket.onMessage(go -> {
                                    while (socket.state() == ReadyState.OPEN
                                            && (socket.send(message)
                                                    || go.text().equals("on"))) {}
                                }))
                        .with(options -> options.maxBuffered(8 * 1024 * 1024)));
        open();
        try (TestSocket slow = client.connect("/flood")) {
            slow.stopReading();
            slow.send("until you are asked to wait");
            await().atMost(PATIENCE).until(() -> text("summary-verdict").equals("1 reads too slowly"));
            assertThat(figures("slow-table", "Behind").get(0)).isEqualTo("1");
            assertThat(figures("slow-table", "Bytes waiting").get(0)).isNotEqualTo("0");

            slow.send("on");
            await().atMost(PATIENCE).until(() -> text("summary-verdict").contains("1 closed in the last minute"));
            assertThat(figures("slow-table", "Closed for it").get(1)).isEqualTo("1 in all");
            assertThat(drawn("slow-chart", "series-1")).isGreaterThan(10);
            await().atMost(PATIENCE).until(() -> rows("closes-table").contains("1013: reads too slowly, or too busy"));
            screenshot("slow");
        }
    }

    @Test
    void aRestartOfTheServerLeavesAGapAndNothingTwice() {
        open();
        String since = since();
        await().atMost(PATIENCE).until(() -> times().size() >= 4);

        server.close();
        await().atMost(PATIENCE).until(() -> text("summary-verdict").equals("No figures: reconnecting"));
        startServer();
        await().atMost(PATIENCE).until(() -> text("live-state").equals("open"));
        await().atMost(PATIENCE).until(() -> gaps() == 1);
        assertThat(since()).isEqualTo(since);
        assertThat(times()).isSorted().doesNotHaveDuplicates().hasSizeGreaterThanOrEqualTo(5);
    }

    @Test
    void aTabThatComesLaterSeesWhatWasBeforeAndAHiddenOneCatchesUp() {
        changeStreams("super(url); if (/from=.{9}/.test(url)) (window.asked ??= []).push(url);");
        open();
        String first = browser.getWindowHandle();
        String since = since();
        await().atMost(PATIENCE).until(() -> times().size() >= 4);
        assertThat(figures("connections-table", "Event streams").get(0)).isEqualTo("2");

        browser.switchTo().newWindow(WindowType.TAB);
        open();
        assertThat(since()).isEqualTo(since);
        await().atMost(PATIENCE) // ticks of both, and samples of this alone
                .until(() ->
                        figures("connections-table", "Event streams").get(0).equals("3"));
        int seen = times().size();

        browser.switchTo().window(first);
        await().atMost(PATIENCE).until(() -> times().size() > seen);
        assertThat(gaps()).isZero();
        assertThat(times()).isSorted().doesNotHaveDuplicates();
        assertThat((List<?>) run("return window.asked")).hasSize(1);
    }

    @Test
    void samplesThatComeAgainTakeTheirOwnPlace() {
        changeStreams("super(url.replace(/from=.*/, 'from=0'));");
        open();
        String first = browser.getWindowHandle();
        await().atMost(PATIENCE).until(() -> times().size() >= 4);
        String since = since();
        int seen = times().size();
        browser.switchTo().newWindow(WindowType.TAB).close();
        browser.switchTo().window(first);
        await().atMost(PATIENCE).until(() -> times().size() > seen);
        assertThat(times()).isSorted().doesNotHaveDuplicates();
        assertThat(since()).isEqualTo(since);
    }

    @Test
    void aPhoneNeedNotScrollSideways() throws IOException {
        browser.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", 360, "height", 780, "deviceScaleFactor", 2, "mobile", true));
        open();
        load();
        assertThat(run("return document.scrollingElement.scrollWidth")).isEqualTo(360L);
        assertThat(run("return [...document.querySelectorAll('#live *:not(.unseen)')]"
                        + ".filter(e => e.getBoundingClientRect().right > 360).map(e => e.outerHTML)"))
                .isEqualTo(List.of());
        for (String chart : CHARTS) {
            assertThat(drawn(chart, "series-0")).as(chart).isGreaterThan(10);
        }
        screenshot("phone");
    }

    @Test
    void theKeyboardIsEnough() {
        open();
        await().atMost(PATIENCE).until(() -> times().size() >= 6);
        focus("live-pause");
        press(Keys.ENTER);
        assertThat(text("live-pause")).isEqualTo("Go on");
        List<Double> paused = times();
        awaitSamples(3);
        assertThat(times()).isEqualTo(paused);

        focus("live-at");
        press(Keys.ARROW_LEFT);
        assertThat(text("live-moment")).isEqualTo("0:05 ago");
        assertThat(times()).isEqualTo(paused);
        assertThat(browser.findElement(By.id("live-at")).getDomAttribute("aria-valuetext"))
                .isEqualTo("0:05 ago");
        assertThat(run("return document.querySelector('#messages-table th:nth-child(2)').textContent"))
                .isEqualTo("0:05 ago");
        assertThat(drawn("messages-chart", "ink")).isGreaterThan(10); // the line at that moment
        press(Keys.END);
        assertThat(text("live-moment")).isEqualTo("Now");
        assertThat(drawn("messages-chart", "ink")).isLessThan(10);

        new Actions(browser)
                .keyDown(Keys.SHIFT)
                .sendKeys(Keys.TAB)
                .keyUp(Keys.SHIFT)
                .perform();
        press(Keys.SPACE);
        assertThat(text("live-pause")).isEqualTo("Pause");
        await().atMost(PATIENCE).until(() -> times().size() >= paused.size() + 3);
    }

    @Test
    void whoWantsLessMotionSeesItMoveEveryFiveSeconds() {
        emulate("prefers-reduced-motion", "reduce");
        open();
        run("const chart = Chart.getChart('messages-chart'), update = chart.update; window.updates = 0;"
                + "chart.update = () => { window.updates++; update.call(chart); };");
        awaitSamples(4);
        assertThat((Long) run("return window.updates")).isLessThanOrEqualTo(2);
        await().atMost(PATIENCE).until(() -> (Long) run("return window.updates") > 0);
    }

    private void changeStreams(String constructor) {
        browser.executeCdpCommand(
                "Page.addScriptToEvaluateOnNewDocument",
                Map.of(
                        "source",
                        "window.EventSource = class extends EventSource { constructor(url) { " + constructor
                                + " } };"));
    }

    /** Some sockets that stay, and some of each kind of close. */
    private void load() {
        browser.findElement(By.id("message")).sendKeys("rope");
        browser.findElement(By.id("send")).click();
        for (int i = 0; i < 3; i++) {
            TestSocket socket = client.connect("/echo");
            socket.send("rope").expectText("rope");
            client.connect("/echo").close(i == 0 ? 4000 : 1000, "");
        }
        await().atMost(PATIENCE)
                .until(() -> figures("connections-table", "WebSockets").get(0).equals("5")
                        && rows("closes-table").contains("1000: normal")
                        && rows("closes-table").contains("3000-4999: of the application")
                        && highest("round-trips-table", "Pings, median") > 0
                        && times().size() >= 8);
        browser.findElement(By.id("message")).sendKeys("rope");
        browser.findElement(By.id("send")).click();
    }

    /** Waits for samples that are measured from now on, whatever the page does with them. */
    private void awaitSamples(int count) {
        run("""
                const now = Date.now();
                window.samples = 0;
                new EventSource('live').addEventListener('sample', ({ data }) => {
                  if (JSON.parse(data).time > now) window.samples++;
                });
                """);
        await().atMost(PATIENCE).until(() -> (Long) run("return window.samples") >= count);
    }

    private void focus(String id) {
        for (int i = 0; i < 40; i++) {
            press(Keys.TAB);
            WebElement active = browser.switchTo().activeElement();
            if (id.equals(active.getDomAttribute("id"))) {
                assertThat(active.getCssValue("outline-style")).isEqualTo("solid");
                return;
            }
        }
        throw new AssertionError("The tab key does not lead to " + id);
    }

    private void press(CharSequence keys) {
        new Actions(browser).sendKeys(keys).perform();
    }

    private void emulate(String feature, String value) {
        browser.executeCdpCommand(
                "Emulation.setEmulatedMedia", Map.of("features", List.of(Map.of("name", feature, "value", value))));
    }

    private void screenshot(String name) throws IOException {
        run("document.getElementById('live').scrollIntoView()");
        Files.write(Path.of("target/demo-live-" + name + ".png"), browser.getScreenshotAs(OutputType.BYTES));
        Map<String, Object> whole = browser.executeCdpCommand(
                "Page.captureScreenshot", Map.of("captureBeyondViewport", true, "format", "png"));
        Files.write(
                Path.of("target/demo-live-" + name + "-whole.png"),
                Base64.getDecoder().decode(whole.get("data").toString()));
    }

    /** How many pixels of the chart have the colour that the style sheet calls so. */
    private long drawn(String chart, String colour) {
        return (Long) run("""
                const canvas = document.getElementById(arguments[0]);
                const hex = getComputedStyle(document.documentElement).getPropertyValue('--' + arguments[1]).trim();
                const wanted = [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
                const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                let found = 0;
                for (let i = 0; i < data.length; i += 4) {
                  if (data[i + 3] > 99 && wanted.every((part, j) => Math.abs(data[i + j] - part) < 6)) found++;
                }
                return found;
                """, chart, colour);
    }

    private List<String> colours() {
        List<String> colours = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            colours.add(String.valueOf(colour("series-" + i)));
        }
        return colours;
    }

    private Object colour(String name) {
        return run(
                "return getComputedStyle(document.documentElement).getPropertyValue('--' + arguments[0]).trim()", name);
    }

    /** The contrast ratio of WCAG 2.2. */
    private double contrast(String one, String other) {
        double first = luminance(one);
        double second = luminance(other);
        return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05);
    }

    private double luminance(String name) {
        String hex = colour(name).toString().substring(1);
        String full = hex.length() == 3 ? hex.replaceAll("(.)", "$1$1") : hex;
        double[] parts = new double[3];
        for (int i = 0; i < 3; i++) {
            double part = Integer.parseInt(full.substring(2 * i, 2 * i + 2), 16) / 255.0;
            parts[i] = part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    }

    /** When the points of a line were measured, in seconds before the last. */
    private List<Double> times() {
        Object times = run(
                "return window.Chart && Chart.getChart('connections-chart')"
                        + "? Chart.getChart('connections-chart').data.datasets[0].data.filter(p => !isNaN(p.y)).map(p => p.x) : []");
        return ((List<?>) times)
                .stream().map(time -> ((Number) time).doubleValue()).toList();
    }

    private long gaps() {
        return (Long)
                run("return Chart.getChart('connections-chart').data.datasets[0].data.filter(p => isNaN(p.y)).length");
    }

    private String since() {
        return Instant.parse(browser.findElement(By.id("live-since")).getDomAttribute("datetime"))
                .toString();
    }

    private List<?> rows(String table) {
        return (List<?>) run(
                "return [...document.querySelectorAll('#' + arguments[0] + ' tbody th')].map(th => th.textContent)",
                table);
    }

    /** What stands in a row of a table. */
    private List<String> figures(String table, String row) {
        Object cells = run("""
                return [...document.querySelectorAll('#' + arguments[0] + ' tbody tr')]
                  .filter(tr => tr.cells[0].textContent.endsWith(arguments[1]))
                  .flatMap(tr => [tr.cells[1].textContent, tr.cells[2].textContent])
                """, table, row);
        return ((List<?>) cells).stream().map(String::valueOf).toList();
    }

    private double highest(String table, String row) {
        String figure = figures(table, row).get(1);
        return figure.startsWith("up to ")
                ? Double.parseDouble(figure.substring(6).replace(",", ""))
                : 0;
    }

    private Object run(String script, Object... arguments) {
        return browser.executeScript(script, arguments);
    }

    private String text(String id) {
        return browser.findElement(By.id(id)).getText();
    }
}
