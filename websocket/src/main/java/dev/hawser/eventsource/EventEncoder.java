package dev.hawser.eventsource;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;

/** Writes the event stream format (WHATWG HTML, section 9.2.6): whatever is sent, exactly one event arrives. */
public final class EventEncoder {

    private EventEncoder() {}

    /** A comment and nothing else; each line of the text is one. */
    public static byte[] comment(String text) {
        StringBuilder lines = new StringBuilder(text.length() + 8);
        eachLine(
                text,
                line -> lines.append(line.isEmpty() ? ":" : ": ").append(line).append('\n'));
        return lines.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Tells how long to wait before reconnecting, without an event. */
    public static byte[] retry(Duration delay) {
        return ("retry: " + delay.toMillis() + "\n\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** All fields of an event, each with the end of its line: what is missing is the blank line. */
    static byte[] fields(String data, Consumer<EventSource.Event> settings) {
        Fields fields = new Fields(data.length());
        settings.accept(fields);
        return fields.end(data);
    }

    static String requireId(String id) {
        int wrong = EventIds.firstWrong(id);
        if (wrong >= 0) {
            throw new IllegalArgumentException(
                    "The id of an event must contain no control character but the tab, and no half of"
                            + " a surrogate pair, but has " + String.format("U+%04X", (int) id.charAt(wrong)));
        }
        return id;
    }

    /** CR, LF and CRLF all end a line. */
    private static void eachLine(String text, Consumer<String> line) {
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n' || c == '\r') {
                line.accept(text.substring(start, i));
                if (c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
                    i++;
                }
                start = i + 1;
            }
        }
        line.accept(text.substring(start));
    }

    private static String requireOneLine(String what, String value) {
        if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
            throw new IllegalArgumentException("The " + what + " of an event must not contain a line break");
        }
        return value;
    }

    private static final class Fields implements EventSource.Event {

        private final StringBuilder lines;

        Fields(int dataLength) {
            lines = new StringBuilder(dataLength + 48);
        }

        @Override
        public EventSource.Event name(String name) {
            field("event", requireOneLine("name", name));
            return this;
        }

        @Override
        public EventSource.Event id(String id) {
            field("id", requireId(id));
            return this;
        }

        @Override
        public EventSource.Event retry(Duration delay) {
            if (delay.isNegative()) {
                throw new IllegalArgumentException("retry must not be negative, but is " + delay);
            }
            field("retry", Long.toString(delay.toMillis()));
            return this;
        }

        private void field(String name, String value) {
            lines.append(name).append(": ").append(value).append('\n');
        }

        /** Each line of the data is a field of its own. */
        byte[] end(String data) {
            eachLine(data, line -> field("data", line));
            return lines.toString().getBytes(StandardCharsets.UTF_8);
        }
    }
}
