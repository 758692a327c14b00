package dev.hawser.autoconfigure;

import dev.hawser.spring.DefaultWebSocketHandshakeObservationConvention;
import dev.hawser.spring.DefaultWebSocketMessageObservationConvention;
import dev.hawser.spring.WebSocketHandshakeObservationContext;
import dev.hawser.spring.WebSocketHandshakeObservationConvention;
import dev.hawser.spring.WebSocketMessageObservationContext;
import dev.hawser.spring.WebSocketMessageObservationContext.Direction;
import dev.hawser.spring.WebSocketMessageObservationConvention;
import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.ConnectionTracing;
import dev.hawser.websocket.client.HandshakeObserver;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Traces connections with Micrometer's observations. What handlers and conventions of the application throw costs no
 * connection: it is logged, once.
 */
final class HawserObservations implements EndpointTracing {

    private static final Logger log = LoggerFactory.getLogger("dev.hawser.observations");

    private static final WebSocketMessageObservationConvention MESSAGE =
            new DefaultWebSocketMessageObservationConvention();
    private static final WebSocketHandshakeObservationConvention HANDSHAKE =
            new DefaultWebSocketHandshakeObservationConvention();

    private final ObservationRegistry registry;
    private final ObservationProperties properties;
    private final @Nullable WebSocketMessageObservationConvention messages;
    private final @Nullable WebSocketHandshakeObservationConvention handshakes;
    private final AtomicBoolean complained = new AtomicBoolean();

    /**
     * Observes.
     *
     * @param messages instead of the default; null for that
     * @param handshakes instead of the default; null for that
     */
    HawserObservations(
            ObservationRegistry registry,
            ObservationProperties properties,
            @Nullable WebSocketMessageObservationConvention messages,
            @Nullable WebSocketHandshakeObservationConvention handshakes) {
        this.registry = registry;
        this.properties = properties;
        this.messages = messages;
        this.handshakes = handshakes;
    }

    @Override
    public ConnectionTracing connection(String uri) {
        if (!properties.listeners()) {
            return connection(uri, () -> null);
        }
        Observation handshake = registry.getCurrentObservation();
        return connection(uri, () -> handshake);
    }

    private ConnectionTracing connection(String uri, Supplier<@Nullable Observation> handshake) {
        return properties.listeners() || properties.messages()
                ? new ObservedConnection(uri, handshake)
                : ConnectionTracing.NONE;
    }

    @Override
    public HandshakeObserver connecting(String name) {
        return new ObservedHandshakes(name, registry.getCurrentObservation());
    }

    private <T> T orElse(T otherwise, Supplier<T> step) {
        try {
            return step.get();
        } catch (RuntimeException | Error broken) { // a handler for another version of tracing, for instance
            if (complained.compareAndSet(false, true)) {
                log.warn("An ObservationHandler or ObservationConvention threw; this is logged once", broken);
            }
            return otherwise;
        }
    }

    private void quietly(Runnable step) {
        orElse(true, () -> {
            step.run();
            return true;
        });
    }

    /** One connection. */
    private final class ObservedConnection implements ConnectionTracing {

        private final String uri;
        private final Supplier<@Nullable Observation> handshake;

        ObservedConnection(String uri, Supplier<@Nullable Observation> handshake) {
            this.uri = uri;
            this.handshake = handshake;
        }

        /** The handshake's observation has ended, but what belongs to it has not. */
        @Override
        public Scope enter() {
            Observation of = handshake.get();
            if (of == null || of.isNoop() || !properties.listeners()) {
                return Scope.NONE;
            }
            return new Current(of);
        }

        @Override
        public Scope receiving(boolean text, int bytes) {
            return message(Direction.INBOUND, text, bytes);
        }

        @Override
        public Scope sending(boolean text, int bytes) {
            return message(Direction.OUTBOUND, text, bytes);
        }

        private Scope message(Direction direction, boolean text, int bytes) {
            if (!properties.messages()) {
                return Scope.NONE;
            }
            return orElse(Scope.NONE, () -> {
                Observation observation = Observation.start(
                        messages,
                        MESSAGE,
                        () -> new WebSocketMessageObservationContext(uri, direction, text, bytes),
                        registry);
                return observation.isNoop()
                        ? Scope.NONE
                        : new Message(observation, direction == Direction.INBOUND ? new Current(observation) : null);
            });
        }
    }

    /**
     * What is current on this thread until it is closed. Whatever handlers throw, what was current before is so again: the
     * thread belongs to others.
     */
    private final class Current implements ConnectionTracing.Scope {

        private final Observation.@Nullable Scope before = registry.getCurrentObservationScope();
        /** That of the observation, even if a handler has thrown when it was opened. */
        private final Observation.@Nullable Scope scope;

        Current(Observation observation) {
            quietly(observation::openScope);
            scope = registry.getCurrentObservationScope();
        }

        @Override
        public void close() {
            if (scope != null && scope != before) {
                quietly(scope::close);
            }
            registry.setCurrentObservationScope(before);
        }
    }

    private final class Message implements ConnectionTracing.Scope {

        private final Observation observation;
        private final @Nullable Current current;

        Message(Observation observation, @Nullable Current current) {
            this.observation = observation;
            this.current = current;
        }

        @Override
        public void failed(Throwable thrown) {
            quietly(() -> observation.error(thrown));
        }

        @Override
        public void refused() {
            failed(new MessageRefused());
        }

        @Override
        public void close() {
            if (current != null) {
                current.close();
            }
            quietly(observation::stop);
        }
    }

    /** What the error of a message is called that was not sent: nobody throws it. */
    private static final class MessageRefused extends Exception {

        private static final long serialVersionUID = 1L;

        MessageRefused() {
            super("The connection is closing", null, false, false);
        }
    }

    /** One socket of the client. */
    private final class ObservedHandshakes implements HandshakeObserver {

        private final String name;
        private final @Nullable Observation parent;
        /** That of the last attempt. */
        private volatile @Nullable Observation last;

        ObservedHandshakes(String name, @Nullable Observation parent) {
            this.name = name;
            this.parent = parent;
            this.last = parent;
        }

        @Override
        public ConnectionTracing tracing() {
            return connection(name, () -> last);
        }

        @Override
        public Handshake begin(String hostAndPort) {
            return orElse(Handshake.NONE, () -> {
                WebSocketHandshakeObservationContext context =
                        new WebSocketHandshakeObservationContext(name, hostAndPort);
                Observation observation = Observation.createNotStarted(handshakes, HANDSHAKE, () -> context, registry)
                        .parentObservation(parent)
                        .start();
                if (observation.isNoop()) {
                    return Handshake.NONE;
                }
                last = observation;
                return new ObservedHandshake(observation, context);
            });
        }
    }

    /** One attempt to connect. */
    private final class ObservedHandshake implements HandshakeObserver.Handshake {

        private final Observation observation;
        private final WebSocketHandshakeObservationContext context;

        ObservedHandshake(Observation observation, WebSocketHandshakeObservationContext context) {
            this.observation = observation;
            this.context = context;
        }

        @Override
        public Map<String, String> headers() {
            Map<String, String> added = context.getCarrier();
            return added == null ? Map.of() : Map.copyOf(added);
        }

        @Override
        public void opened(int status) {
            end(it -> it.opened(status));
        }

        @Override
        public void failed(ConnectFailedException failure) {
            end(it -> {
                it.failed(failure);
                observation.error(failure);
            });
        }

        @Override
        public void abandoned() {
            end(WebSocketHandshakeObservationContext::abandoned);
        }

        private void end(Consumer<WebSocketHandshakeObservationContext> how) {
            quietly(() -> how.accept(context));
            quietly(observation::stop);
        }
    }
}
