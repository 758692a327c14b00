package dev.hawser.spring;

import dev.hawser.spring.WebSocketHandshakeObservationContext.Outcome;
import dev.hawser.websocket.ConnectFailedException;
import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import java.util.Locale;

/**
 * The name {@code hawser.websocket.client.handshake}, and few values of each key: {@code uri} (the name of the
 * connection), {@code outcome}, {@code status}, {@code reason}.
 */
public class DefaultWebSocketHandshakeObservationConvention implements WebSocketHandshakeObservationConvention {

    private static final String NONE = "none";

    @Override
    public String getName() {
        return "hawser.websocket.client.handshake";
    }

    @Override
    public String getContextualName(WebSocketHandshakeObservationContext context) {
        return "websocket handshake " + context.name();
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(WebSocketHandshakeObservationContext context) {
        Outcome outcome = context.outcome();
        ConnectFailedException failure = context.failure();
        return KeyValues.of(
                KeyValue.of("uri", context.name()),
                KeyValue.of("outcome", outcome == null ? NONE : outcome.name().toLowerCase(Locale.ROOT)),
                KeyValue.of("status", status(context.status())),
                KeyValue.of("reason", failure == null ? NONE : failure.failure().id()));
    }

    /** A server could make as many meters as there are numbers. */
    private static String status(int status) {
        if (status == 0) {
            return NONE;
        }
        return status >= 100 && status <= 599 ? Integer.toString(status) : "other";
    }

    /** The host and the port. */
    @Override
    public KeyValues getHighCardinalityKeyValues(WebSocketHandshakeObservationContext context) {
        return KeyValues.of("server", context.hostAndPort());
    }
}
