package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.eventsource.EventSourceObserver;
import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.topic.MemoryTopicStore;
import dev.hawser.topic.TopicHub;
import dev.hawser.topic.TopicOptions;
import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.CloseEvent;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.connection.EventSourceConnection;
import dev.hawser.websocket.connection.WebSocketConnection;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import dev.hawser.websocket.memory.MemoryBudget;
import dev.hawser.websocket.protocol.HybiDriver;
import dev.hawser.websocket.protocol.Violation;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.util.unit.DataSize;

/** The tables of the README name every property and every meter, and no others. */
class ReadmeTests {

    private static final DataSize ONE_MEGABYTE = DataSize.ofMegabytes(1);

    private static List<String> names(String file, String pattern) throws Exception {
        return namesIn(Files.readString(Path.of(file)), pattern);
    }

    private static List<String> namesIn(String text, String pattern) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .distinct()
                .sorted()
                .toList();
    }

    @Test
    void everyPropertyStandsInTheReadme() throws Exception {
        String metadata = Files.readString(Path.of("target/classes/META-INF/spring-configuration-metadata.json"));
        assertThat(names("../README.md", "\\| `(hawser\\.[a-z.-]+?)(?:\\.\\*)?` \\| (?!gauge|counter|timer|summary)"))
                .isEqualTo(namesIn(
                        metadata.substring(metadata.indexOf("\"properties\"")),
                        "\"name\": \"(hawser\\.[a-z]+\\.[a-z.-]+)\""));
    }

    /** After an empty line, a row is text with bars in it. */
    @Test
    void everyRowStandsInATable() throws Exception {
        assertThat(names("../README.md", "\\n\\n(\\|.*)\\n(?!\\|---)")).isEmpty();
    }

    @Test
    void everyViolationStandsInTheReadmeWithItsCloseCode() throws Exception {
        assertThat(names("../README.md", "\\| (`[a-z0-9-]+` \\| 10\\d\\d) \\|"))
                .isEqualTo(Stream.of(Violation.values())
                        .map(violation -> "`" + violation.id() + "` | " + violation.closeCode())
                        .sorted()
                        .toList());
    }

    @Test
    void everyReasonWhyConnectingFailsStandsInTheReadme() throws Exception {
        assertThat(names("../README.md", "(?m)^\\| `([a-z-]+)` \\| [^|]+ \\| (?:yes|no|with [^|]*) \\|$"))
                .isEqualTo(Stream.of(ConnectFailure.values())
                        .map(ConnectFailure::id)
                        .sorted()
                        .toList());
    }

    @Test
    void everyReasonForARefusalStandsInTheReadme() throws Exception {
        String row = Files.readString(Path.of("../README.md"))
                .lines()
                .filter(line -> line.startsWith("| `hawser.websocket.handshakes.refused`"))
                .findFirst()
                .orElseThrow();
        assertThat(row.substring(row.lastIndexOf("| `", row.length() - 3)))
                .contains(Stream.of(Cause.values())
                        .map(cause -> "`" + cause.id() + "`")
                        .collect(Collectors.joining(", ")));
    }

    /** With its type, its base unit where its name does not tell, and its tags. */
    @Test
    void everyMeterStandsInTheReadme() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        HawserMeters meters = new HawserMeters(registry);
        ConnectionGroup group = ConnectionGroup.create();
        recordWebSocket(meters, group);
        recordEventSource(meters, group);
        group.close();
        new HawserMemoryAutoConfiguration.Meters()
                .hawserMemoryMeters(MemoryBudget.UNLIMITED)
                .bindTo(registry);
        meters.refused("/a", Cause.BAD_KEY);
        meters.failed("client", ConnectFailure.WRONG_ACCEPT);
        new TopicHub(new MemoryTopicStore(1), name -> TopicOptions.DEFAULT, 1, Runnable::run, meters.topics());
        new RedisTopicsMeters(
                new RedisTopicStore(
                        new LettuceConnectionFactory(),
                        new RedisTopicsProperties(
                                true,
                                "{a}",
                                Duration.ofSeconds(1),
                                ONE_MEGABYTE,
                                Duration.ofHours(1),
                                1000,
                                ONE_MEGABYTE)),
                registry);

        assertThat(registry.getMeters())
                .allSatisfy(meter -> assertThat(meter.getId().getDescription()).isNotBlank());
        assertThat(names(
                        "../README.md",
                        "(\\| `hawser\\.[a-z.-]+` \\| (?:gauge|counter|timer|summary)(?:, [a-z]+)? \\| [^|]*\\|)"))
                .isEqualTo(
                        registry.getMeters().stream()
                                .collect(Collectors.groupingBy(
                                        meter -> meter.getId().getName()))
                                .values()
                                .stream()
                                .map(ReadmeTests::row)
                                .sorted()
                                .toList());
    }

    private static String row(List<Meter> same) {
        Meter.Id id = same.get(0).getId();
        String type = id.getType() == Meter.Type.DISTRIBUTION_SUMMARY
                ? "summary"
                : id.getType().name().toLowerCase(Locale.ROOT);
        String unit = id.getBaseUnit() == null || id.getType() == Meter.Type.TIMER ? "" : ", " + id.getBaseUnit();
        String tags = id.getTags().stream()
                .map(Tag::getKey)
                .sorted(Comparator.comparing((String key) -> !key.equals("uri")))
                .map(key -> "`" + key + "`")
                .collect(Collectors.joining(", "));
        assertThat(same).allSatisfy(meter -> assertThat(meter.getId().getTags())
                .extracting(Tag::getKey)
                .containsExactlyElementsOf(
                        id.getTags().stream().map(Tag::getKey).toList()));
        return "| `" + id.getName() + "` | " + type + unit + " | " + (tags.isEmpty() ? "" : tags + " ") + "|";
    }

    private static void recordWebSocket(HawserMeters meters, ConnectionGroup group) {
        WebSocketObserver observer = meters.webSocket("/a");
        WebSocketConnection socket = new WebSocketConnection(
                new HybiDriver(WebSocketOptions.DEFAULT.limits()),
                new WebSocketConnection.Peer("ws://a/", "/a", "", List.of(), null, ""),
                WebSocketOptions.DEFAULT,
                observer,
                group);
        observer.opened(socket);
        observer.violated(Violation.INVALID_UTF8);
        observer.transformed(true, 2, 1);
        observer.closed(socket, new CloseEvent(1007, "", CloseCause.VIOLATION, Violation.INVALID_UTF8), Duration.ZERO);
    }

    private static void recordEventSource(HawserMeters meters, ConnectionGroup group) {
        EventSourceObserver observer = meters.eventSource("/b");
        EventSourceConnection events = new EventSourceConnection(
                new EventSourceConnection.Client("http://b/", "/b", "", null, "", 0, 0),
                EventSourceOptions.DEFAULT,
                observer,
                group);
        observer.refused(Cause.FORBIDDEN_ORIGIN);
        observer.opened(events);
        observer.listenerFailed();
        observer.closed(events, CloseCause.APPLICATION, Duration.ZERO);
    }
}
