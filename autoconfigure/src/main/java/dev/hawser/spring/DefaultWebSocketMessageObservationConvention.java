package dev.hawser.spring;

import dev.hawser.spring.WebSocketMessageObservationContext.Direction;
import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import org.jspecify.annotations.Nullable;

/** The name {@code hawser.websocket.message}, and few values of each key: {@code uri}, {@code direction}, {@code type}, {@code error}. */
public class DefaultWebSocketMessageObservationConvention implements WebSocketMessageObservationConvention {

    private static final KeyValue INBOUND = KeyValue.of("direction", "inbound");
    private static final KeyValue OUTBOUND = KeyValue.of("direction", "outbound");
    private static final KeyValue TEXT = KeyValue.of("type", "text");
    private static final KeyValue BINARY = KeyValue.of("type", "binary");

    @Override
    public String getName() {
        return "hawser.websocket.message";
    }

    @Override
    public String getContextualName(WebSocketMessageObservationContext context) {
        return (context.direction() == Direction.INBOUND ? "receive " : "send ") + context.uri();
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(WebSocketMessageObservationContext context) {
        return KeyValues.of(
                KeyValue.of("uri", context.uri()),
                context.direction() == Direction.INBOUND ? INBOUND : OUTBOUND,
                context.isText() ? TEXT : BINARY,
                error(context.getError()));
    }

    /** The length of the payload, in bytes. */
    @Override
    public KeyValues getHighCardinalityKeyValues(WebSocketMessageObservationContext context) {
        return KeyValues.of("length", Integer.toString(context.length()));
    }

    /** As Micrometer tags its timers. */
    static KeyValue error(@Nullable Throwable thrown) {
        return KeyValue.of("error", thrown == null ? "none" : thrown.getClass().getSimpleName());
    }
}
