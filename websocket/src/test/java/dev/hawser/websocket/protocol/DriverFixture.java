package dev.hawser.websocket.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A driver with what it has said, for tests. */
public final class DriverFixture {

    public final Driver driver;
    public final List<Event> events = new ArrayList<>();

    public DriverFixture(Driver driver) {
        this.driver = driver;
        driver.open();
    }

    public DriverFixture(Limits limits) {
        this(new HybiDriver(limits));
    }

    public DriverFixture() {
        this(Limits.DEFAULT);
    }

    /** Gives the driver these bytes at once. */
    public DriverFixture receive(byte[]... parts) {
        ByteBuffer input = ByteBuffer.wrap(Bytes.join(parts));
        for (Event event = driver.receive(input); event != null; event = driver.receive(input)) {
            driver.answer(event);
            events.add(event);
        }
        if (input.hasRemaining()) {
            throw new AssertionError("The driver must use up its input, but left " + input.remaining() + " bytes");
        }
        return this;
    }

    /** Gives the driver these bytes one at a time. */
    public DriverFixture receiveSlowly(byte[]... parts) {
        for (byte one : Bytes.join(parts)) {
            receive(new byte[] {one});
        }
        return this;
    }

    /** Takes all that waits in the output. */
    public byte[] output() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteQueue queue = driver.output();
        while (!queue.isEmpty()) {
            for (ByteBuffer next : queue.peek()) {
                byte[] bytes = new byte[next.remaining()];
                next.get(bytes);
                out.writeBytes(bytes);
            }
            queue.removeWritten();
        }
        return out.toByteArray();
    }

    public Event last() {
        return events.get(events.size() - 1);
    }
}
