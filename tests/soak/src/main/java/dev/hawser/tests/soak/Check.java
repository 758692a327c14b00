package dev.hawser.tests.soak;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What a connection is to hear, message by message. */
interface Check {

    /** What is wrong with a message; null if nothing is. */
    @Nullable
    String heard(boolean text, byte[] payload);

    /** Whether all has come that is due. */
    boolean isDone();

    /** Byte for byte what was said, in order. */
    final class Echo implements Check {

        private final Deque<Payload> awaited = new ArrayDeque<>(1);

        void await(Payload payload) {
            awaited.add(payload);
        }

        @Override
        public @Nullable String heard(boolean text, byte[] payload) {
            Payload expected = awaited.poll();
            if (expected == null) {
                return "Expected nothing but was " + payload.length + " bytes";
            }
            return expected.text() == text && expected.equalTo(payload)
                    ? null
                    : "Expected the echo of " + expected + " but was " + payload.length + " bytes of "
                            + (text ? "text" : "binary") + ": "
                            + new String(payload, 0, Math.min(20, payload.length), StandardCharsets.ISO_8859_1);
        }

        @Override
        public boolean isDone() {
            return awaited.isEmpty();
        }
    }

    /** What members of a room say: of each of them every message from the first that is heard, in order. */
    final class Room implements Check {

        private static final int MOST = 300;

        private final Map<String, Integer> last = new HashMap<>(4);

        /** A message, with what is needed to check it. */
        static String text(long sender, int count, SplittableRandom random) {
            int start = 4 * random.nextInt(10_000);
            int length = 4 * random.nextInt(MOST);
            return sender + " " + count + " " + start + " " + length + " " + Payload.text(start, length);
        }

        @Override
        public @Nullable String heard(boolean text, byte[] payload) {
            return text ? heard(new String(payload, StandardCharsets.UTF_8)) : "Expected text but was binary";
        }

        @Nullable
        String heard(String text) {
            String[] fields = text.split(" ", 5);
            if (fields.length < 5
                    || !fields[4].equals(Payload.text(Integer.parseInt(fields[2]), Integer.parseInt(fields[3])))) {
                return "Expected a message of a member but was " + text.substring(0, Math.min(40, text.length()));
            }
            int count = Integer.parseInt(fields[1]);
            Integer before = last.put(fields[0], count);
            return before == null || before + 1 == count
                    ? null
                    : "Expected message " + (before + 1) + " of " + fields[0] + " but was " + count;
        }

        /** Some were missed, and the server said so. */
        void reset() {
            last.clear();
        }

        @Override
        public boolean isDone() {
            return true;
        }
    }

    /** Numbered texts. */
    final class Flood implements Check {

        private final int count;
        private int next;

        Flood(int count) {
            this.count = count;
        }

        @Override
        public @Nullable String heard(boolean text, byte[] payload) {
            byte[] expected = Endpoints.floodText(next).getBytes(StandardCharsets.UTF_8);
            boolean right = text && Arrays.equals(expected, payload);
            return right ? next(1) : "Expected text " + next + " but was " + payload.length + " bytes";
        }

        private @Nullable String next(int by) {
            next += by;
            return null;
        }

        @Override
        public boolean isDone() {
            return next == count;
        }
    }
}
