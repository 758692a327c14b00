package dev.hawser.autoconfigure;

import dev.hawser.eventsource.EventSource;
import dev.hawser.spring.AuthenticationExpiry;
import dev.hawser.spring.ConnectionLifetimes;
import dev.hawser.websocket.servlet.ServletUpgrade;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.security.Principal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Ties a connection to the session and to the token that its request has come with, where the properties say so. */
final class RequestLifetimes {

    private final WebSocketProperties webSockets;
    private final EventSourceProperties eventSources;
    private final ConnectionLifetimes lifetimes;
    private final AuthenticationExpiry expiry;

    RequestLifetimes(
            WebSocketProperties webSockets,
            EventSourceProperties eventSources,
            ConnectionLifetimes lifetimes,
            AuthenticationExpiry expiry) {
        this.webSockets = webSockets;
        this.eventSources = eventSources;
        this.lifetimes = lifetimes;
        this.expiry = expiry;
    }

    /** Ties the socket that this becomes, if it is accepted. */
    void tie(HttpServletRequest request, ServletUpgrade upgrade) {
        HttpSession session = webSockets.closeOnSessionEnd() ? request.getSession(false) : null;
        upgrade.onAccepted(socket -> {
            if (session != null) {
                lifetimes.endWith(socket, session);
            }
            Instant end = webSockets.closeOnTokenExpiry() ? expiry(socket.principal()) : null;
            if (end != null) {
                lifetimes.expireAt(socket, end);
            }
        });
    }

    /** Ties a stream. */
    void tie(HttpServletRequest request, EventSource events) {
        HttpSession session = eventSources.closeOnSessionEnd() ? request.getSession(false) : null;
        // First, since it may throw, and then nobody would close the stream.
        Instant end = eventSources.closeOnTokenExpiry() ? expiry(events.principal()) : null;
        if (session != null) {
            lifetimes.endWith(events, session);
        }
        if (end != null) {
            lifetimes.expireAt(events, end);
        }
    }

    private @Nullable Instant expiry(@Nullable Principal principal) {
        return principal == null ? null : expiry.expiresAt(principal);
    }
}
