package dev.hawser.websocket.connection;

import java.util.concurrent.atomic.AtomicLong;

/** Numbers the connections of this process: short, so that a log can be searched for them, and in order. */
final class ConnectionIds {

    private static final AtomicLong LAST = new AtomicLong();

    private ConnectionIds() {}

    static String next() {
        return Long.toString(LAST.incrementAndGet(), Character.MAX_RADIX);
    }
}
