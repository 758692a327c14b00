package dev.hawser.tests.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.client.WebSocketClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Messages that are observed, and what is so unless a property says otherwise. */
class MessageTests {

    private abstract static class Echoes {

        @LocalServerPort
        private int port;

        @Autowired
        private WebSocketClient client;

        @Autowired
        private TracedApplication.Log log;

        @Autowired
        private MeterRegistry meters;

        @BeforeEach
        void forget() {
            log.traces.clear();
            meters.clear();
        }

        /** The traces of the controller, of onOpen, of two messages, and of onClose. */
        List<String> echo() {
            ClientWebSocket socket = client.connect("ws://localhost:" + port + "/echo");
            socket.send("one");
            socket.send("two");
            await().until(() -> log.traces.size() == 4);
            socket.close();
            await().until(() -> log.traces.size() == 5);
            assertThat(log.traces)
                    .extracting(heard -> heard.split(" ")[0])
                    .containsExactly("controller", "open", "message", "message", "close");
            return log.traces.stream().map(heard -> heard.split(" ")[1]).toList();
        }

        List<String> timers() {
            return meters.find("hawser.websocket.message").timers().stream()
                    .map(timer -> Stream.of("uri", "direction", "type", "error")
                                    .map(timer.getId()::getTag)
                                    .reduce((a, b) -> a + " " + b)
                                    .orElseThrow()
                            + " x" + timer.count())
                    .sorted()
                    .toList();
        }
    }

    @Nested
    @SpringBootTest(
            classes = TracedApplication.class,
            webEnvironment = WebEnvironment.RANDOM_PORT,
            properties = "management.tracing.sampling.probability=1")
    class UnlessAPropertySaysOtherwise extends Echoes {

        @Test
        void noMessageIsObservedAndListenersAreInNoTrace() {
            List<String> traces = echo();
            assertThat(traces.get(0)).matches("[0-9a-f]{32}");
            assertThat(traces.subList(1, 5)).containsOnly("null");
            assertThat(timers()).isEmpty();
        }
    }

    @Nested
    @SpringBootTest(
            classes = TracedApplication.class,
            webEnvironment = WebEnvironment.RANDOM_PORT,
            properties = {"management.tracing.sampling.probability=1", "hawser.observations.messages=true"})
    class WhereMessagesAreObserved extends Echoes {

        @Test
        void eachThatIsReceivedIsATraceOfItsOwnAndAllAreTimed() {
            List<String> traces = echo();
            assertThat(traces.get(1)).isEqualTo("null");
            assertThat(traces.get(4)).isEqualTo("null");
            assertThat(traces.subList(2, 4)).allMatch(trace -> trace.matches("[0-9a-f]{32}"));
            assertThat(List.of(traces.get(0), traces.get(2), traces.get(3))).doesNotHaveDuplicates();
            await().untilAsserted(() ->
                    assertThat(timers()).contains("/echo inbound text none x2", "/echo outbound text none x2"));
        }
    }

    @Nested
    @SpringBootTest(
            classes = TracedApplication.class,
            webEnvironment = WebEnvironment.RANDOM_PORT,
            properties = {
                "management.tracing.sampling.probability=1",
                "hawser.observations.messages=true",
                "hawser.observations.listeners=true"
            })
    class WhereListenersAreWithinTheirHandshakeToo extends Echoes {

        @Test
        void messagesAreOfTheSameTrace() {
            List<String> traces = echo();
            assertThat(traces.get(0)).matches("[0-9a-f]{32}");
            assertThat(traces).containsOnly(traces.get(0));
            await().untilAsserted(() -> assertThat(timers())
                    .containsExactly(
                            "/echo inbound text none x2",
                            "/echo outbound text none x2",
                            "client inbound text none x2",
                            "client outbound text none x2"));
        }
    }
}
