package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.demo.Monitoring.Expression;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** The rules and the dashboard, with a real Prometheus that scrapes two nodes of the demo. */
class PrometheusTests {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private Service redis;

    @ParameterizedTest
    @ValueSource(
            strings = {"check config prometheus.yml", "check rules hawser-rules.yml", "test rules hawser-rules-test.yml"
            })
    void promtoolFindsNoFault(String arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(RequiredTool.find("promtool").toString()));
        command.addAll(List.of(arguments.split(" ")));
        Program promtool = Program.run(Monitoring.FOLDER, PATIENCE, command.toArray(String[]::new));
        assertThat(promtool.exitCode())
                .as(promtool.output() + promtool.errors())
                .isZero();
    }

    /** As Grafana does, where all of everything is selected. */
    private static String withoutVariables(String query) {
        return query.replace("$__rate_interval", "10s")
                .replace("$job", "hawser")
                .replace("$instance", ".*")
                .replace("$uri", ".*");
    }

    private static List<Expression> expressions() throws Exception {
        List<Expression> expressions = new ArrayList<>();
        Monitoring.rules().forEach(rule -> expressions.add(rule.operands()));
        Monitoring.queries()
                .forEach(query -> expressions.add(new Expression(query.place(), withoutVariables(query.query()))));
        return expressions;
    }

    /** The demo as it is, with the README's profile for Redis, and limits that are soon reached. */
    private static ConfigurableApplicationContext node(int redis) {
        return new SpringApplication(DemoApplication.class, Load.Streams.class)
                .run(
                        "--load=true",
                        "--logging.level.dev.hawser.websocket.listeners=off",
                        "--logging.level.dev.hawser.eventsource.listeners=off",
                        "--server.port=0",
                        "--spring.profiles.active=redis",
                        "--spring.data.redis.host=127.0.0.1",
                        "--spring.data.redis.port=" + redis,
                        "--hawser.websocket.ping=1s",
                        "--hawser.websocket.ping-timeout=1s",
                        "--hawser.websocket.client.ping=1s",
                        "--hawser.websocket.handshake-timeout=100ms",
                        "--hawser.websocket.max-buffered=64KB",
                        "--hawser.websocket.extensions.permessage-deflate.enabled=true",
                        "--hawser.topics.slow-receivers=drop-oldest",
                        "--hawser.topics.max-queued=64KB");
    }

    @AfterEach
    void stopRedis() {
        if (redis != null) {
            redis.close();
        }
    }

    @Test
    void everyExpressionReturnsDataUnderLoadAndAlertsFire() throws Exception {
        RequiredTool.find("prometheus");
        redis = Service.redis(folder);
        try (ConfigurableApplicationContext one = node(redis.port());
                ConfigurableApplicationContext two = node(redis.port());
                Prometheus prometheus = Prometheus.start(folder, List.of(Load.port(one), Load.port(two)))) {
            try (Load load = new Load(one, two)) {
                everyExpressionReturnsData(prometheus, load);
                everyVariableHasValues(prometheus);
                await().atMost(PATIENCE).untilAsserted(() -> assertThat(prometheus.firing())
                        .contains(
                                "HawserListenersFail",
                                "HawserConnectionsFail",
                                "HawserPeersBreakRules",
                                "HawserHandshakesRefused",
                                "HawserConnectingFails",
                                "HawserSlowConsumersClosed",
                                "HawserTopicsDrop",
                                "HawserTopicsReset",
                                "HawserStreamsRefused")
                        .doesNotContain("HawserRedisUnreachable"));
                await().atMost(PATIENCE).until(() -> prometheus.up() == 2);
                assertThat(prometheus.failures()).isEmpty();
            }
            redis.close();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(prometheus.firing()).contains("HawserRedisUnreachable"));
        }
    }

    private static void everyExpressionReturnsData(Prometheus prometheus, Load load) throws Exception {
        List<Expression> empty = new ArrayList<>(expressions());
        assertThat(empty).hasSizeGreaterThan(100);
        System.gc(); // there may have been no need
        await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).untilAsserted(() -> {
            assertThat(load.failure()).isNull();
            empty.removeIf(expression -> prometheus.hasData(expression.query()));
            assertThat(empty).isEmpty();
        });
    }

    private static void everyVariableHasValues(Prometheus prometheus) throws Exception {
        Pattern values = Pattern.compile("label_values\\((.*), (\\w+)\\)");
        for (JsonNode variable : Monitoring.variables()) {
            if (variable.get("type").asString().equals("query")) {
                String query = variable.get("query").get("query").asString();
                Matcher parts = values.matcher(query);
                assertThat(parts.matches()).as(query).isTrue();
                assertThat(prometheus.labelValues(withoutVariables(parts.group(1)), parts.group(2)))
                        .as(query)
                        .isNotEmpty();
            }
        }
    }
}
