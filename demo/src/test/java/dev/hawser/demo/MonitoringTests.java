package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.demo.Monitoring.Rule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What can be said of the dashboard without Grafana, which Debian does not have, and of the rules without Prometheus. */
class MonitoringTests {

    private static final int COLUMNS = 24;

    private static List<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private static Set<String> titles() throws Exception {
        return Monitoring.panels().stream()
                .map(panel -> panel.get("title").asString())
                .collect(Collectors.toSet());
    }

    /** Those of the dashboard and of the rules. */
    private static String queries() throws Exception {
        return Stream.concat(
                        Monitoring.queries().stream().map(Monitoring.Expression::query),
                        Monitoring.rules().stream().map(Rule::query))
                .collect(Collectors.joining("\n"));
    }

    @Test
    void everyPanelSaysWhatItShowsAndInWhichUnit() throws Exception {
        Set<Integer> ids = new HashSet<>();
        Set<String> titles = new HashSet<>();
        for (JsonNode panel : Monitoring.panels()) {
            String title = panel.get("title").asString();
            assertThat(ids.add(panel.get("id").asInt())).as(title).isTrue();
            assertThat(titles.add(title)).as(title).isTrue();
            if (panel.get("type").asString().equals("row")) {
                continue;
            }
            assertThat(panel.get("type").asString()).as(title).isIn("stat", "timeseries", "table");
            assertThat(panel.get("description").asString()).as(title).endsWith(".");
            assertThat(panel.get("fieldConfig").get("defaults").get("unit").asString())
                    .as(title)
                    .isNotBlank();
            assertThat(panel.get("targets").valueStream().map(target -> target.get("refId")
                            .asString()))
                    .as(title)
                    .isNotEmpty()
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void noPanelCoversAnother() throws Exception {
        Set<List<Integer>> taken = new HashSet<>();
        for (JsonNode panel : Monitoring.panels()) {
            JsonNode place = panel.get("gridPos");
            int left = place.get("x").asInt();
            int top = place.get("y").asInt();
            assertThat(left + place.get("w").asInt()).isLessThanOrEqualTo(COLUMNS);
            for (int x = left; x < left + place.get("w").asInt(); x++) {
                for (int y = top; y < top + place.get("h").asInt(); y++) {
                    assertThat(taken.add(List.of(x, y)))
                            .as("%s at %d, %d", panel.get("title"), x, y)
                            .isTrue();
                }
            }
        }
    }

    /** The schema of Grafana 9.0; later ones know how to read it. */
    @Test
    void theDashboardFitsGrafana9AndAnyDataSource() throws Exception {
        JsonNode dashboard = Monitoring.dashboard();
        assertThat(dashboard.get("schemaVersion").asInt()).isEqualTo(36);
        assertThat(dashboard.get("id").isNull()).isTrue();
        assertThat(dashboard.get("uid").asString()).isEqualTo("hawser");
        assertThat(dashboard.findValues("datasource"))
                .hasSizeGreaterThan(50)
                .allSatisfy(source -> assertThat(source.get("uid").asString()).isIn("${datasource}", "-- Grafana --"));
    }

    @Test
    void everyVariableThatIsUsedIsThereAndEveryOneThatIsThereIsUsed() throws Exception {
        Set<String> variables = Monitoring.variables().stream()
                .map(variable -> variable.get("name").asString())
                .collect(Collectors.toSet());
        Set<String> used =
                new HashSet<>(found("\\$\\{?([a-z]+)\\b", Monitoring.dashboard().toString()));
        assertThat(used).isEqualTo(variables);
        assertThat(Monitoring.queries())
                .filteredOn(query -> !query.query().contains("job=~\"$job\""))
                .isEmpty();
    }

    @Test
    void recordingRulesAreNamedByLevelMetricAndOperation() throws Exception {
        assertThat(Monitoring.rules())
                .filteredOn(rule -> rule.alert() == null)
                .hasSizeGreaterThan(10)
                .allSatisfy(rule -> assertThat(rule.record())
                        .matches("job(_[a-z]+)*:hawser_[a-z_]+:(sum|max1h|rate5m|ratio_rate5m|p\\d\\d_rate5m)"));
    }

    @Test
    void everyRecordedSeriesIsUsed() throws Exception {
        String used = queries();
        assertThat(Monitoring.rules())
                .filteredOn(rule -> rule.alert() == null && !used.contains(rule.record()))
                .isEmpty();
    }

    /** Whoever is woken up reads these sentences: what they name must be there. */
    @Test
    void everyAlertSaysWhatToLookAtAndWhatToChange() throws Exception {
        String readme = Files.readString(Path.of("..", "README.md"));
        String tests = Files.readString(Monitoring.FOLDER.resolve("hawser-rules-test.yml"));
        Set<String> titles = titles();
        List<Rule> alerts =
                Monitoring.rules().stream().filter(rule -> rule.alert() != null).toList();
        assertThat(alerts).hasSizeGreaterThan(10);
        for (Rule alert : alerts) {
            assertThat(alert.alert()).startsWith("Hawser");
            assertThat(tests.contains("alertname=\"" + alert.alert() + "\""))
                    .as("a test of " + alert.alert())
                    .isTrue();
            assertThat(alert.duration()).as(alert.alert()).matches("\\d+[sm]");
            assertThat(alert.labels().get("severity")).as(alert.alert()).isIn("critical", "warning");
            assertThat(alert.annotations().get("summary")).as(alert.alert()).contains("{{ $labels.job }}");
            String description = alert.annotations().get("description");
            assertThat(description).as(alert.alert()).endsWith(".");
            assertThat(titles).as(alert.alert()).containsAll(found("\"([^\"]+)\"", description));
            for (String property : found("`((?:dev\\.)?hawser\\.[a-z.-]+[a-z])", description)) {
                assertThat(readme.contains("`" + property))
                        .as(alert.alert() + ": " + property)
                        .isTrue();
            }
        }
    }

    @Test
    void everyAlertThatTheDashboardNamesIsThere() throws Exception {
        Set<String> alerts = Monitoring.rules().stream().map(Rule::name).collect(Collectors.toSet());
        assertThat(found("\\b(Hawser[A-Z][A-Za-z]+)", Monitoring.dashboard().toString()))
                .isNotEmpty()
                .allSatisfy(alert -> assertThat(alerts).contains(alert));
    }

    /** Whatever the README's table has, somebody can look at. */
    @Test
    void everyMeterOfTheReadmeIsShown() throws Exception {
        String readme = Files.readString(Path.of("..", "README.md"));
        String shown = queries();
        Matcher meters = Pattern.compile(
                        "(?m)^\\| `(hawser\\.[a-z.]+)` \\| (gauge|counter|timer|summary)(, bytes)? \\|")
                .matcher(readme);
        int count = 0;
        List<String> missing = new ArrayList<>();
        while (meters.find()) {
            count++;
            String name = meters.group(1).replace('.', '_');
            if (meters.group(3) != null && !name.endsWith("_bytes")) {
                name += "_bytes";
            }
            if (meters.group(2).equals("counter")) {
                name += "_total";
            }
            if (meters.group(2).equals("timer")) {
                name += "_seconds";
            }
            if (!shown.contains(name)) {
                missing.add(meters.group(1));
            }
        }
        assertThat(missing).isEmpty();
        assertThat(count).isGreaterThan(30);
    }
}
