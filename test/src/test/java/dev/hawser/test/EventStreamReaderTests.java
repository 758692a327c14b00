package dev.hawser.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventStreamReaderTests {

    private final List<TestEvent> events = new ArrayList<>();
    private final EventStreamReader reader = new EventStreamReader(events::add);

    private void read(String text) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            reader.read(new byte[] {b});
        }
    }

    private static TestEvent message(String data) {
        return new TestEvent("message", data, "");
    }

    @Test
    void linesEndInThreeWays() {
        read("data: a\n\ndata: b\r\rdata: c\r\n\r\ndata:d\r\ndata: é\n\r\n");
        assertThat(events).containsExactly(message("a"), message("b"), message("c"), message("d\né"));
    }

    @Test
    void oneSpaceAfterTheColonIsLeftOut() {
        read("data:  two\ndata:\ndata\n\n");
        assertThat(events).containsExactly(message(" two\n\n"));
    }

    @Test
    void idsStayAndNamesDoNot() {
        read("event: tick\nid: 7\ndata: a\n\ndata: b\n\nid: x\0y\ndata: c\n\nid\ndata: d\n\n");
        assertThat(events)
                .containsExactly(
                        new TestEvent("tick", "a", "7"),
                        new TestEvent("message", "b", "7"),
                        new TestEvent("message", "c", "7"),
                        message("d"));
    }

    @Test
    void commentsUnknownFieldsAndEventsWithoutDataAreLeftOut() {
        read("\uFEFF: hello\nfoo: bar\nevent: empty\n\ndata: a\n\ndata: the stream ends before this does");
        assertThat(events).containsExactly(message("a"));
    }

    @Test
    void retryIsANumber() {
        assertThat(reader.retry()).isNull();
        read("retry: 250\nretry: 1s\nretry: \n");
        assertThat(reader.retry()).isEqualTo(Duration.ofMillis(250));
    }
}
