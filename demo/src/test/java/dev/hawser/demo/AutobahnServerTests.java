package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The Autobahn suite against the demo's echo, in a JVM of its own with Jython. {@code -Dautobahn.cases=all} adds section
 * 9, limits and performance, which takes minutes.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class AutobahnServerTests {

    private static final Path FOLDER = Path.of("target/autobahn").toAbsolutePath();
    private static final boolean ALL = "all".equals(System.getProperty("autobahn.cases"));

    /** The cases in which any behaviour is right, as the suite says. */
    private static final Set<String> INFORMATIONAL = Set.of("7.1.6", "7.13.1", "7.13.2");

    @LocalServerPort
    private int port;

    @Test
    void everyCaseIsOkAndNoneNonStrict() throws Exception {
        Map<String, JsonNode> results = run();
        print(results);

        assertThat(results).hasSize(ALL ? 301 : 247);
        Map<String, String> unexpected = new TreeMap<>();
        results.forEach((id, result) -> {
            List<String> allowed = INFORMATIONAL.contains(id) ? List.of("OK", "INFORMATIONAL") : List.of("OK");
            if (!allowed.contains(text(result, "behavior")) || !allowed.contains(text(result, "behaviorClose"))) {
                unexpected.put(id, result.toString());
            }
        });
        assertThat(unexpected).isEmpty();
    }

    private Map<String, JsonNode> run() throws IOException, InterruptedException {
        Path reports = FOLDER.resolve("reports");
        String cases = ALL ? "\"*\"" : "\"1.*\",\"2.*\",\"3.*\",\"4.*\",\"5.*\",\"6.*\",\"7.*\",\"10.*\"";
        Files.writeString(FOLDER.resolve("spec.json"), """
                {"outdir": "%s", "servers": [{"agent": "Hawser", "url": "ws://127.0.0.1:%d/echo"}],
                 "cases": [%s], "exclude-cases": [], "exclude-agent-cases": {}}
                """.formatted(reports, port, cases));
        Files.writeString(FOLDER.resolve("run.py"), """
                import sys
                sys.argv = ["wstest", "-m", "fuzzingclient", "-s", "spec.json"]
                import autobahntestsuite.wstest
                autobahntestsuite.wstest.run()
                """);
        Program suite = Program.run(
                FOLDER,
                ALL ? Duration.ofMinutes(15) : Duration.ofMinutes(5),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=java.base/java.io=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-Dpython.cachedir=" + FOLDER.resolve("cache"),
                "-cp",
                FOLDER.resolve("lib") + "/*",
                "org.python.util.jython",
                "run.py");
        assertThat(suite.exitCode()).as(suite.errors()).isZero();
        JsonNode index = JsonMapper.shared().readTree(Files.readString(reports.resolve("index.json")));
        return index.get("Hawser").propertyStream().collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static void print(Map<String, JsonNode> results) {
        Map<Integer, Map<String, Long>> sections = results.entrySet().stream()
                .collect(Collectors.groupingBy(
                        entry -> Integer.valueOf(
                                entry.getKey().substring(0, entry.getKey().indexOf('.'))),
                        TreeMap::new,
                        Collectors.groupingBy(
                                entry -> text(entry.getValue(), "behavior"), TreeMap::new, Collectors.counting())));
        StringBuilder table = new StringBuilder("Autobahn, server, " + results.size() + " cases\n");
        sections.forEach((section, counts) -> table.append("  section %2d: %s%n".formatted(section, counts)));
        System.out.print(table);
    }

    private static String text(JsonNode result, String name) {
        return result.get(name).asString();
    }
}
