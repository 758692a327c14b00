package dev.hawser.websocket.servlet;

import dev.hawser.eventsource.EventSource;
import dev.hawser.eventsource.EventSourceObserver;
import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.websocket.connection.ConnectionGroup;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A program for a network namespace of its own, whose network it cuts: two clients get streams; one does not read, while the network
 * works, and must be left alone. Prints what it saw.
 */
final class SilentNetwork {

    private static final Duration PING = Duration.ofMillis(500); // below the idle time-out of the Jetty here

    private SilentNetwork() {}

    /** @param arguments the container */
    public static void main(String[] arguments) throws Exception {
        run("ip", "link", "set", "lo", "up");
        BlockingQueue<EventSource> streams = new LinkedBlockingQueue<>();
        BlockingQueue<EventSource> closed = new LinkedBlockingQueue<>();
        ConnectionGroup group = ConnectionGroup.create();
        EventSourceOptions options = new EventSourceOptions(Duration.ofSeconds(1), PING, 100_000_000, Map.of());
        RunningServer server = Container.valueOf(arguments[0]).start((request, response) -> {
            ServletEventStream stream = ServletEventStream.check(
                    request, response, new ServletEventStream.Setup(options, EventSourceObserver.NONE, group, null));
            if (stream != null) {
                stream.events().onClose(() -> closed.add(stream.events()));
                stream.complete();
                streams.add(stream.events());
            }
        });
        RawClient reading = connect(server);
        EventSource toReading = streams.take();
        if (!arguments[0].equals(Container.JETTY.name())) { // whose idle time-out ends those that do not read
            leaveAlone(server, streams, closed);
        }
        run("ip", "link", "set", "lo", "down");
        long cut = System.nanoTime();
        boolean noticed = closed.poll(60, TimeUnit.SECONDS) == toReading;
        long seconds = Duration.ofNanos(System.nanoTime() - cut).toSeconds();
        System.out.println("silent: " + (noticed ? "closed" : "kept") + " after " + seconds + " s");
        reading.close();
        System.exit(0);
    }

    private static void leaveAlone(
            RunningServer server, BlockingQueue<EventSource> streams, BlockingQueue<EventSource> closed)
            throws Exception {
        RawClient lazy = connect(server);
        EventSource toLazy = streams.take();
        while (toLazy.bufferedAmount() < 1_000_000) {
            toLazy.send("x".repeat(100_000)); // its window is closed
        }
        System.out.println("slow for 10 s: " + (closed.poll(10, TimeUnit.SECONDS) == null ? "kept" : "closed"));
        lazy.reset();
        System.out.println("reset: " + (closed.poll(20, TimeUnit.SECONDS) == toLazy ? "closed" : "kept"));
    }

    private static RawClient connect(RunningServer server) throws Exception {
        RawClient client = new RawClient(server.port());
        client.send(client.request("GET /news HTTP/1.1"));
        client.response();
        return client;
    }

    private static void run(String... command) throws Exception {
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", command));
        }
    }
}
