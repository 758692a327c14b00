package dev.hawser.autoconfigure;

import static io.micrometer.observation.tck.TestObservationRegistryAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.spring.DefaultWebSocketMessageObservationConvention;
import dev.hawser.spring.WebSocketHandshakeObservationContext;
import dev.hawser.spring.WebSocketHandshakeObservationConvention;
import dev.hawser.spring.WebSocketMessageObservationContext;
import dev.hawser.spring.WebSocketMessageObservationContext.Direction;
import dev.hawser.spring.WebSocketMessageObservationConvention;
import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.ConnectFailedException.Response;
import dev.hawser.websocket.ConnectionTracing;
import dev.hawser.websocket.client.HandshakeObserver;
import dev.hawser.websocket.handshake.ConnectFailure;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.tck.TestObservationRegistry;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.stereotype.Component;

/** What is observed, and within what. */
@ExtendWith(OutputCaptureExtension.class)
@SuppressWarnings("try") // scopes are closed, and nothing else
class HawserObservationsTests {

    private final TestObservationRegistry registry = TestObservationRegistry.create();

    @Component
    static class RoomConvention extends DefaultWebSocketMessageObservationConvention {

        @Override
        public String getName() {
            return "chat.message";
        }
    }

    private HawserObservations observations(boolean listeners, boolean messages) {
        return observations(listeners, messages, null, null);
    }

    private HawserObservations observations(
            boolean listeners,
            boolean messages,
            @Nullable WebSocketMessageObservationConvention convention,
            @Nullable WebSocketHandshakeObservationConvention handshakes) {
        return new HawserObservations(registry, new ObservationProperties(listeners, messages), convention, handshakes);
    }

    private ConnectionTracing connection(HawserObservations observations) {
        return Observation.createNotStarted("handshake", registry)
                .observe(() -> observations.connection("/chat/{room}"));
    }

    @Test
    void listenersRunWithinTheObservationOfTheirHandshakeAndNoLonger() {
        ConnectionTracing tracing = connection(observations(true, false));
        assertThat(registry.getCurrentObservation()).isNull();
        try (ConnectionTracing.Scope scope = tracing.enter()) {
            assertThat(registry.getCurrentObservation().getContext().getName()).isEqualTo("handshake");
            assertThat(tracing.receiving(true, 1)).isSameAs(ConnectionTracing.Scope.NONE);
        }
        assertThat(registry.getCurrentObservation()).isNull();
    }

    @Test
    void aReceivedMessageIsObservedAsAChildOfTheHandshakeWhereListenersAreWithinThat() {
        ConnectionTracing tracing = connection(observations(true, true));
        try (ConnectionTracing.Scope scope = tracing.enter();
                ConnectionTracing.Scope message = tracing.receiving(false, 12)) {
            assertThat(registry.getCurrentObservation().getContext().getName()).isEqualTo("hawser.websocket.message");
        }
        assertThat(registry.getCurrentObservation()).isNull();
        assertThat(registry)
                .hasObservationWithNameEqualTo("hawser.websocket.message")
                .that()
                .hasBeenStopped()
                .hasContextualNameEqualTo("receive /chat/{room}")
                .hasLowCardinalityKeyValue("uri", "/chat/{room}")
                .hasLowCardinalityKeyValue("direction", "inbound")
                .hasLowCardinalityKeyValue("type", "binary")
                .hasLowCardinalityKeyValue("error", "none")
                .hasHighCardinalityKeyValue("length", "12")
                .hasParentObservationContextMatching(parent -> parent.getName().equals("handshake"));
    }

    @Test
    void aReceivedMessageIsNobodysChildWhereListenersAreNot() {
        ConnectionTracing tracing = connection(observations(false, true));
        try (ConnectionTracing.Scope scope = tracing.enter();
                ConnectionTracing.Scope message = tracing.receiving(true, 3)) {
            message.failed(new IllegalStateException("thrown by a listener"));
        }
        assertThat(registry)
                .hasObservationWithNameEqualTo("hawser.websocket.message")
                .that()
                .doesNotHaveParentObservation()
                .hasLowCardinalityKeyValue("type", "text")
                .hasLowCardinalityKeyValue("error", "IllegalStateException");
    }

    @Test
    void aSentMessageIsAChildOfWhatSendsItAndNotCurrent() {
        ConnectionTracing tracing = connection(observations(false, true));
        Observation.createNotStarted("sender", registry).observe(() -> {
            try (ConnectionTracing.Scope message = tracing.sending(true, 3)) {
                assertThat(registry.getCurrentObservation().getContext().getName())
                        .isEqualTo("sender");
                message.refused();
            }
        });
        assertThat(registry)
                .hasObservationWithNameEqualTo("hawser.websocket.message")
                .that()
                .hasBeenStopped()
                .hasContextualNameEqualTo("send /chat/{room}")
                .hasLowCardinalityKeyValue("direction", "outbound")
                .hasLowCardinalityKeyValue("error", "MessageRefused")
                .hasParentObservationContextMatching(parent -> parent.getName().equals("sender"));
    }

    @Test
    void aConventionOfTheApplicationTakesThePlaceOfOurs() {
        ConnectionTracing tracing = connection(observations(false, true, new RoomConvention(), null));
        tracing.receiving(true, 3).close();
        assertThat(registry)
                .hasNumberOfObservationsWithNameEqualTo("hawser.websocket.message", 0)
                .hasObservationWithNameEqualTo("chat.message")
                .that()
                .hasLowCardinalityKeyValue("uri", "/chat/{room}");
        assertThat(new RoomConvention().supportsContext(new Observation.Context()))
                .isFalse();
        assertThat(new RoomConvention()
                        .supportsContext(new WebSocketMessageObservationContext("/", Direction.INBOUND, true, 1)))
                .isTrue();
    }

    @Test
    void whatAHandlerThrowsCostsNoConnectionAndIsLoggedOnce(CapturedOutput output) {
        ConnectionTracing tracing = connection(observations(true, true));
        registry.observationConfig().observationHandler(new ObservationHandler<Observation.Context>() {

            @Override
            public boolean supportsContext(Observation.Context context) {
                return context instanceof WebSocketMessageObservationContext;
            }

            @Override
            public void onStart(Observation.Context context) {
                throw new IllegalStateException("a broken handler");
            }
        });
        for (int i = 0; i < 3; i++) {
            assertThat(tracing.receiving(true, 1)).isSameAs(ConnectionTracing.Scope.NONE);
        }
        assertThat(output.toString().split("a broken handler", -1)).hasSize(2);
        assertThat(output).contains("WARN").contains("dev.hawser.observations");
    }

    /** A handler that throws whenever this is done to a message, or to the handshake that listeners are within. */
    private static ObservationHandler<Observation.Context> broken(String when, Throwable thrown) {
        return new ObservationHandler<>() {

            private void happens(String now) {
                if (!now.equals(when)) {
                    return;
                }
                if (thrown instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) thrown;
            }

            @Override
            public void onStart(Observation.Context context) {
                happens("start");
            }

            @Override
            public void onError(Observation.Context context) {
                happens("error");
            }

            @Override
            public void onScopeOpened(Observation.Context context) {
                happens("open");
            }

            @Override
            public void onScopeClosed(Observation.Context context) {
                happens("close");
            }

            @Override
            public void onStop(Observation.Context context) {
                happens("stop");
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }
        };
    }

    static Stream<Arguments> brokenHandlers() {
        return Stream.of("start", "error", "open", "close", "stop")
                .flatMap(when -> Stream.of(
                        Arguments.of(when, new IllegalStateException("a broken handler")),
                        Arguments.of(when, new NoSuchMethodError("of another version"))));
    }

    /** A thread of the container that was left within a connection would take other requests for parts of its trace. */
    @ParameterizedTest
    @MethodSource("brokenHandlers")
    void nothingStaysCurrentOnAThreadWhateverAHandlerThrows(String when, Throwable thrown) {
        ConnectionTracing tracing = connection(observations(true, true));
        registry.observationConfig().observationHandler(broken(when, thrown));
        try (ConnectionTracing.Scope scope = tracing.enter()) {
            Observation.Scope entered = registry.getCurrentObservationScope();
            try (ConnectionTracing.Scope message = tracing.receiving(true, 1)) {
                message.failed(new IllegalStateException("thrown by a listener"));
            }
            assertThat(registry.getCurrentObservationScope()).isSameAs(entered);
            tracing.sending(true, 1).close();
            assertThat(registry.getCurrentObservationScope()).isSameAs(entered);
        }
        assertThat(registry.getCurrentObservationScope()).isNull();
    }

    @Test
    void aMessageWhoseScopeCannotBeOpenedIsObservedToItsEnd() {
        ConnectionTracing tracing = connection(observations(false, true));
        registry.observationConfig().observationHandler(broken("open", new IllegalStateException("a broken handler")));
        tracing.receiving(true, 1).close();
        assertThat(registry)
                .hasObservationWithNameEqualTo("hawser.websocket.message")
                .that()
                .hasBeenStopped();
    }

    @Test
    void theHandshakesOfASocketAreChildrenOfWhatConnectsAndTheLastIsWhatItsListenersRunWithin() {
        Observation request = Observation.createNotStarted("request", registry);
        HandshakeObserver handshakes =
                request.observe(() -> observations(true, false).connecting("feed"));
        ConnectionTracing tracing = handshakes.tracing();
        assertWithin(tracing, "request");

        HandshakeObserver.Handshake first = handshakes.begin("example.com:443");
        first.failed(new ConnectFailedException(
                ConnectFailure.UNEXPECTED_STATUS, "no", null, new Response(503, Map.of(), new byte[0])));
        assertWithin(tracing, "hawser.websocket.client.handshake");
        handshakes.begin("example.com:443").opened(101);
        handshakes.begin("example.com:443").abandoned();

        assertThat(registry).hasNumberOfObservationsWithNameEqualTo("hawser.websocket.client.handshake", 3);
        assertThat(registry).forAllObservationsWithNameEqualTo("hawser.websocket.client.handshake", observation -> {
            observation.hasParentObservationEqualTo(request);
        });
        assertHandshake("failed", "503", "unexpected-status");
        assertHandshake("opened", "101", "none");
        assertHandshake("abandoned", "none", "none");
    }

    private void assertWithin(ConnectionTracing tracing, String name) {
        try (ConnectionTracing.Scope scope = tracing.enter()) {
            assertThat(registry.getCurrentObservation().getContext().getName()).isEqualTo(name);
        }
    }

    private void assertHandshake(String outcome, String status, String reason) {
        assertThat(registry).hasAnObservation(observation -> observation
                .hasNameEqualTo("hawser.websocket.client.handshake")
                .hasContextualNameEqualTo("websocket handshake feed")
                .hasLowCardinalityKeyValue("uri", "feed")
                .hasLowCardinalityKeyValue("outcome", outcome)
                .hasLowCardinalityKeyValue("status", status)
                .hasLowCardinalityKeyValue("reason", reason)
                .hasHighCardinalityKeyValue("server", "example.com:443"));
    }

    @Test
    void aHandshakesConventionOfTheApplicationTakesThePlaceOfOurs() {
        WebSocketHandshakeObservationConvention own = new WebSocketHandshakeObservationConvention() {
            @Override
            public String getName() {
                return "dial";
            }
        };
        observations(false, false, null, own)
                .connecting("client")
                .begin("localhost:80")
                .opened(101);
        assertThat(registry).hasObservationWithNameEqualTo("dial").that().hasBeenStopped();
        assertThat(own.supportsContext(new WebSocketHandshakeObservationContext("client", "localhost:80")))
                .isTrue();
    }
}
