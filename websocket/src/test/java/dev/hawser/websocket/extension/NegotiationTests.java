package dev.hawser.websocket.extension;

import static dev.hawser.websocket.extension.Extension.RSV1;
import static dev.hawser.websocket.extension.Extension.RSV2;
import static dev.hawser.websocket.extension.Extension.RSV3;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.hawser.websocket.extension.deflate.DeflateOptions;
import dev.hawser.websocket.extension.deflate.PermessageDeflate;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.handshake.ExtensionHeader.Parameter;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How extensions are agreed on (RFC 6455, section 9.1), on both sides. */
class NegotiationTests {

    private final TestExtension one = TestExtension.quick("one", RSV1);
    private final TestExtension two = TestExtension.quick("two", RSV2);
    private final TestExtension rival = TestExtension.quick("rival", RSV1);
    private final TestExtension plain = TestExtension.quick("plain", 0);

    private static ExtensionHeader header(String name, Parameter... parameters) {
        return new ExtensionHeader(name, List.of(parameters));
    }

    @Nested
    class TheServer {

        private List<String> agreed(List<Extension> extensions, ExtensionHeader... offers) {
            return Negotiation.accept(extensions, List.of(offers), 1000, Pipeline.Sizes.NONE).agreed().stream()
                    .map(ExtensionHeader::toString)
                    .toList();
        }

        @Test
        void agreesOnWhatBothHaveInItsOwnOrder() {
            assertThat(agreed(List.of(one, two, plain), header("plain"), header("two"), header("other")))
                    .containsExactly("two", "plain");
        }

        @Test
        void showsAnExtensionItsOwnOffersInTheirOrder() {
            ExtensionHeader first = header("one");
            ExtensionHeader second = header("one", new Parameter("a", null));
            agreed(List.of(one), first, header("two"), second);
            assertThat(one.offered).containsExactly(first, second);
        }

        @Test
        void declinesAnExtensionWhoseBitIsTaken() {
            assertThat(agreed(List.of(one, rival, two), header("rival"), header("one"), header("two")))
                    .containsExactly("one", "two");
            assertThat(rival.offered).isEmpty();
            assertThat(agreed(List.of(one, rival), header("rival")))
                    .as("of which the client has no other")
                    .containsExactly("rival");
        }

        @Test
        void goesOnAfterAnExtensionThatDeclines() {
            assertThat(agreed(List.of(one, rival), header("one", new Parameter("x", "1")), header("rival")))
                    .containsExactly("rival");
        }

        @Test
        void agreesOnNothingTwice() {
            assertThat(agreed(List.of(plain, TestExtension.quick("plain", 0)), header("plain"), header("plain")))
                    .containsExactly("plain");
        }

        @Test
        void closesWhatItHasBegunWhenAnExtensionThrows() {
            TestExtension one = TestExtension.quick("one", RSV1);
            TestExtension unclosable = TestExtension.quick("unclosable", RSV2);
            TestExtension broken = TestExtension.quick("broken", RSV3);
            assertThatIllegalStateException()
                    .isThrownBy(() -> TestExtension.pipeline(one, unclosable, broken))
                    .withMessage("broken")
                    .satisfies(thrown -> assertThat(thrown.getSuppressed()).hasSize(1));
            assertThat(one.calls).containsExactly("close");
        }

        @Test
        void sharesOnePipelineWhereNothingIsAgreedOn() {
            assertThat(Negotiation.accept(List.of(one), List.of(), 1000, Pipeline.Sizes.NONE))
                    .isSameAs(Pipeline.NONE);
        }
    }

    @Nested
    class TheClient {

        private final Negotiation.Client client = new Negotiation.Client(List.of(one, two, rival), 1000);

        private void assertRefused(String message, ExtensionHeader... answer) {
            assertThatExceptionOfType(NegotiationException.class)
                    .isThrownBy(() -> client.activate(List.of(answer), Pipeline.Sizes.NONE))
                    .withMessageContaining(message);
        }

        @Test
        void offersAllSetsOfParametersOfAll() {
            assertThat(ExtensionHeader.list(client.offers()))
                    .isEqualTo("one; first=1, one, two; first=1, two, rival; first=1, rival");
        }

        @Test
        void takesTheOrderOfTheServer() throws NegotiationException {
            Pipeline pipeline = client.activate(List.of(header("two"), header("one")), Pipeline.Sizes.NONE);
            ExtensionMessage sent = pipeline.outgoing().process(new ExtensionMessage(true, 0, "x".getBytes(), true));
            assertThat(sent).isNotNull();
            assertThat(new String(sent.data())).isEqualTo("x[two][one]");
            assertThat(sent.reserved()).isEqualTo(RSV1 | RSV2);
        }

        @Test
        void failsForWhatItHasNotOffered() {
            assertRefused("Expected extensions that were offered, once each, but was \"three\"", header("three"));
            assertThat(one.calls).isEmpty();
        }

        @Test
        void failsForOneThatComesTwiceAndClosesWhatItHasBegun() {
            assertRefused("once each, but was \"one; x\"", header("one"), header("one", new Parameter("x", null)));
            assertThat(one.calls).containsExactly("close");
        }

        @Test
        void failsForTwoThatNeedTheSameBit() {
            assertRefused("which use the same reserved bit", header("one"), header("rival"));
        }

        @Test
        void failsForParametersThatAnExtensionRefuses() {
            assertRefused("Expected nothing wrong", header("one", new Parameter("wrong", null)));
        }

        @Test
        void mayBeAnsweredNothing() throws NegotiationException {
            assertThat(client.activate(List.of(), Pipeline.Sizes.NONE)).isSameAs(Pipeline.NONE);
        }
    }

    /** RFC 7692, section 7.1, on the client's side. */
    @Nested
    class PermessageDeflateOfAClient {

        private static Negotiation.Client client(Consumer<DeflateOptions.Builder> changes) {
            return new Negotiation.Client(List.of(new PermessageDeflate(DeflateOptions.DEFAULT.with(changes))), 1000);
        }

        private static void answer(Negotiation.Client client, String parameters) throws NegotiationException {
            List<Parameter> all = Arrays.stream(parameters.split(";"))
                    .filter(part -> !part.isBlank())
                    .map(part -> part.strip().split("="))
                    .map(pair -> new Parameter(pair[0], pair.length > 1 ? pair[1] : null))
                    .toList();
            client.activate(List.of(new ExtensionHeader("permessage-deflate", all)), Pipeline.Sizes.NONE);
        }

        @Test
        void offersAWindowThatTheServerMayLimit() {
            assertThat(ExtensionHeader.list(client(o -> {}).offers()))
                    .isEqualTo("permessage-deflate; client_max_window_bits");
        }

        @Test
        void offersAllThatIsSet() {
            assertThat(ExtensionHeader.list(client(o -> o.clientMaxWindowBits(9)
                                    .serverMaxWindowBits(10)
                                    .clientNoContextTakeover(true)
                                    .serverNoContextTakeover(true))
                            .offers()))
                    .isEqualTo("permessage-deflate; server_no_context_takeover; client_no_context_takeover"
                            + "; server_max_window_bits=10; client_max_window_bits=9");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "'' | true",
                    "server_no_context_takeover | true",
                    "client_no_context_takeover | true",
                    "server_max_window_bits=9 | true",
                    "client_max_window_bits=9 | true",
                    "client_max_window_bits=15; server_max_window_bits=15 | true",
                    "client_max_window_bits | false",
                    "server_max_window_bits | false",
                    "server_max_window_bits=7 | false",
                    "server_max_window_bits=16 | false",
                    "server_no_context_takeover=1 | false",
                    "client_no_context_takeover; client_no_context_takeover | false",
                    "other | false"
                })
        void takesWhatIsDefinedAndFailsForAllElse(String parameters, boolean right) throws NegotiationException {
            if (right) {
                answer(client(o -> {}), parameters);
            } else {
                assertThatExceptionOfType(NegotiationException.class)
                        .isThrownBy(() -> answer(client(o -> {}), parameters))
                        .withMessageContaining("in permessage-deflate but was");
            }
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "'' | false",
                    "server_no_context_takeover | false",
                    "server_no_context_takeover; server_max_window_bits=11 | false",
                    "server_max_window_bits=10 | false",
                    "server_no_context_takeover; server_max_window_bits=10; client_max_window_bits=12 | false",
                    "server_no_context_takeover; server_max_window_bits=10 | true",
                    "server_no_context_takeover; server_max_window_bits=8; client_max_window_bits=11 | true"
                })
        void insistsOnWhatItHasAskedFor(String parameters, boolean right) throws NegotiationException {
            Negotiation.Client client = client(
                    o -> o.serverNoContextTakeover(true).serverMaxWindowBits(10).clientMaxWindowBits(11));
            if (right) {
                answer(client, parameters);
            } else {
                assertThatExceptionOfType(NegotiationException.class).isThrownBy(() -> answer(client, parameters));
            }
        }

        @Test
        void understandsWhatTheServerSends() throws NegotiationException {
            for (boolean forget : new boolean[] {true, false}) {
                PermessageDeflate deflate = new PermessageDeflate(DeflateOptions.DEFAULT.with(o -> o.threshold(0)
                        .serverNoContextTakeover(forget)
                        .clientNoContextTakeover(forget)
                        .clientMaxWindowBits(9)
                        .serverMaxWindowBits(8)));
                Negotiation.Client client = new Negotiation.Client(List.of(deflate), 1000);
                Pipeline server = Negotiation.accept(List.of(deflate), client.offers(), 1000, Pipeline.Sizes.NONE);
                Pipeline other = client.activate(server.agreed(), Pipeline.Sizes.NONE);
                for (int i = 0; i < 3; i++) {
                    ExtensionMessage message =
                            new ExtensionMessage(true, 0, "to and fro, to and fro, to and fro".getBytes(), true);
                    assertThat(through(other.outgoing(), server.incoming(), message))
                            .isEqualTo(message.data());
                    assertThat(through(server.outgoing(), other.incoming(), message))
                            .isEqualTo(message.data());
                }
                server.close();
                other.close();
            }
        }

        private static byte[] through(Lane from, Lane to, ExtensionMessage message) {
            ExtensionMessage sent = from.process(message);
            assertThat(sent).isNotNull();
            assertThat(sent.reserved()).isEqualTo(RSV1);
            ExtensionMessage received = to.process(sent);
            assertThat(received).isNotNull();
            return received.data();
        }
    }
}
