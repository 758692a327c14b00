package dev.hawser.spring;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * How observed messages are named, and by what. A bean of this type takes the place of {@link
 * DefaultWebSocketMessageObservationConvention}; called for each message, on the threads of the connections.
 */
public interface WebSocketMessageObservationConvention
        extends ObservationConvention<WebSocketMessageObservationContext> {

    @Override
    default boolean supportsContext(Observation.Context context) {
        return context instanceof WebSocketMessageObservationContext;
    }
}
