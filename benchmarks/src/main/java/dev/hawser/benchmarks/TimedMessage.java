package dev.hawser.benchmarks;

import java.io.IOException;
import java.util.Locale;

/**
 * Messages of 128 bytes: {@code <}, a number, when it was due, letters, {@code >}. These brackets are nowhere else on the wire,
 * whatever a protocol puts around messages, or between.
 */
final class TimedMessage {

    private static final int LENGTH = 128;
    private static final int NUMBER_END = 16;
    private static final int DUE_END = NUMBER_END + 20;
    private static final String LETTERS = "abcdefghijklmnopqrstuvw".repeat(6);

    private TimedMessage() {}

    /**
     * A message.
     *
     * @param due as {@link System#nanoTime}
     */
    static String text(long number, long due) {
        String head = String.format(Locale.ROOT, "<%015d %019d", number, due);
        return head + LETTERS.substring(head.length(), LENGTH - 1) + ">";
    }

    /** Finds messages in what comes. */
    static final class Reader {

        private int at;
        private long number;
        private long due;

        /** Whether the message is whole with this byte. */
        boolean take(byte next) throws IOException {
            if (at == 0) {
                if (next == '<') {
                    at = 1;
                    number = 0;
                    due = 0;
                }
                return false;
            }
            if (at < NUMBER_END) {
                number = 10 * number + next - '0';
            } else if (at > NUMBER_END && at < DUE_END) {
                due = 10 * due + next - '0';
            } else if (at > NUMBER_END) {
                expect(next, at == LENGTH - 1 ? '>' : LETTERS.charAt(at));
            }
            at = (at + 1) % LENGTH;
            return at == 0;
        }

        private static void expect(int actual, int expected) throws IOException {
            if (actual != expected) {
                throw new IOException("Expected byte " + expected + " of a message but was " + actual);
            }
        }

        long number() {
            return number;
        }

        /** As {@link System#nanoTime}. */
        long due() {
            return due;
        }
    }
}
