package dev.hawser.demo;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A Prometheus server that has the files of {@link Monitoring}, and less patience than they say. */
final class Prometheus implements AutoCloseable {

    private final Service service;
    private final HttpClient client = HttpClient.newHttpClient();

    private Prometheus(Service service) {
        this.service = service;
    }

    /** Starts one that scrapes these ports of this machine every second. */
    static Prometheus start(Path folder, List<Integer> targets) throws IOException {
        String config = Files.readString(Monitoring.FOLDER.resolve("prometheus.yml"));
        Files.writeString(
                folder.resolve("prometheus.yml"),
                config.replace("15s", "1s")
                        .replace("localhost:8080", "127.0.0.1:" + targets.get(0))
                        .replace("localhost:8081", "127.0.0.1:" + targets.get(1)));
        String rules = Files.readString(Monitoring.FOLDER.resolve("hawser-rules.yml"));
        Files.writeString(
                folder.resolve("hawser-rules.yml"),
                rules.replaceAll("\\bfor: \\w+", "for: 0s").replace("[5m]", "[10s]"));
        int port = Service.freePort();
        return new Prometheus(Service.start(
                port,
                folder.resolve("prometheus.log"),
                RequiredTool.find("prometheus").toString(),
                "--config.file=" + folder.resolve("prometheus.yml"),
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port));
    }

    private JsonNode get(String path) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + service.port() + "/api/v1/" + path))
                .timeout(Duration.ofSeconds(20))
                .build();
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            JsonNode answer = JsonMapper.shared().readTree(response.body());
            if (!answer.path("status").asString().equals("success")) {
                throw new AssertionError(path + ": " + response.body());
            }
            return answer.get("data");
        } catch (IOException failed) {
            throw new AssertionError(path, failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(path, interrupted);
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Whether a query returns at least one sample now that is a number. */
    boolean hasData(String query) {
        JsonNode data = get("query?query=" + encode(query));
        if (!data.get("resultType").asString().equals("vector")) {
            throw new AssertionError("Not a vector: " + query);
        }
        return data.get("result")
                .valueStream()
                .anyMatch(sample -> !sample.get("value").get(1).asString().equals("NaN"));
    }

    /** The values of a label in the series that a selector selects. */
    List<String> labelValues(String selector, String label) {
        return get("label/" + label + "/values?match[]=".replace("[]", "%5B%5D") + encode(selector))
                .valueStream()
                .map(JsonNode::asString)
                .toList();
    }

    /** The names of the alerts that fire now. */
    Set<String> firing() {
        return get("alerts")
                .get("alerts")
                .valueStream()
                .filter(alert -> alert.get("state").asString().equals("firing"))
                .map(alert -> alert.get("labels").get("alertname").asString())
                .collect(Collectors.toSet());
    }

    /** What its rules say that could not be evaluated. */
    List<String> failures() {
        return get("rules")
                .get("groups")
                .valueStream()
                .flatMap(group -> group.get("rules").valueStream())
                .filter(rule -> rule.get("health").asString().equals("err"))
                .map(JsonNode::toString)
                .toList();
    }

    /** How many targets it can scrape. */
    long up() {
        return get("targets")
                .get("activeTargets")
                .valueStream()
                .filter(target -> target.get("health").asString().equals("up"))
                .count();
    }

    @Override
    public void close() {
        service.close();
    }
}
