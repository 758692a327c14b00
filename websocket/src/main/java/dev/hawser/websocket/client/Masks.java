package dev.hawser.websocket.client;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/**
 * Masking keys that nobody can foresee (RFC 6455, section 10.3), for all connections of a client; they are drawn from {@link
 * SecureRandom} a thousand at a time. Thread-safe.
 */
final class Masks implements IntSupplier {

    private static final int COUNT = 1024;

    private final SecureRandom random;
    private volatile Batch batch = new Batch(new int[0]);

    private static final class Batch {

        private final int[] keys;
        private final AtomicInteger next = new AtomicInteger();

        Batch(int[] keys) {
            this.keys = keys;
        }
    }

    Masks(SecureRandom random) {
        this.random = random;
    }

    @Override
    public int getAsInt() {
        while (true) {
            Batch current = batch;
            int index = current.next.getAndIncrement();
            if (index >= 0 && index < current.keys.length) {
                return current.keys[index];
            }
            batch = draw(); // two threads may each bring one; the other's is not used
        }
    }

    private Batch draw() {
        byte[] bytes = new byte[4 * COUNT];
        random.nextBytes(bytes);
        int[] keys = new int[COUNT];
        ByteBuffer.wrap(bytes).asIntBuffer().get(keys);
        return new Batch(keys);
    }
}
