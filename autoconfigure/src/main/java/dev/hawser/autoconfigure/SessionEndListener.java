package dev.hawser.autoconfigure;

import dev.hawser.spring.ConnectionLifetimes;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;

/** Hears of sessions from the container; and from Spring Session, as far as its store publishes events. */
final class SessionEndListener implements HttpSessionListener, HttpSessionIdListener {

    private final ConnectionLifetimes lifetimes;

    SessionEndListener(ConnectionLifetimes lifetimes) {
        this.lifetimes = lifetimes;
    }

    @Override
    public void sessionDestroyed(HttpSessionEvent event) {
        lifetimes.sessionEnded(event.getSession());
    }

    @Override
    public void sessionIdChanged(HttpSessionEvent event, String oldSessionId) {
        lifetimes.sessionIdChanged(oldSessionId, event.getSession().getId());
    }
}
