package dev.hawser.demo;

import dev.hawser.eventsource.EventSource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Streams the ticks; a client that comes back gets those that it missed first. */
@RestController
class TickController {

    private final Ticker ticker;

    TickController(Ticker ticker) {
        this.ticker = ticker;
    }

    @GetMapping("/events")
    void events(EventSource events) {
        ticker.join(events);
    }
}
