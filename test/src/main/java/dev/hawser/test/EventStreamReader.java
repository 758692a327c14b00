package dev.hawser.test;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the event stream format (WHATWG HTML, section 9.2.6) as a browser does, from pieces that may end anywhere. Fed by one
 * thread at a time.
 */
final class EventStreamReader {

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final Consumer<TestEvent> events;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder data = new StringBuilder();
    private boolean first = true;
    private boolean afterCarriageReturn;
    private String name = "";
    private String id = "";
    private volatile @Nullable Duration retry;

    EventStreamReader(Consumer<TestEvent> events) {
        this.events = events;
    }

    /** What the stream has said last of how long to wait before reconnecting; null if nothing. */
    @Nullable
    Duration retry() {
        return retry;
    }

    void read(byte[] bytes) {
        for (byte b : bytes) {
            if (b == '\r' || (b == '\n' && !afterCarriageReturn)) {
                endOfLine();
            } else if (b != '\n') {
                line.write(b);
            }
            afterCarriageReturn = b == '\r';
        }
    }

    private void endOfLine() {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        if (first && text.startsWith(BYTE_ORDER_MARK)) {
            text = text.substring(1);
        }
        first = false;
        if (text.isEmpty()) {
            dispatch();
        } else {
            int colon = text.indexOf(':');
            int value = text.startsWith(" ", colon + 1) ? colon + 2 : colon + 1;
            field(colon < 0 ? text : text.substring(0, colon), colon < 0 ? "" : text.substring(value));
        }
    }

    private void field(String field, String value) {
        switch (field) {
            case "event" -> name = value;
            case "data" -> data.append(value).append('\n');
            case "id" -> id = value.indexOf('\0') < 0 ? value : id;
            case "retry" -> retry = value.matches("[0-9]{1,18}") ? Duration.ofMillis(Long.parseLong(value)) : retry;
            default -> {
                // "The field is ignored"; a comment is a field without a name
            }
        }
    }

    private void dispatch() {
        if (!data.isEmpty()) {
            events.accept(new TestEvent(name.isEmpty() ? "message" : name, data.substring(0, data.length() - 1), id));
        }
        data.setLength(0);
        name = "";
    }
}
