package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What is warned about at the start, and what is not. */
@ExtendWith(OutputCaptureExtension.class)
class StartupDiagnosticsTests {

    private static final long HEAP = Runtime.getRuntime().maxMemory();

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    HawserMemoryAutoConfiguration.class,
                    HawserAutoConfiguration.class,
                    HawserTopicsAutoConfiguration.class,
                    HawserDiagnosticsAutoConfiguration.class));

    private List<String> findings(String... properties) {
        List<String> findings = new ArrayList<>();
        runner.withPropertyValues(properties)
                .run(context -> findings.addAll(
                        context.getBean(StartupDiagnostics.class).findings()));
        return findings;
    }

    @Test
    void theDefaultsAreNotWorthAWarning(CapturedOutput output) {
        assertThat(findings()).isEmpty();
        assertThat(output).doesNotContain("dev.hawser.diagnostics");
    }

    @Test
    void eachIsOneLineOfTheLog(CapturedOutput output) {
        findings("hawser.websocket.ping=2m", "hawser.eventsource.ping=0");
        assertThat(output.toString().lines().filter(line -> line.contains("dev.hawser.diagnostics")))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).contains("WARN"));
    }

    @ParameterizedTest
    @CsvSource({
        "11.0.25.0,true",
        "11.0.24.0,true",
        "10.1.50.0,true",
        "11.0.26.0,false",
        "11.0.30.0,false",
        "11.1.0-M1,false",
        "12.0.0.0,false"
    })
    void anOldTomcat(String version, boolean old) {
        List<String> findings = new ArrayList<>();
        StartupDiagnostics.checkVersion(version, findings);
        assertThat(findings).hasSize(old ? 1 : 0);
        assertThat(findings).allSatisfy(finding -> assertThat(finding).contains("Tomcat " + version, "tomcat.version"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"springSecurityFilterChain", "springSessionRepositoryFilter"})
    void anyOriginWhereCookiesAreRead(String bean) {
        assertThat(findings("hawser.websocket.allowed-origins=*")).isEmpty();
        runner.withPropertyValues("hawser.websocket.allowed-origins=https://a.example,*")
                .withBean(bean, Object.class, Object::new)
                .run(context -> assertThat(
                                context.getBean(StartupDiagnostics.class).findings())
                        .singleElement()
                        .asString()
                        .startsWith("hawser.websocket.allowed-origins=* "));
        runner.withPropertyValues("hawser.websocket.allowed-origins=https://a.example")
                .withBean(bean, Object.class, Object::new)
                .run(context -> assertThat(
                                context.getBean(StartupDiagnostics.class).findings())
                        .isEmpty());
    }

    @Test
    void compressionOfEventStreams() {
        String types = "server.compression.mime-types=text/html,text/event-stream";
        assertThat(findings("server.compression.enabled=true", types))
                .singleElement()
                .asString()
                .startsWith("server.compression.mime-types has text/event-stream");
        assertThat(findings(types)).isEmpty();
        assertThat(findings("server.compression.enabled=true")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hawser.websocket.ping", "hawser.eventsource.ping"})
    void aPingThatIsTooLate(String property) {
        assertThat(findings(property + "=59s")).isEmpty();
        assertThat(findings(property + "=60s"))
                .singleElement()
                .asString()
                .startsWith(property + " (60s) is not less than the 60s");
        assertThat(findings(property + "=0")).singleElement().asString().startsWith(property + "=0 sends no pings");
    }

    @Test
    void limitsWhoseProductIsMoreThanTheHeap() {
        String beyond = "hawser.memory.limit=" + (HEAP + 1) + "B";
        assertThat(findings(beyond))
                .singleElement()
                .asString()
                .contains("hawser.websocket.max-length", "of 8192 connections", "hawser.memory.limit");
        assertThat(findings(beyond, "server.tomcat.max-connections=2")).isEmpty();
        assertThat(findings("hawser.memory.limit=" + Long.MAX_VALUE + "B", "server.tomcat.max-connections=-1"))
                .singleElement()
                .asString()
                .contains("of any number of connections", "hawser.memory.limit (8,796,093,022,208 MB)");
        assertThat(findings("hawser.memory.limit=" + HEAP / 2 + "B")).isEmpty();
    }

    @Test
    void historyAndConnectionsThatAreTogetherMoreThanTheHeap() {
        String limit = "hawser.memory.limit=" + HEAP / 2 + "B";
        assertThat(findings(limit, "hawser.topics.history.memory=" + HEAP / 3 + "B"))
                .isEmpty();
        assertThat(findings(limit, "hawser.topics.history.memory=" + (HEAP / 2 + 100) + "B"))
                .singleElement()
                .asString()
                .contains("hawser.topics.history.memory", "hawser.memory.limit");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"hawser.websocket.max-length", "hawser.websocket.max-buffered", "hawser.eventsource.max-buffered"
            })
    void aLimitOfOneThatIsMoreThanThatOfAll(String property) {
        assertThat(findings("hawser.memory.limit=1MB")).isEmpty();
        assertThat(findings("hawser.memory.limit=1MB", property + "=2MB"))
                .singleElement()
                .asString()
                .startsWith(property + " (2 MB) is more than all connections together may hold, 1 MB");
    }
}
