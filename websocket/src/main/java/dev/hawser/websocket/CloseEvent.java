package dev.hawser.websocket;

import dev.hawser.websocket.protocol.Violation;
import org.jspecify.annotations.Nullable;

/**
 * How a WebSocket has ended.
 *
 * @param code as {@link WebSocket#onClose} hears it (RFC 6455, section 7.1.5)
 * @param reason as {@link WebSocket#onClose} hears it; what the peer sent is not escaped
 * @param cause why: the first that there was
 * @param violation which rule or limit, where the cause is {@link CloseCause#VIOLATION} or {@link CloseCause#LIMIT}; null otherwise
 */
public record CloseEvent(
        int code, String reason, CloseCause cause, @Nullable Violation violation) {}
