package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.autoconfigure.HawserEndpointTests.Answer;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;

/** The health of connections, over HTTP and with real sockets. */
class HawserHealthTests {

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(HawserAutoConfiguration.class, HawserHealthAutoConfiguration.class));

    private static ServletWebServerApplicationContext start(String... properties) {
        return (ServletWebServerApplicationContext) SpringApplication.run(
                HawserEndpointTests.Application.class,
                Stream.concat(
                                Stream.of("server.port=0", "management.endpoint.health.show-details=always"),
                                Stream.of(properties))
                        .map(property -> "--" + property)
                        .toArray(String[]::new));
    }

    private static int port(ServletWebServerApplicationContext context) {
        return context.getWebServer().getPort();
    }

    private static Answer health(ServletWebServerApplicationContext context, String path) throws Exception {
        return HawserEndpointTests.exchange(port(context), "GET", "/actuator/health" + path);
    }

    private static void beRefused(ServletWebServerApplicationContext context, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(TestClient.refusal(
                            port(context), "/echo", builder -> builder.header("Origin", "http://evil.example")))
                    .isEqualTo(403);
        }
    }

    @Test
    void withoutThresholdsThereAreFiguresAndNothingIsIll() throws Exception {
        try (ServletWebServerApplicationContext context = start()) {
            beRefused(context, 3);
            TestClient.exchange(port(context), "GET /echo HTTP/1.1", "Connection: close");
            TestClient echo = TestClient.connect(port(context), "/echo");
            await().untilAsserted(() -> {
                Answer answer = health(context, "/hawser");
                assertThat(answer.body().toString())
                        .isEqualTo("{\"details\":{\"connections\":1,\"buffered\":0,\"mostBuffered\":0,"
                                + "\"refused\":{\"forbidden-origin\":3}},\"status\":\"UP\"}");
            });
            echo.abort();
        }
    }

    @Test
    void whoeverHasHandshakesRefusedDoesNotTakeTheNodeOutOfService() throws Exception {
        try (ServletWebServerApplicationContext context = start("hawser.health.max-refused-per-minute=2")) {
            beRefused(context, 2);
            assertThat(health(context, "/hawser").body().get("status").asString())
                    .isEqualTo("UP");
            beRefused(context, 1);
            Answer warned = health(context, "/hawser");
            assertThat(warned.status()).isEqualTo(200);
            assertThat(warned.body().get("status").asString()).isEqualTo("WARNING");
            Answer all = health(context, "");
            assertThat(all.status()).isEqualTo(200);
            assertThat(all.body().get("status").asString()).isEqualTo("UP");
        }
    }

    @Test
    void unlessTheApplicationSaysSo() throws Exception {
        try (ServletWebServerApplicationContext context = start(
                "hawser.health.max-refused-per-minute=0",
                "management.endpoint.health.status.order=down,out-of-service,warning,unknown,up",
                "management.endpoint.health.status.http-mapping.warning=503")) {
            assertThat(health(context, "").status()).isEqualTo(200);
            beRefused(context, 1);
            assertThat(health(context, "").status()).isEqualTo(503);
        }
    }

    @Test
    void aNodeWhereTooMuchWaitsIsOutOfServiceUntilItDoesNot() throws Exception {
        try (ServletWebServerApplicationContext context =
                        start("hawser.health.max-buffered=10KB", "hawser.websocket.max-buffered=1MB");
                RawSocket slow = RawSocket.open(port(context), "/stuffed")) {
            assertThat(health(context, "").status()).isEqualTo(200);
            slow.send('!');
            await().untilAsserted(() -> {
                Answer answer = health(context, "");
                assertThat(answer.status()).isEqualTo(503);
                assertThat(answer.body().get("status").asString()).isEqualTo("OUT_OF_SERVICE");
            });
            assertThat(health(context, "/readiness").status()).isEqualTo(200);
            assertThat(health(context, "/liveness").status()).isEqualTo(200);
            assertThat(health(context, "/hawser")
                            .body()
                            .get("details")
                            .get("mostBuffered")
                            .asLong())
                    .isGreaterThan(10 * 1024);
            context.getBean(ConnectionGroup.class).terminate();
            await().untilAsserted(() -> assertThat(health(context, "").status()).isEqualTo(200));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "true, 5, , UP",
        "true, 5, 5, UP",
        "true, 6, 5, OUT_OF_SERVICE",
        "false, 0, 5, DOWN",
        "false, 6, 5, DOWN"
    })
    void theLagOfRedisHasAThreshold(boolean reachable, long lag, Integer maxLag, String status) {
        assertThat(RedisTopicsHealthIndicator.status(reachable, lag, maxLag)).isEqualTo(new Status(status));
    }

    @Test
    void refusalsAreForgottenAfterAMinute() {
        AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // it may overflow
        RecentRefusals refusals = new RecentRefusals(now::get);
        refusals.add(Cause.BAD_KEY);
        refusals.add(Cause.NOT_A_WEBSOCKET);
        refusals.add(Cause.SHUTTING_DOWN);
        now.addAndGet(Duration.ofSeconds(59).toNanos());
        refusals.add(Cause.REJECTED);
        assertThat(refusals.lastMinute()).isEqualTo(Map.of("bad-key", 1L, "rejected", 1L));
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(refusals.lastMinute()).isEqualTo(Map.of("rejected", 1L));
        now.addAndGet(Duration.ofSeconds(58).toNanos());
        refusals.add(Cause.REJECTED);
        assertThat(refusals.lastMinute()).isEqualTo(Map.of("rejected", 2L));
        now.addAndGet(Duration.ofDays(1).toNanos());
        assertThat(refusals.lastMinute()).isEmpty();
    }

    @Test
    void theIndicatorIsThereUnlessItIsSwitchedOff() {
        runner.run(context -> assertThat(context).hasSingleBean(HawserHealthIndicator.class));
        runner.withPropertyValues("management.health.hawser.enabled=false").run(context -> assertThat(context)
                .hasNotFailed()
                .doesNotHaveBean(HawserHealthIndicator.class)
                .doesNotHaveBean(RecentRefusals.class));
    }

    @Test
    void anIndicatorOfYourOwnTakesItsPlace() {
        runner.withBean("hawserHealthIndicator", HealthIndicator.class, () -> () -> null)
                .run(context -> assertThat(context)
                        .hasSingleBean(HealthIndicator.class)
                        .doesNotHaveBean(HawserHealthIndicator.class));
    }

    @Test
    void withoutSpringsHealthThereIsNone() {
        runner.withClassLoader(new FilteredClassLoader(HealthIndicator.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(HawserHealthIndicator.class));
    }

    @ParameterizedTest
    @CsvSource({
        "hawser.health.max-refused-per-minute, -1, must be 0 to",
        "hawser.health.max-buffered, 0, must be 1 to",
        "hawser.health.max-lag, -1, must be 0 to"
    })
    void aWrongValueIsNamedWithItsRuleAndAValueThatWouldDo(String property, String value, String rule) {
        new WrongValue(property, value).isNamedWithItsRuleAndAValueThatWouldDo(runner, rule);
    }
}
