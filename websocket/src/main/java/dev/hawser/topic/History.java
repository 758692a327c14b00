package dev.hawser.topic;

import java.time.Duration;

/**
 * What is kept of a topic for members that come back: the newest messages, as many as all three limits allow.
 *
 * @param count how many; 0 keeps none
 * @param bytes how long they may be together
 * @param age how old they may be
 */
public record History(int count, long bytes, Duration age) {

    /** Nothing is kept, and messages have no ids. */
    public static final History NONE = new History(0, 0, Duration.ZERO);

    public History {
        if (count < 0) {
            throw new IllegalArgumentException("history.count must not be negative, but is " + count);
        }
        if (count > 0 && bytes < 1) {
            throw new IllegalArgumentException("history.bytes must be 1 byte or more, but is " + bytes);
        }
        if (count > 0 && (age.isNegative() || age.isZero())) {
            throw new IllegalArgumentException("history.age must be more than nothing, but is " + age);
        }
    }

    /** Whether anything is kept. */
    public boolean isKept() {
        return count > 0;
    }
}
