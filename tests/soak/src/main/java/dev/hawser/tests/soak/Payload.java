package dev.hawser.tests.soak;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/** The contents of a message: a piece of one of two long texts, so that it can be checked without being kept. */
record Payload(boolean text, int start, int length) {

    /** Characters of text are in groups of so many bytes, which are not divided. */
    private static final int UNIT = 4;

    private static final int LARGEST = 256 * 1024;
    private static final byte[] BINARY = new byte[2 * LARGEST];
    private static final byte[] TEXT = new byte[2 * LARGEST];

    static {
        SplittableRandom random = new SplittableRandom(6455);
        random.nextBytes(BINARY);
        for (int at = 0; at < TEXT.length; at += UNIT) {
            String unit = Character.toString('a' + random.nextInt(26)) + random.nextInt(10) + 'é';
            System.arraycopy(unit.getBytes(StandardCharsets.UTF_8), 0, TEXT, at, UNIT);
        }
    }

    /** Most are short, some are long. */
    static Payload any(SplittableRandom random, int largest) {
        int dice = random.nextInt(100);
        int most = dice < 50 ? 128 : dice < 80 ? 4096 : dice < 96 ? 32 * 1024 : LARGEST;
        return of(random, random.nextInt(Math.min(most, largest) + 1));
    }

    static Payload of(SplittableRandom random, int length) {
        boolean text = random.nextBoolean();
        int start = random.nextInt(LARGEST);
        return text ? new Payload(true, start / UNIT * UNIT, length / UNIT * UNIT) : new Payload(false, start, length);
    }

    /** The text at a place that the other side names. */
    static String text(int start, int length) {
        return new String(TEXT, start, length, StandardCharsets.UTF_8);
    }

    byte[] bytes() {
        return Arrays.copyOfRange(source(), start, start + length);
    }

    boolean equalTo(byte[] bytes) {
        return Arrays.equals(source(), start, start + length, bytes, 0, bytes.length);
    }

    private byte[] source() {
        return text ? TEXT : BINARY;
    }
}
