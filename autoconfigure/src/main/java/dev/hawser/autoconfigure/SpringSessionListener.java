package dev.hawser.autoconfigure;

import dev.hawser.spring.ConnectionLifetimes;
import org.springframework.context.ApplicationListener;
import org.springframework.session.events.SessionDestroyedEvent;

/** Hears of sessions that have been deleted or have expired, on this node or another, from Spring Session. */
final class SpringSessionListener implements ApplicationListener<SessionDestroyedEvent> {

    private final ConnectionLifetimes lifetimes;

    SpringSessionListener(ConnectionLifetimes lifetimes) {
        this.lifetimes = lifetimes;
    }

    @Override
    public void onApplicationEvent(SessionDestroyedEvent event) {
        lifetimes.sessionEnded(event.getSessionId());
    }
}
