package dev.hawser.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The Autobahn suite, in a JVM of its own with Jython. {@code -Dautobahn.cases=all} adds section 9, limits and performance, which takes
 * minutes.
 */
final class Autobahn {

    static final boolean ALL = "all".equals(System.getProperty("autobahn.cases"));
    static final int COUNT = ALL ? 301 : 247;

    private static final Path FOLDER = Path.of("target/autobahn").toAbsolutePath();
    private static final String CASES =
            ALL ? "\"*\"" : "\"1.*\",\"2.*\",\"3.*\",\"4.*\",\"5.*\",\"6.*\",\"7.*\",\"10.*\"";

    /** The cases in which any behaviour is right, as the suite says. */
    private static final Set<String> INFORMATIONAL = Set.of("7.1.6", "7.13.1", "7.13.2");

    /** Where this run finds its specification and leaves its reports. */
    private final Path folder;

    /**
     * A run that is prepared.
     *
     * @param mode {@code fuzzingclient} or {@code fuzzingserver}
     * @param peer what stands in the specification besides the cases and the folder of the reports
     */
    Autobahn(String mode, String peer) throws IOException {
        folder = Files.createDirectories(FOLDER.resolve(mode));
        Files.writeString(folder.resolve("spec.json"), """
                {"outdir": "reports", %s, "cases": [%s], "exclude-cases": [], "exclude-agent-cases": {}}
                """.formatted(peer, CASES));
        Files.writeString(folder.resolve("run.py"), """
                import sys
                sys.argv = ["wstest", "-m", "%s", "-s", "spec.json"]
                import autobahntestsuite.wstest
                autobahntestsuite.wstest.run()
                """.formatted(mode));
    }

    Path folder() {
        return folder;
    }

    String[] command() {
        return new String[] {
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens=java.base/java.io=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "-Dpython.cachedir=" + FOLDER.resolve("cache"),
            "-cp",
            FOLDER.resolve("lib") + "/*",
            "org.python.util.jython",
            "run.py"
        };
    }

    /** What the suite has written about {@code Hawser}: each case, and how it went. */
    Map<String, JsonNode> results() throws IOException {
        JsonNode index = JsonMapper.shared().readTree(Files.readString(folder.resolve("reports/index.json")));
        return index.get("Hawser").propertyStream().collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** The cases that are neither OK nor, where the suite allows anything, INFORMATIONAL. */
    static Map<String, String> unexpected(Map<String, JsonNode> results) {
        Map<String, String> unexpected = new TreeMap<>();
        results.forEach((id, result) -> {
            List<String> allowed = INFORMATIONAL.contains(id) ? List.of("OK", "INFORMATIONAL") : List.of("OK");
            boolean expected = allowed.contains(result.get("behavior").asString())
                    && (!result.has("behaviorClose")
                            || allowed.contains(result.get("behaviorClose").asString()));
            if (!expected) {
                unexpected.put(id, result.toString());
            }
        });
        return unexpected;
    }

    static void print(String side, Map<String, JsonNode> results) {
        Map<Integer, Map<String, Long>> sections = results.entrySet().stream()
                .collect(Collectors.groupingBy(
                        entry -> Integer.valueOf(
                                entry.getKey().substring(0, entry.getKey().indexOf('.'))),
                        TreeMap::new,
                        Collectors.groupingBy(
                                entry -> entry.getValue().get("behavior").asString(),
                                TreeMap::new,
                                Collectors.counting())));
        StringBuilder table = new StringBuilder("Autobahn, " + side + ", " + results.size() + " cases\n");
        sections.forEach((section, counts) -> table.append("  section %2d: %s%n".formatted(section, counts)));
        System.out.print(table);
    }
}
