package dev.hawser.demo;

import dev.hawser.eventsource.EventSource;
import dev.hawser.topic.Topic;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Streams the live figures: those of the last minutes first, or what a client has missed. */
@RestController
class LiveController {

    private final Live live;

    LiveController(Live live) {
        this.live = live;
    }

    /** @param from the id of the last sample that a page has which opens a new stream; a browser that reconnects tells it by itself */
    @GetMapping("/live")
    void live(EventSource events, @RequestParam(defaultValue = Topic.BEGINNING) String from) {
        live.join(events, events.lastEventId().isEmpty() ? from : events.lastEventId());
    }
}
