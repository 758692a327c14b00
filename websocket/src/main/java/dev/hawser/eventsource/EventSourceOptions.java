package dev.hawser.eventsource;

import dev.hawser.websocket.handshake.OriginPolicy;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How an event stream is set up. Immutable.
 *
 * @param retry how long a client waits before it reconnects
 * @param ping how long a stream may be idle before a comment is sent; zero for ever
 * @param maxBuffered when so many bytes wait to be sent, the stream is ended; an event is taken whole if less waits
 *     before it
 * @param headers headers to add to the response
 * @param origins which pages get a stream; what foreign ones may see of it is a matter of CORS, that is of headers
 * @param lastEventIdParameter the parameter of the query in which a client that cannot set {@code Last-Event-ID} tells the id of
 *     its last event; empty for none
 */
public record EventSourceOptions(
        Duration retry,
        Duration ping,
        int maxBuffered,
        Map<String, String> headers,
        OriginPolicy origins,
        String lastEventIdParameter) {

    /** Reconnect after 5 s, a ping after 10 s of silence. */
    public static final EventSourceOptions DEFAULT =
            new EventSourceOptions(Duration.ofSeconds(5), Duration.ofSeconds(10), 16 * 1024 * 1024, Map.of());

    /** For pages of any origin, and the parameter {@code lastEventId}, which polyfills send. */
    public EventSourceOptions(Duration retry, Duration ping, int maxBuffered, Map<String, String> headers) {
        this(retry, ping, maxBuffered, headers, OriginPolicy.allow(List.of("*")), "lastEventId");
    }

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
