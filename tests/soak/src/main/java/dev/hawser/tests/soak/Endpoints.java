package dev.hawser.tests.soak;

import dev.hawser.eventsource.EventSource;
import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.topic.Topic;
import dev.hawser.topic.Topics;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** What the server offers, each for a kind of visitor. */
@RestController
class Endpoints {

    /** A text that asks the server to close, with a code after it. */
    static final String CLOSE = "!close ";

    /** How long decisions take that come later. */
    private static final long DECISION_MILLIS = 300;

    /** How long a stream lasts that the server ends. */
    private static final long SHORT_MILLIS = 3000;

    private static final int FLOOD_LENGTH = 4096;

    private final Topics topics;
    private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "later");
        thread.setDaemon(true);
        return thread;
    });

    Endpoints(Topics topics) {
        this.topics = topics;
    }

    /** For those who behave: on a busy machine they are given time. */
    @Configuration(proxyBeanMethods = false)
    static class Steady {

        @Bean
        WebSocketEndpoint steady() {
            return WebSocketEndpoint.at("/steady", socket -> socket.onMessage(socket::send))
                    .with(options -> options.ping(Duration.ofSeconds(30)).pingTimeout(Duration.ofMinutes(2)));
        }
    }

    @GetMapping("/echo")
    void echo(WebSocket socket) {
        listen(socket, socket::send);
    }

    @GetMapping("/later/{outcome}")
    void later(@PathVariable String outcome, WebSocketRequest request) {
        request.defer();
        switch (outcome) {
            case "accepted" -> decide(() -> echo(request.accept()));
            case "refused" -> decide(() -> request.reject(401, "Not you"));
            default -> {
                // Nobody decides: that is answered after the handshake-timeout.
            }
        }
    }

    private void decide(Runnable decision) {
        later.schedule(decision, DECISION_MILLIS, TimeUnit.MILLISECONDS);
    }

    @GetMapping("/refused")
    void refused(WebSocketRequest request) {
        request.reject(401, "Not you");
    }

    @GetMapping("/room/{room}")
    void room(@PathVariable String room, WebSocket socket) {
        Topic topic = topics.topic("room/" + room);
        topic.join(socket);
        listen(socket, topic::send);
    }

    @GetMapping("/room/{room}/events")
    void events(@PathVariable String room, EventSource events) {
        topics.topic("room/" + room).join(events);
    }

    @GetMapping("/room/{room}/events/short")
    void shortEvents(@PathVariable String room, EventSource events) {
        topics.topic("room/" + room).join(events);
        later.schedule(() -> events.close(), SHORT_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Sends as fast as the peer reads. */
    @GetMapping("/flood/{count}")
    void flood(@PathVariable int count, WebSocket socket) {
        pour(count, socket::send, socket::onDrain);
    }

    /** Sends without looking at what the peer reads. */
    @GetMapping("/flood/{count}/rude")
    void rudeFlood(@PathVariable int count, WebSocket socket) {
        socket.onOpen(() -> pour(count, Endpoints.evenIfFull(socket::send), drained -> {}));
    }

    @GetMapping("/flood/{count}/events")
    void eventFlood(@PathVariable int count, EventSource events) {
        pour(count, events::send, events::onDrain);
    }

    /** Once more than is taken waits before the stream is open, and once afterwards. */
    @GetMapping("/flood/{count}/events/rude")
    void rudeEventFlood(@PathVariable int count, EventSource events) {
        Runnable flood = () -> pour(count, Endpoints.evenIfFull(events::send), drained -> {});
        if (count % 2 == 0) {
            flood.run();
        } else {
            later.schedule(flood, DECISION_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private static Predicate<String> evenIfFull(Predicate<String> send) {
        return text -> {
            send.test(text);
            return true;
        };
    }

    /** Sends so many texts, each time until the queue is full, and once it has drained the next ones. */
    private static void pour(int count, Predicate<String> send, Consumer<Runnable> onDrain) {
        AtomicInteger next = new AtomicInteger();
        Runnable more = () -> {
            boolean room = true;
            while (room && next.get() < count) {
                room = send.test(floodText(next.getAndIncrement()));
            }
        };
        onDrain.accept(more);
        more.run();
    }

    /** The text of a number in a flood. */
    static String floodText(int number) {
        return number + " " + Character.toString('a' + number % 26).repeat(FLOOD_LENGTH);
    }

    private static void listen(WebSocket socket, Consumer<Message> listener) {
        socket.onMessage(message -> {
            if (message.isText() && message.length() < 16 && message.text().startsWith(CLOSE)) {
                socket.close(Integer.parseInt(message.text().substring(CLOSE.length())), "As you wish");
            } else {
                listener.accept(message);
            }
        });
    }
}
