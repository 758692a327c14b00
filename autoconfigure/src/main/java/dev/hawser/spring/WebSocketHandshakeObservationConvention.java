package dev.hawser.spring;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * How the client's handshakes are named, and by what. A bean of this type takes the place of {@link
 * DefaultWebSocketHandshakeObservationConvention}.
 */
public interface WebSocketHandshakeObservationConvention
        extends ObservationConvention<WebSocketHandshakeObservationContext> {

    @Override
    default boolean supportsContext(Observation.Context context) {
        return context instanceof WebSocketHandshakeObservationContext;
    }
}
