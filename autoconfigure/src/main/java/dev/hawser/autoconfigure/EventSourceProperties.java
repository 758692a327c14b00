package dev.hawser.autoconfigure;

import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.websocket.protocol.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Properties of event streams.
 *
 * @param retry How long a client waits before it reconnects.
 * @param ping How long a stream may be idle before a comment is sent; 0 for ever.
 * @param maxBuffered How much may wait for a client that reads slowly before its stream is ended.
 * @param headers Headers to add to the response.
 * @param allowedOrigins Origins of pages that get a stream; '*' for any, none for those of the same host only.
 * @param lastEventIdParameter Parameter of the query with the last event's id, for clients that cannot set a header; empty for none.
 * @param closeOnSessionEnd Whether a stream is closed when the HTTP session ends that its request belonged to.
 * @param closeOnTokenExpiry Whether a stream is closed when the bearer token of its request expires.
 */
@ConfigurationProperties("hawser.eventsource")
public record EventSourceProperties(
        @DefaultValue("5s") Duration retry,
        @DefaultValue("10s") Duration ping,
        @DefaultValue("16MB") DataSize maxBuffered,
        @DefaultValue Map<String, String> headers,
        @DefaultValue("*") List<String> allowedOrigins,
        @DefaultValue("lastEventId") String lastEventIdParameter,
        @DefaultValue("true") boolean closeOnSessionEnd,
        @DefaultValue("true") boolean closeOnTokenExpiry) {

    private static final String PREFIX = "hawser.eventsource.";

    public EventSourceProperties {
        Check.notNegative(PREFIX + "retry", retry);
        Check.notNegative(PREFIX + "ping", ping);
        Check.size(PREFIX + "max-buffered", maxBuffered, Limits.MAX_ARRAY);
        Check.headers(PREFIX + "headers", headers);
        Check.origins(PREFIX + "allowed-origins", allowedOrigins);
    }

    EventSourceOptions toOptions() {
        return new EventSourceOptions(
                retry,
                ping,
                (int) maxBuffered.toBytes(),
                headers,
                Check.origins(PREFIX + "allowed-origins", allowedOrigins),
                lastEventIdParameter);
    }
}
