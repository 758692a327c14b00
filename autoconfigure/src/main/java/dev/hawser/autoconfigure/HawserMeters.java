package dev.hawser.autoconfigure;

import dev.hawser.eventsource.EventSource;
import dev.hawser.eventsource.EventSourceObserver;
import dev.hawser.spring.UnconvertibleException;
import dev.hawser.topic.TopicObserver;
import dev.hawser.topic.Topics;
import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.CloseEvent;
import dev.hawser.websocket.Connection;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import dev.hawser.websocket.protocol.Violation;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.function.SingletonSupplier;

/**
 * The meters of all endpoints. Each endpoint has its own set, made once: recording looks nothing up for a message. All
 * tags are bounded: {@code uri} is a path pattern of the application, never a path.
 */
final class HawserMeters implements EndpointObservers {

    static final String ACTIVE = ".connections.active";
    static final String OPENED = ".connections.opened";
    static final String CLOSED = ".connections.closed";
    static final String DURATION = ".connection.duration";
    static final String SLOW = ".connections.slow";
    static final String BUFFERED = ".buffered";
    static final String BYTES = ".bytes";
    static final String ERRORS = ".errors";
    static final String MESSAGES = "hawser.websocket.messages";
    static final String REFUSED = "hawser.websocket.handshakes.refused";
    static final String FAILED = "hawser.websocket.handshakes.failed";
    static final String PING = "hawser.websocket.ping.duration";
    static final String COMPRESSION_RATIO = "hawser.websocket.compression.ratio";
    static final String COMPRESSION_BYTES = "hawser.websocket.compression.bytes";
    static final String EVENTS = "hawser.eventsource.events";
    static final String STREAMS_REFUSED = "hawser.eventsource.requests.refused";
    static final String TOPICS = "hawser.topics";

    private static final List<Map.Entry<Integer, CloseCause>> USUAL_ENDS = List.of(
            Map.entry(1000, CloseCause.PEER),
            Map.entry(1001, CloseCause.PEER),
            Map.entry(1001, CloseCause.SHUTDOWN),
            Map.entry(1005, CloseCause.PEER),
            Map.entry(1006, CloseCause.NETWORK),
            Map.entry(1006, CloseCause.HEARTBEAT),
            Map.entry(1006, CloseCause.SHUTDOWN),
            Map.entry(1011, CloseCause.FAILURE),
            Map.entry(1013, CloseCause.SLOW_CONSUMER),
            Map.entry(1013, CloseCause.LIMIT));
    private static final List<CloseCause> USUAL_ENDS_OF_STREAMS = List.of(
            CloseCause.PEER, CloseCause.SHUTDOWN, CloseCause.HEARTBEAT, CloseCause.SLOW_CONSUMER, CloseCause.LIMIT);

    private final MeterRegistry registry;
    private final Map<String, WebSocketMeters> webSockets = new ConcurrentHashMap<>();
    private final Map<String, EventSourceMeters> eventSources = new ConcurrentHashMap<>();

    private final TopicMeters topics;

    HawserMeters(MeterRegistry registry) {
        this.registry = registry;
        this.topics = new TopicMeters();
    }

    @Override
    public WebSocketObserver webSocket(String uri) {
        return webSockets.computeIfAbsent(uri, WebSocketMeters::new);
    }

    @Override
    public EventSourceObserver eventSource(String uri) {
        return eventSources.computeIfAbsent(uri, EventSourceMeters::new);
    }

    @Override
    public void refused(String uri, Cause cause) {
        refusals(uri, cause).increment();
    }

    private Counter refusals(String uri, Cause cause) {
        return Counter.builder(REFUSED)
                .description("Handshakes that were refused")
                .tags("uri", uri, "reason", cause.id())
                .register(registry);
    }

    @Override
    public void failed(String name, ConnectFailure failure) {
        Counter.builder(FAILED)
                .description("Connections that the client could not open")
                .tags("uri", name, "reason", failure.id())
                .register(registry)
                .increment();
    }

    @Override
    public TopicObserver topics() {
        return topics;
    }

    /** What WebSockets and event streams have in common. */
    private final class Connections {

        private final String prefix;
        private final Tags tags;
        /** Those that are open: what waits in them is added up when somebody asks. */
        private final Set<Connection> open = ConcurrentHashMap.newKeySet();

        private final Counter opened;
        private final Timer duration;

        Connections(String prefix, String uri) {
            this.prefix = prefix;
            this.tags = Tags.of("uri", uri);
            this.opened = Counter.builder(prefix + OPENED)
                    .description("Connections that were opened")
                    .tags(tags)
                    .register(registry);
            errors("listener");
            errors("overflow");
            errors(Violation.MEMORY_LIMIT.id());
            this.duration = Timer.builder(prefix + DURATION)
                    .description("How long connections were open that have ended")
                    .tags(tags)
                    .minimumExpectedValue(Duration.ofMillis(100))
                    .maximumExpectedValue(Duration.ofDays(1))
                    .register(registry);
            gauge(ACTIVE, Set::size).description("Connections that are open").register(registry);
            gauge(SLOW, all -> all.stream()
                            .filter(one -> one.statistics().isSlow())
                            .count())
                    .description("Connections whose peers read so slowly that senders are asked to wait")
                    .register(registry);
            gauge(BUFFERED, all -> all.stream()
                            .mapToLong(Connection::bufferedAmount)
                            .sum())
                    .description("What waits for peers to read")
                    .baseUnit("bytes")
                    .register(registry);
        }

        private Gauge.Builder<Set<Connection>> gauge(String name, ToDoubleFunction<Set<Connection>> value) {
            return Gauge.builder(prefix + name, open, value).tags(tags).strongReference(true);
        }

        void opened(Connection connection) {
            open.add(connection);
            opened.increment();
        }

        void closed(Connection connection, Duration time, Tags more) {
            open.remove(connection);
            duration.record(time);
            ends(more).increment();
        }

        /** Made before it counts anything, where that can be foreseen: of a counter that begins with 1, nobody sees a rate. */
        Counter ends(Tags more) {
            return Counter.builder(prefix + CLOSED)
                    .description("Connections that have ended")
                    .tags(tags.and(more))
                    .register(registry);
        }

        void failed(String kind) {
            errors(kind).increment();
        }

        Counter errors(String kind) {
            return Counter.builder(prefix + ERRORS)
                    .description(
                            "Violations of the protocol, messages of the wrong type, listeners that threw, and clients that read too slowly")
                    .tags(tags.and("kind", kind))
                    .register(registry);
        }

        Counter bytes(Tags more) {
            return Counter.builder(prefix + BYTES)
                    .description("Payload of messages and events")
                    .baseUnit("bytes")
                    .tags(tags.and(more))
                    .register(registry);
        }
    }

    private static Tags tags(CloseCause cause) {
        return Tags.of("cause", cause.id(), "initiator", cause.initiator());
    }

    private final class WebSocketMeters implements WebSocketObserver {

        private final Connections connections;
        private final Timer ping;
        private final Messages receivedText;
        private final Messages receivedBinary;
        private final Messages sentText;
        private final Messages sentBinary;
        private final Supplier<Compression> inflated;
        private final Supplier<Compression> deflated;

        WebSocketMeters(String uri) {
            connections = new Connections("hawser.websocket", uri);
            for (Map.Entry<Integer, CloseCause> usual : USUAL_ENDS) {
                CloseCause cause = usual.getValue();
                connections.ends(
                        tags(usual.getKey(), cause, cause == CloseCause.LIMIT ? Violation.MEMORY_LIMIT : null));
            }
            if (uri.startsWith("/")) { // the client's connections, which refuse nobody, have a name instead
                Stream.of(Cause.values()).forEach(cause -> refusals(uri, cause));
            }
            ping = Timer.builder(PING)
                    .description("Time from a ping of the keep-alive to its pong")
                    .tags("uri", uri)
                    .minimumExpectedValue(Duration.ofNanos(100_000))
                    .maximumExpectedValue(Duration.ofSeconds(30))
                    .register(registry);
            receivedText = new Messages(uri, "inbound", "text");
            receivedBinary = new Messages(uri, "inbound", "binary");
            sentText = new Messages(uri, "outbound", "text");
            sentBinary = new Messages(uri, "outbound", "binary");
            // Only endpoints with an extension have these.
            inflated = SingletonSupplier.of(() -> new Compression(uri, "inbound"));
            deflated = SingletonSupplier.of(() -> new Compression(uri, "outbound"));
        }

        private final class Messages {

            private final Counter messages;
            private final Counter bytes;

            Messages(String uri, String direction, String type) {
                Tags kind = Tags.of("direction", direction, "type", type);
                messages = Counter.builder(MESSAGES)
                        .description("Messages received and sent")
                        .tags(kind.and("uri", uri))
                        .register(registry);
                bytes = connections.bytes(kind);
            }

            void count(int length) {
                messages.increment();
                bytes.increment(length);
            }
        }

        private final class Compression {

            private final DistributionSummary ratio;
            private final Counter plain;
            private final Counter compressed;

            Compression(String uri, String direction) {
                Tags tags = Tags.of("uri", uri, "direction", direction);
                ratio = DistributionSummary.builder(COMPRESSION_RATIO)
                        .description("How many times longer compressed messages are when they are not")
                        .tags(tags)
                        .register(registry);
                plain = bytes(tags.and("form", "plain"));
                compressed = bytes(tags.and("form", "compressed"));
            }

            private Counter bytes(Tags tags) {
                return Counter.builder(COMPRESSION_BYTES)
                        .description("Payload of compressed messages, with and without compression")
                        .baseUnit("bytes")
                        .tags(tags)
                        .register(registry);
            }

            void count(int length, int onWire) {
                ratio.record((double) length / Math.max(1, onWire));
                plain.increment(length);
                compressed.increment(onWire);
            }
        }

        @Override
        public void transformed(boolean inbound, int length, int onWire) {
            (inbound ? inflated : deflated).get().count(length, onWire);
        }

        @Override
        public void opened(WebSocket socket) {
            connections.opened(socket);
        }

        @Override
        public void closed(WebSocket socket, CloseEvent event, Duration open) {
            connections.closed(socket, open, tags(event.code(), event.cause(), event.violation()));
        }

        private static Tags tags(int code, CloseCause cause, @Nullable Violation violation) {
            String limit = cause == CloseCause.LIMIT && violation != null ? violation.id() : "none";
            return Tags.of("code", code(code), "limit", limit).and(HawserMeters.tags(cause));
        }

        /** Codes of applications share one value: a peer must not be able to make meters. */
        private static String code(int code) {
            if (code >= 1000 && code <= 1014) {
                return Integer.toString(code);
            }
            return code >= 3000 && code <= 4999 ? "3000-4999" : "other";
        }

        @Override
        public void received(boolean text, int bytes) {
            (text ? receivedText : receivedBinary).count(bytes);
        }

        @Override
        public void sent(boolean text, int bytes) {
            (text ? sentText : sentBinary).count(bytes);
        }

        @Override
        public void pong(Duration roundTrip) {
            ping.record(roundTrip);
        }

        @Override
        public void violated(Violation violation) {
            connections.failed(violation.id());
        }

        @Override
        public void listenerFailed(Throwable thrown) {
            connections.failed(thrown instanceof UnconvertibleException ? "unconvertible" : "listener");
        }

        @Override
        public void overflowed() {
            connections.failed("overflow");
        }
    }

    /** Of all topics together: their names are as many as the application likes. */
    private final class TopicMeters implements TopicObserver {

        private final Counter sent = counter("sent", "Messages sent to topics on this node");
        private final Counter refused = counter("refused", "Messages not sent to topics since too much waited");
        private final Counter delivered = counter("delivered", "Messages of topics sent to members on this node");
        private final Counter dropped =
                counter("dropped", "Messages of topics not sent to members that read too slowly");
        private final Counter closed = counter("closed", "Members of topics closed since they read too slowly");
        private final Counter replayed = counter("replayed", "Messages sent to members that had missed them");
        private final Counter resets = counter("resets", "Members told that what they missed is kept no more");

        private Counter counter(String name, String description) {
            return Counter.builder(TOPICS + "." + name).description(description).register(registry);
        }

        @Override
        public void started(Topics topics) {
            Gauge.builder(TOPICS + ".active", topics, Topics::count)
                    .description("Topics that have members on this node")
                    .register(registry);
            Gauge.builder(TOPICS + ".members", topics, Topics::members)
                    .description("Members of all topics on this node")
                    .register(registry);
        }

        @Override
        public void sent() {
            sent.increment();
        }

        @Override
        public void refused() {
            refused.increment();
        }

        @Override
        public void delivered(int count) {
            delivered.increment(count);
        }

        @Override
        public void dropped(int count) {
            dropped.increment(count);
        }

        @Override
        public void closed() {
            closed.increment();
        }

        @Override
        public void replayed(int count) {
            replayed.increment(count);
        }

        @Override
        public void reset() {
            resets.increment();
        }
    }

    private final class EventSourceMeters implements EventSourceObserver {

        private final String uri;
        private final Connections connections;
        private final Counter events;
        private final Counter bytes;

        EventSourceMeters(String uri) {
            this.uri = uri;
            connections = new Connections("hawser.eventsource", uri);
            USUAL_ENDS_OF_STREAMS.forEach(cause -> connections.ends(tags(cause)));
            events = Counter.builder(EVENTS)
                    .description("Events sent")
                    .tags("uri", uri)
                    .register(registry);
            bytes = connections.bytes(Tags.empty());
        }

        @Override
        public void opened(EventSource events) {
            connections.opened(events);
        }

        @Override
        public void closed(EventSource events, CloseCause cause, Duration open) {
            connections.closed(events, open, tags(cause));
        }

        @Override
        public void refused(Cause cause) {
            Counter.builder(STREAMS_REFUSED)
                    .description("Requests for event streams that were refused")
                    .tags("uri", uri, "reason", cause.id())
                    .register(registry)
                    .increment();
        }

        @Override
        public void exhausted() {
            connections.failed(Violation.MEMORY_LIMIT.id());
        }

        @Override
        public void sent(int length) {
            events.increment();
            bytes.increment(length);
        }

        @Override
        public void listenerFailed() {
            connections.failed("listener");
        }

        @Override
        public void overflowed() {
            connections.failed("overflow");
        }
    }
}
