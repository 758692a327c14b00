package dev.hawser.websocket.protocol;

import com.sun.management.ThreadMXBean;
import dev.hawser.websocket.extension.Negotiation;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.extension.deflate.PermessageDeflate;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.handshake.Version;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Any bytes, cut anywhere, through the driver of any version. The first byte of the input chooses the version and how
 * frames are put together, the second how the rest is cut.
 */
public final class FrameFuzzer {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Limits LIMITS = new Limits(2000, 1500, 20);

    private FrameFuzzer() {}

    /** Called by the fuzzer; throws where a promise is broken. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length < 2) {
            return;
        }
        byte[] bytes = Arrays.copyOfRange(input, 2, input.length);
        checkMemory(input[0], bytes);
        Conversation whole = new Conversation(input[0]).receive(bytes);
        Conversation cut = new Conversation(input[0]);
        int step = 1 + (input[1] & 0x1F);
        for (int at = 0; at < bytes.length; at += step) {
            cut.receive(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + step)));
        }
        whole.check();
        cut.check();
        if (!whole.events.equals(cut.events) || !Arrays.equals(whole.output(), cut.output())) {
            throw new AssertionError("Cut into " + step + " bytes: " + cut.events + " but whole: " + whole.events);
        }
        end(whole.driver);
        end(cut.driver);
    }

    private static void end(Driver driver) {
        driver.disconnected();
        driver.release();
    }

    /** Where 64 is in the choice, messages may be compressed. */
    private static Pipeline pipeline(int choice) {
        return choice >= 0 && (choice & 64) != 0
                ? Negotiation.accept(
                        List.of(new PermessageDeflate()),
                        List.of(new ExtensionHeader(PermessageDeflate.NAME, List.of())),
                        LIMITS.maxLength(),
                        Pipeline.Sizes.NONE)
                : Pipeline.NONE;
    }

    private static Driver driver(int choice, Limits limits) {
        Version version = Version.values()[(choice & 0xFF) % Version.values().length];
        Driver driver =
                switch (version) {
                    case HIXIE_75 -> HixieDriver.draft75(limits);
                    case HIXIE_76 -> HixieDriver.draft76(limits, new byte[8]);
                    default -> new HybiDriver(version, limits, new Framing(choice >= 0, 100), pipeline(choice));
                };
        driver.open();
        return driver;
    }

    /** However long a message claims to be, memory follows what has come of it. */
    private static void checkMemory(int choice, byte[] bytes) {
        long most = (1 << 20) + 32L * bytes.length;
        // Twice, since classes may be loaded and instrumented meanwhile.
        if (allocated(choice, bytes) > most && allocated(choice, bytes) > most) {
            throw new AssertionError(bytes.length + " bytes made us allocate more than " + most);
        }
    }

    private static long allocated(int choice, byte[] bytes) {
        Driver driver = driver(choice, Limits.DEFAULT);
        ByteBuffer input = ByteBuffer.wrap(bytes);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (Event event = driver.receive(input); event != null; event = driver.receive(input)) {
            driver.answer(event);
        }
        long sum = THREADS.getCurrentThreadAllocatedBytes() - before;
        end(driver);
        return sum;
    }

    private static final class Conversation {

        private final Driver driver;
        private final List<String> events = new ArrayList<>();
        private byte[] output = {};

        Conversation(int choice) {
            driver = driver(choice, LIMITS);
        }

        Conversation receive(byte[] bytes) {
            ByteBuffer input = ByteBuffer.wrap(bytes);
            for (Event event = driver.receive(input); event != null; event = driver.receive(input)) {
                driver.answer(event);
                events.add(describe(event));
            }
            if (input.hasRemaining()) {
                throw new AssertionError(input.remaining() + " bytes are left");
            }
            return this;
        }

        private static String describe(Event event) {
            if (event instanceof Event.Text text) {
                return "text " + checked(text.utf8()) + Utf8Fuzzer.decode(text.utf8());
            } else if (event instanceof Event.Binary binary) {
                return "binary " + checked(binary.data());
            } else if (event instanceof Event.Fragment fragment) {
                return fragment.frame() + " " + checked(fragment.frame().unwrap());
            } else if (event instanceof Event.Ping ping) {
                return "ping " + Arrays.toString(ping.data());
            } else if (event instanceof Event.Pong pong) {
                return "pong " + Arrays.toString(pong.data());
            } else if (event instanceof Event.Open open) {
                return "open " + Arrays.toString(open.body());
            } else if (event instanceof Event.Failure failure
                    && !failure.reason().matches("[ -~]{1,123}")) {
                throw new AssertionError("A reason must be short and printable, but is " + failure);
            }
            return event.toString();
        }

        private static String checked(byte[] payload) {
            if (payload.length > LIMITS.maxLength()) {
                throw new AssertionError(payload.length + " bytes are more than the limit");
            }
            return Arrays.toString(payload);
        }

        byte[] output() {
            while (!driver.output().isEmpty()) {
                for (ByteBuffer next : driver.output().peek()) {
                    byte[] all = Arrays.copyOf(output, output.length + next.remaining());
                    next.get(all, output.length, next.remaining());
                    output = all;
                }
                driver.output().removeWritten();
            }
            return output;
        }

        /** What goes out is well-formed, and ends with what ended the connection. */
        void check() {
            ByteBuffer out = ByteBuffer.wrap(output());
            if (driver.version() == Version.HIXIE_76 && out.hasRemaining()) {
                out.position(16);
            }
            while (out.hasRemaining()) {
                int first = out.get() & 0xFF;
                int length = out.get() & 0xFF;
                boolean known = driver.version().isHixie()
                        ? first == 0xFF && length == 0
                        : first == 0x8A && length <= 125 || first == 0x88 && length <= 125 && length != 1;
                if (!known) {
                    throw new AssertionError("Not an answer: " + first + " " + length);
                }
                out.position(out.position() + length);
                if (first != 0x8A && out.hasRemaining()) {
                    throw new AssertionError("Something follows the close");
                }
            }
            long ends = events.stream()
                    .filter(e -> e.startsWith("Close") || e.startsWith("Failure"))
                    .count();
            if (ends > 1 || driver.isFinished() != (ends == 1)) {
                throw new AssertionError("Ended " + ends + " times: " + events);
            }
        }
    }
}
