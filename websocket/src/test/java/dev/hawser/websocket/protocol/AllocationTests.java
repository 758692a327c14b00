package dev.hawser.websocket.protocol;

import static dev.hawser.websocket.protocol.Bytes.frame;
import static dev.hawser.websocket.protocol.Bytes.join;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading allocates what it hands out, and nothing else. */
class AllocationTests {

    private static final int FRAMES = 10_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Driver driver = new HybiDriver(Limits.DEFAULT);
    private final Event[] events = new Event[FRAMES];

    private static long allocated(Runnable task) {
        task.run(); // classes are loaded, and what is needed once is there
        long before = THREADS.getCurrentThreadAllocatedBytes();
        task.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** Reads {@code bytes} so many times that {@link #FRAMES} events come of it. */
    private void read(byte[] bytes, int eventsInThem) {
        ByteBuffer input = ByteBuffer.wrap(bytes);
        int count = 0;
        for (int i = 0; i < FRAMES / eventsInThem; i++) {
            input.rewind();
            for (Event event = driver.receive(input); event != null; event = driver.receive(input)) {
                events[count++] = event;
            }
        }
        assertThat(count).isEqualTo(FRAMES);
    }

    private long given(int length, Function<byte[], Event> event) {
        return allocated(() -> {
            for (int i = 0; i < FRAMES; i++) {
                events[i] = event.apply(new byte[length]);
            }
        });
    }

    private static byte[] many(int first, int length) {
        byte[][] frames = new byte[100][];
        Arrays.fill(frames, frame(first, new byte[length]));
        return join(frames);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 125, 126, 1000})
    void aMessageCostsItsEventAndItsBytes(int length) {
        byte[] binary = many(0x82, length);
        assertThat(allocated(() -> read(binary, 100))).isLessThan(given(length, Event.Binary::new) + FRAMES);
        byte[] text = many(0x81, length);
        assertThat(allocated(() -> read(text, 100))).isLessThan(given(length, Event.Text::new) + FRAMES);
    }

    @Test
    void aPingCostsItsEventAndItsBytes() {
        byte[] pings = many(0x89, 8);
        assertThat(allocated(() -> read(pings, 100))).isLessThan(given(8, Event.Ping::new) + FRAMES);
    }

    @Test
    void aFragmentCostsItsBytes() {
        byte[] message = join(frame(0x02, new byte[500]), frame(0x00, new byte[500]), frame(0x80, new byte[24]));
        byte[] pieces = join(message, message, message, message, message);
        // the message grows once, from 500 to 1000 bytes, and once to its end
        assertThat(allocated(() -> read(pieces, 5)))
                .isLessThan(given(1024, Event.Binary::new)
                        + given(1000, Event.Binary::new)
                        + given(500, Event.Binary::new));
    }
}
