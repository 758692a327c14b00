package dev.hawser.eventsource;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How an event stream is set up. Immutable.
 *
 * @param retry how long a client waits before it reconnects
 * @param ping how long a stream may be idle before a comment is sent; zero for ever
 * @param maxBuffered when so many bytes wait to be sent, the stream is ended; an event is taken whole if less waits
 *     before it
 * @param headers headers to add to the response
 */
public record EventSourceOptions(Duration retry, Duration ping, int maxBuffered, Map<String, String> headers) {

    /** Reconnect after 5 s, a ping after 10 s of silence. */
    public static final EventSourceOptions DEFAULT =
            new EventSourceOptions(Duration.ofSeconds(5), Duration.ofSeconds(10), 16 * 1024 * 1024, Map.of());

    public EventSourceOptions {
        if (retry.isNegative()) {
            throw new IllegalArgumentException("retry must not be negative, but is " + retry);
        }
        if (ping.isNegative()) {
            throw new IllegalArgumentException("ping must not be negative, but is " + ping);
        }
        if (maxBuffered < 1) {
            throw new IllegalArgumentException("max-buffered must be 1 byte or more, but is " + maxBuffered);
        }
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }
}
