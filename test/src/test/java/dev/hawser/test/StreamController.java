package dev.hawser.test;

import dev.hawser.eventsource.EventSource;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Every kind of event stream. */
@RestController
class StreamController {

    @GetMapping("/news")
    void news(EventSource events) {
        events.send("Breaking News!", event -> event.name("notification").id("99"));
    }

    @GetMapping({"/ticks", "/secret/ticks"})
    void ticks(EventSource events) {
        events.onClose(() -> SocketController.heard.add("ticks closed, after " + events.lastEventId()));
        events.send("first\nafter " + events.lastEventId());
        events.send("tick", event -> event.name("time").id("7").retry(Duration.ofSeconds(3)));
    }

    @GetMapping("/ticks/short")
    void brief(EventSource events) {
        events.send("only");
        events.close();
    }

    /** Sends from another thread, and notices by that that nobody listens. */
    @GetMapping("/ticks/long")
    void endless(EventSource events) {
        String kilobyte = "x".repeat(1024);
        CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 1000; i++) {
                events.send(kilobyte, event -> event.id("1"));
            }
            events.close();
        });
    }
}
