package dev.hawser.websocket.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A driver with what it has said, for tests. */
final class DriverFixture {

    final Driver driver;
    final List<Event> events = new ArrayList<>();

    DriverFixture(Driver driver) {
        this.driver = driver;
        driver.open();
    }

    DriverFixture(Limits limits) {
        this(new HybiDriver(limits));
    }

    DriverFixture() {
        this(Limits.DEFAULT);
    }

    /** Gives the driver these bytes at once. */
    DriverFixture receive(byte[]... parts) {
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
    DriverFixture receiveSlowly(byte[]... parts) {
        for (byte one : Bytes.join(parts)) {
            receive(new byte[] {one});
        }
        return this;
    }

    /** Takes all that waits in the output. */
    byte[] output() {
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

    Event last() {
        return events.get(events.size() - 1);
    }
}
