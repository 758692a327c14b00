package dev.hawser.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the folder {@code monitoring} has for those who watch: rules for Prometheus, and a dashboard for Grafana. */
final class Monitoring {

    static final Path FOLDER = Path.of("monitoring").toAbsolutePath();

    private static final Pattern COMPARISON = Pattern.compile("\\s(?:[<>]=?|[!=]=)\\s");

    private Monitoring() {}

    /**
     * One query of PromQL.
     *
     * @param place where it stands, for people
     */
    record Expression(String place, String query) {}

    /** A rule as its file says; {@code alert} is null for one that records, and {@code record} for one that alerts. */
    record Rule(
            String record,
            String alert,
            String query,
            String duration,
            Map<String, String> labels,
            Map<String, String> annotations) {

        String name() {
            return alert == null ? record : alert;
        }

        /**
         * What it compares, without comparing: the operands are added. It has a value where both operands have one, and is NaN where one of
         * them is. Of an {@code unless}, both sides must be there.
         */
        Expression operands() {
            return new Expression("rule " + name(), uncompared(query));
        }
    }

    private static String uncompared(String query) {
        return COMPARISON.matcher(query).replaceAll(" + ").replaceAll("\\bunless\\b", "and");
    }

    @SuppressWarnings("unchecked")
    static List<Rule> rules() throws IOException {
        Map<String, Object> file = new Yaml().load(Files.readString(FOLDER.resolve("hawser-rules.yml")));
        List<Rule> rules = new ArrayList<>();
        for (Map<String, Object> group : (List<Map<String, Object>>) file.get("groups")) {
            for (Map<String, Object> rule : (List<Map<String, Object>>) group.get("rules")) {
                rules.add(new Rule(
                        (String) rule.get("record"),
                        (String) rule.get("alert"),
                        (String) rule.get("expr"),
                        (String) rule.get("for"),
                        (Map<String, String>) rule.getOrDefault("labels", Map.of()),
                        (Map<String, String>) rule.getOrDefault("annotations", Map.of())));
            }
        }
        return rules;
    }

    static JsonNode dashboard() throws IOException {
        return JsonMapper.shared().readTree(Files.readString(FOLDER.resolve("grafana/hawser.json")));
    }

    static List<JsonNode> panels() throws IOException {
        return dashboard().get("panels").valueStream().toList();
    }

    /** The queries of panels; those of annotations, which tell when something is so, without comparing. */
    static List<Expression> queries() throws IOException {
        List<Expression> queries = new ArrayList<>();
        for (JsonNode panel : panels()) {
            for (JsonNode target : panel.path("targets")) {
                queries.add(new Expression(
                        "panel " + panel.get("title").asString() + " "
                                + target.get("refId").asString(),
                        target.get("expr").asString()));
            }
        }
        for (JsonNode annotation : dashboard().get("annotations").get("list")) {
            if (annotation.has("expr")) {
                queries.add(new Expression(
                        "annotation " + annotation.get("name").asString(),
                        uncompared(annotation.get("expr").asString())));
            }
        }
        return queries;
    }

    static List<JsonNode> variables() throws IOException {
        return dashboard().get("templating").get("list").valueStream().toList();
    }
}
