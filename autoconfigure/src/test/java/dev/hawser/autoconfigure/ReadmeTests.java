package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.eventsource.EventSourceObserver;
import dev.hawser.topic.MemoryTopicStore;
import dev.hawser.topic.TopicHub;
import dev.hawser.topic.TopicOptions;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import dev.hawser.websocket.protocol.Violation;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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

    @Test
    void everyMeterStandsInTheReadme() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        HawserMeters meters = new HawserMeters(registry);
        WebSocketObserver webSocket = meters.webSocket("/a");
        webSocket.opened();
        webSocket.closed(1000, Duration.ZERO);
        webSocket.violated(Violation.INVALID_UTF8);
        webSocket.transformed(true, 2, 1);
        meters.refused("/a", Cause.BAD_KEY);
        meters.failed("client", ConnectFailure.WRONG_ACCEPT);
        EventSourceObserver eventSource = meters.eventSource("/b");
        eventSource.closed(Duration.ZERO);
        eventSource.listenerFailed();
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

        assertThat(names("../README.md", "\\| `(hawser\\.[a-z.-]+)` \\| (?:gauge|counter|timer|summary)"))
                .isEqualTo(registry.getMeters().stream()
                        .map(meter -> meter.getId().getName())
                        .distinct()
                        .sorted()
                        .collect(Collectors.toList()));
    }
}
