package dev.hawser.autoconfigure;

import dev.hawser.spring.ConnectionLifetimes;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import org.springframework.context.event.EventListener;
import org.springframework.security.authentication.event.LogoutSuccessEvent;
import org.springframework.security.core.session.SessionDestroyedEvent;
import org.springframework.security.core.session.SessionIdChangedEvent;
import org.springframework.security.web.authentication.session.SessionFixationProtectionEvent;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Hears of sessions from Spring Security: of those that the container does not know, because something else keeps them, and of
 * logouts that leave the session as it is.
 */
final class SecurityEventListener {

    private final ConnectionLifetimes lifetimes;

    SecurityEventListener(ConnectionLifetimes lifetimes) {
        this.lifetimes = lifetimes;
    }

    @EventListener
    void destroyed(SessionDestroyedEvent event) {
        lifetimes.sessionEnded(event.getId());
    }

    @EventListener
    void changed(SessionIdChangedEvent event) {
        lifetimes.sessionIdChanged(event.getOldSessionId(), event.getNewSessionId());
    }

    @EventListener
    void changed(SessionFixationProtectionEvent event) {
        lifetimes.sessionIdChanged(event.getOldSessionId(), event.getNewSessionId());
    }

    /** The event does not know the session, but it comes while the request is handled. */
    @EventListener
    void loggedOut(LogoutSuccessEvent event) {
        if (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes) {
            HttpServletRequest request = attributes.getRequest();
            HttpSession session = request.getSession(false);
            String id = session == null ? request.getRequestedSessionId() : session.getId();
            if (id != null) {
                lifetimes.sessionEnded(id);
            }
        }
    }
}
