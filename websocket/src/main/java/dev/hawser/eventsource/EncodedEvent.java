package dev.hawser.eventsource;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/** An event as it is on the wire, encoded once for all streams that send it. Immutable. */
public final class EncodedEvent {

    private static final byte[] END = {'\n'};

    /** All fields, each with the end of its line. */
    private final byte[] fields;
    /** More of them, and the blank line. */
    private final byte[] end;

    private EncodedEvent(byte[] fields, byte[] end) {
        this.fields = fields;
        this.end = end;
    }

    /**
     * An event.
     *
     * @param data as for {@link EventSource#send(String, Consumer)}
     * @param event sets the name, the id or the time to reconnect
     * @throws IllegalArgumentException if the name or the id would break the stream
     */
    public static EncodedEvent of(String data, Consumer<EventSource.Event> event) {
        return new EncodedEvent(EventEncoder.fields(data, event), END);
    }

    /**
     * No event, but from now on the client sends this id when it reconnects: "If the data buffer is an empty string, set the
     * data buffer and the event type buffer to the empty string and return" comes after the id is set (section 9.2.6).
     *
     * @throws IllegalArgumentException as for {@link #withId}
     */
    public static EncodedEvent position(String id) {
        return new EncodedEvent(new byte[0], END).withId(id);
    }

    /**
     * This event with another id, or with one. What they have in common is not encoded again.
     *
     * @throws IllegalArgumentException as for {@link EventSource.Event#id}
     */
    public EncodedEvent withId(String id) {
        String line = "id: " + EventEncoder.requireId(id) + "\n\n"; // of two in an event, the second counts
        return new EncodedEvent(fields, line.getBytes(StandardCharsets.UTF_8));
    }

    /** How many bytes it has on the wire. */
    public int length() {
        return fields.length + end.length;
    }

    /** What is on the wire, in order; must not be changed: for transports. */
    public List<byte[]> bytes() {
        return List.of(fields, end);
    }
}
