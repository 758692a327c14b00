package dev.hawser.eventsource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is encoded, read again by the algorithm of WHATWG HTML, section 9.2.6. */
class EventEncoderTests {

    private record Received(String name, String data, String lastEventId) {}

    private static List<Received> parse(byte[] stream) {
        List<Received> events = new ArrayList<>();
        String name = "";
        String id = "";
        StringBuilder data = new StringBuilder();
        for (String line : new String(stream, StandardCharsets.UTF_8).split("\r\n|\r|\n", -1)) {
            int colon = line.indexOf(':');
            if (line.isEmpty()) {
                if (data.length() > 0) {
                    events.add(
                            new Received(name.isEmpty() ? "message" : name, data.substring(0, data.length() - 1), id));
                }
                data.setLength(0);
                name = "";
            } else if (colon != 0) {
                String field = colon < 0 ? line : line.substring(0, colon);
                String value = colon < 0 ? "" : line.substring(colon + 1).replaceFirst("^ ", "");
                switch (field) {
                    case "event" -> name = value;
                    case "data" -> data.append(value).append('\n');
                    case "id" -> id = value.indexOf('\0') < 0 ? value : id;
                    default -> {}
                }
            }
        }
        return events;
    }

    private static byte[] encode(String data, Consumer<EventSource.Event> settings) {
        return bytes(EncodedEvent.of(data, settings));
    }

    private static byte[] bytes(EncodedEvent event) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        event.bytes().forEach(all::writeBytes);
        assertThat(event.length()).isEqualTo(all.size());
        return all.toByteArray();
    }

    private static Received roundTrip(String data, Consumer<EventSource.Event> settings) {
        List<Received> events = parse(encode(data, settings));
        assertThat(events).hasSize(1);
        return events.get(0);
    }

    @Test
    void theBytesAreThoseOfTheStandard() {
        assertThat(encode("a\nb", event -> event.name("n").id("7").retry(Duration.ofSeconds(2))))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("event: n\nid: 7\nretry: 2000\ndata: a\ndata: b\n\n");
    }

    /** CVE-2026-22735, CVE-2026-47890, CVE-2026-59313 (Spring), javalin#2579. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "\r",
                "\r\n",
                "a\r\rb",
                "a\n\nevent: evil\n\n",
                "\r\n\r\ndata: evil",
                "id: 1",
                ": no comment",
                " leading",
                "ünïcode 😀",
                "a\0b",
                "\uFEFFa",
                "a\u2028b\u2029c\u0085d\u000Be\fg"
            })
    void whateverTheDataExactlyOneEventArrives(String data) {
        assertThat(roundTrip(data, event -> event.name("n").id("1")))
                .isEqualTo(new Received("n", data.replace("\r\n", "\n").replace('\r', '\n'), "1"));
    }

    @Test
    void randomDataArrivesAsItWas() {
        Random random = new Random(5);
        for (int round = 0; round < 2000; round++) {
            StringBuilder data = new StringBuilder();
            for (int i = random.nextInt(20); i > 0; i--) {
                data.append("\r\n:d ata\0é".charAt(random.nextInt(10)));
            }
            assertThat(roundTrip(data.toString(), event -> {}).data())
                    .isEqualTo(data.toString().replace("\r\n", "\n").replace('\r', '\n'));
        }
    }

    @ParameterizedTest
    @CsvSource({"\\n", "\\r", "\\r\\n"})
    void aLineBreakInANameOrAnIdIsRefused(String escaped) {
        String bad = "a" + escaped.translateEscapes() + "data: evil";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encode("x", event -> event.name(bad)))
                .withMessageContaining("name");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encode("x", event -> event.id(bad)))
                .withMessageContaining("id");
    }

    /** As String.getBytes has it; there is no UTF-8 for it. */
    @Test
    void halfASurrogatePairInDataArrivesAsAQuestionMark() {
        assertThat(roundTrip("a\uD83Db\uDE00", event -> {}).data()).isEqualTo("a?b?");
    }

    /** Tomcat and Jetty would refuse the request of a client that comes back with one. */
    @ParameterizedTest
    @CsvSource({"\\0,U+0000", "\\1,U+0001", "\\177,U+007F", "\uD83D,U+D83D", "\uDE00\uD83D,U+DE00"})
    void anIdThatCannotComeBackInAHeaderIsRefused(String escaped, String shown) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encode("x", event -> event.id("a" + escaped.translateEscapes())))
                .withMessageContaining("id of an event")
                .withMessageEndingWith("has " + shown);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7", "a b\tc", "häh", "😀", "\uFEFF1", "\u2028", "\u0085"})
    void anyOtherIdArrives(String id) {
        assertThat(roundTrip("x", event -> event.id(id)).lastEventId()).isEqualTo(id);
    }

    @ParameterizedTest
    @CsvSource({
        "'', ':\n\n'",
        "a, ': a\n\n'",
        "'a\nb\rc\r\n\r\nd', ': a\n: b\n: c\n:\n: d\n\n'",
        "'\n', ':\n:\n\n'",
        "'data: evil\n\nid: 7', ': data: evil\n:\n: id: 7\n\n'"
    })
    void aCommentIsNoEventWhateverStandsInIt(String escaped, String expected) {
        byte[] comment = EventEncoder.comment(escaped.translateEscapes());
        assertThat(comment).asString(StandardCharsets.UTF_8).isEqualTo(expected.translateEscapes());
        byte[] event = encode("x", fields -> fields.id("1"));
        byte[] both = Arrays.copyOf(comment, comment.length + event.length);
        System.arraycopy(event, 0, both, comment.length, event.length);
        assertThat(parse(both)).containsExactly(new Received("message", "x", "1"));
    }

    @Test
    void anEncodedEventTakesAnotherId() {
        EncodedEvent event = EncodedEvent.of("x", fields -> fields.name("n").id("1"));
        assertThat(parse(bytes(event))).containsExactly(new Received("n", "x", "1"));
        assertThat(parse(bytes(event.withId("2")))).containsExactly(new Received("n", "x", "2"));
        assertThat(parse(bytes(EncodedEvent.of("x", none -> {}).withId("3"))))
                .containsExactly(new Received("message", "x", "3"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> event.withId("a\nb"))
                .withMessageContaining("id");
        assertThatIllegalArgumentException().isThrownBy(() -> event.withId("\0"));
    }

    @Test
    void aPositionIsAnIdWithoutAnEvent() {
        byte[] position = bytes(EncodedEvent.position("7"));
        assertThat(position).asString(StandardCharsets.UTF_8).isEqualTo("id: 7\n\n");
        assertThat(parse(position)).isEmpty();
    }

    @Test
    void anIdWithNulAndANegativeRetryAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> encode("x", event -> event.id("\0")));
        assertThatIllegalArgumentException().isThrownBy(() -> encode("x", event -> event.retry(Duration.ofMillis(-1))));
    }
}
