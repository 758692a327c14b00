package dev.hawser.autoconfigure;

import dev.hawser.websocket.servlet.ServletUpgrade;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.mvc.condition.RequestCondition;

/** Whether a request asks for a WebSocket. */
record HandshakeCondition() implements RequestCondition<HandshakeCondition> {

    @Override
    public HandshakeCondition combine(HandshakeCondition other) {
        return this;
    }

    @Override
    public @Nullable HandshakeCondition getMatchingCondition(HttpServletRequest request) {
        return ServletUpgrade.isWebSocket(request) ? this : null;
    }

    @Override
    public int compareTo(HandshakeCondition other, HttpServletRequest request) {
        return 0;
    }
}
