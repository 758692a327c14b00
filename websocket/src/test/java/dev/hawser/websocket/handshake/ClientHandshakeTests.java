package dev.hawser.websocket.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import dev.hawser.websocket.handshake.ClientHandshake.Agreed;
import dev.hawser.websocket.handshake.ExtensionHeader.Parameter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client's side of the opening handshake (RFC 6455, section 4.1), paragraph by paragraph. */
class ClientHandshakeTests {

    /** The key of the RFC's example (section 1.3), and its answer. */
    private static final String KEY = ClientHandshake.key("the sample nonce".getBytes(StandardCharsets.US_ASCII));

    private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private final Response response = new Response()
            .with("Upgrade", "websocket")
            .with("Connection", "Upgrade")
            .with("Sec-WebSocket-Accept", ACCEPT);

    /** A response as a value. */
    private static final class Response implements HandshakeResponse {

        private int status = 101;
        private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

        Response with(String name, String value) {
            headers.computeIfAbsent(name, none -> new ArrayList<>()).add(value);
            return this;
        }

        /** In place of what is there. */
        Response changed(String name, @Nullable String value) {
            headers.remove(name);
            return value == null ? this : with(name, value);
        }

        @Override
        public int status() {
            return status;
        }

        @Override
        public List<String> headers(String name) {
            return headers.getOrDefault(name, List.of());
        }
    }

    private static ClientHandshake asking(String... protocols) {
        return new ClientHandshake(Version.HYBI_13, KEY, List.of(protocols), List.of(), null);
    }

    private static ClientHandshake offering(String... extensions) {
        List<ExtensionHeader> offers = new ArrayList<>();
        for (String name : extensions) {
            offers.add(new ExtensionHeader(name, List.of()));
        }
        return new ClientHandshake(Version.HYBI_13, KEY, List.of(), offers, null);
    }

    private void assertFailed(ClientHandshake handshake, String message) {
        assertThatExceptionOfType(ClientHandshakeException.class)
                .isThrownBy(() -> handshake.check(response, true))
                .satisfies(failed -> assertThat(failed.failure().id() + ": " + failed.getMessage())
                        .isEqualTo(message));
    }

    @Test
    void asksForAWebSocket() {
        assertThat(asking().headers())
                .containsExactly(
                        entry("Upgrade", "websocket"),
                        entry("Connection", "Upgrade"),
                        entry("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
                        entry("Sec-WebSocket-Version", "13"));
    }

    @Test
    void asksForProtocolsAndExtensionsInTheirOrderAndSaysWhereItComesFrom() {
        ClientHandshake all = new ClientHandshake(
                Version.HYBI_13,
                KEY,
                List.of("chat.v2", "chat"),
                List.of(
                        new ExtensionHeader("x-one", List.of(new Parameter("a", "1"))),
                        new ExtensionHeader("x-one", List.of())),
                "https://example.com");
        assertThat(all.headers())
                .containsEntry("Sec-WebSocket-Protocol", "chat.v2, chat")
                .containsEntry("Sec-WebSocket-Extensions", "x-one; a=1, x-one")
                .containsEntry("Origin", "https://example.com");
    }

    @ParameterizedTest
    @CsvSource({"HYBI_8, 8", "HYBI_7, 7"})
    void draftsHaveANameOfTheirOwnForTheOrigin(Version version, String number) {
        ClientHandshake draft = new ClientHandshake(version, KEY, List.of(), List.of(), "http://a");
        assertThat(draft.headers())
                .containsEntry("Sec-WebSocket-Version", number)
                .containsEntry("Sec-WebSocket-Origin", "http://a")
                .doesNotContainKey("Origin");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HIXIE_75", "HIXIE_76"})
    void draftsWithoutFramesAreForServersOnly(Version version) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ClientHandshake(version, KEY, List.of(), List.of(), null))
                .withMessage("Expected a hybi version but was " + version);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a,b", "a\r\nX: y", "\u00e9"})
    void aProtocolIsAToken(String protocol) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> asking("chat", protocol))
                .withMessage("Expected protocols that are different tokens but number 2 is none");
    }

    @Test
    void aProtocolIsAskedForOnce() {
        assertThatIllegalArgumentException().isThrownBy(() -> asking("chat", "chat"));
    }

    @Test
    void anOriginIsOneLine() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ClientHandshake(Version.HYBI_13, KEY, List.of(), List.of(), "a\r\nX: y"))
                .withMessage("Expected an origin on one line but was \"a??X: y\"");
    }

    @Test
    void aKeyIsOfSixteenBytes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientHandshake.key(new byte[15]))
                .withMessage("Expected a nonce of 16 bytes but was one of 15");
    }

    @Test
    void theAnswerOfTheRfcWillDo() throws ClientHandshakeException {
        assertThat(asking().check(response, true)).isEqualTo(new Agreed(null, List.of()));
    }

    @Test
    void namesAreComparedInAnyCase() throws ClientHandshakeException {
        response.changed("upgrade", "WebSocket").changed("connection", "keep-alive, UPGRADE");
        assertThat(asking().check(response, true)).isEqualTo(new Agreed(null, List.of()));
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 200, 301, 400, 401, 403, 426, 503})
    void anotherStatusFails(int status) {
        response.status = status;
        assertFailed(asking(), "unexpected-status: Expected status 101 but was " + status);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "Upgrade | none | wrong-upgrade: Expected Upgrade: websocket but was none",
                "Upgrade | h2c | wrong-upgrade: Expected Upgrade: websocket but was \"h2c\"",
                "Upgrade | websocket, h2c | wrong-upgrade: Expected Upgrade: websocket but was \"websocket, h2c\"",
                "Connection | none | wrong-connection: Expected Connection: Upgrade but was none",
                "Connection | close | wrong-connection: Expected Connection: Upgrade but was \"close\"",
                "Sec-WebSocket-Accept | none | wrong-accept: Expected a Sec-WebSocket-Accept that answers the key but was none",
                "Sec-WebSocket-Accept | s3pplmbitxaq9kygzzhzrbk+xoo= | wrong-accept: Expected a Sec-WebSocket-Accept that "
                        + "answers the key but was \"s3pplmbitxaq9kygzzhzrbk+xoo=\"",
            })
    void aWrongHeaderFails(String name, @Nullable String value, String message) {
        response.changed(name, value);
        assertFailed(asking(), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Upgrade", "Sec-WebSocket-Accept"})
    void aHeaderThatComesTwiceFails(String name) {
        response.with(name, response.headers(name).get(0));
        assertThatExceptionOfType(ClientHandshakeException.class).isThrownBy(() -> asking().check(response, true));
    }

    @Test
    void whatAServerSaysIsShownOnOneLine() {
        response.changed("Upgrade", "a\r\nb\u001b[31m");
        assertFailed(asking(), "wrong-upgrade: Expected Upgrade: websocket but was \"a??b?[31m\"");
    }

    @Test
    void theProtocolIsTheServersChoiceOfThoseAskedFor() throws ClientHandshakeException {
        response.with("Sec-WebSocket-Protocol", "b");
        assertThat(asking("a", "b").check(response, true).protocol()).isEqualTo("b");
        assertFailed(asking("a"), "unasked-protocol: Expected a protocol of those asked for (1) but was another");
        assertFailed(asking(), "unasked-protocol: Expected a protocol of those asked for (0) but was another");
        assertFailed(asking("B"), "unasked-protocol: Expected a protocol of those asked for (1) but was another");
    }

    @Test
    void oneProtocolIsChosen() {
        response.with("Sec-WebSocket-Protocol", "a, b");
        assertFailed(asking("a", "b"), "unasked-protocol: Expected a protocol of those asked for (2) but was another");
        response.changed("Sec-WebSocket-Protocol", "a").with("Sec-WebSocket-Protocol", "b");
        assertFailed(
                asking("a", "b"), "unasked-protocol: Expected a protocol of those asked for (2) but was more than one");
    }

    @Test
    void noProtocolFailsUnlessThatIsFine() throws ClientHandshakeException {
        assertFailed(asking("a", "b"), "no-protocol: Expected a protocol of those asked for (2) but was none");
        assertThat(asking("a", "b").check(response, false).protocol()).isNull();
    }

    @Test
    void extensionsAreOfThoseOffered() throws ClientHandshakeException {
        response.with("Sec-WebSocket-Extensions", "x-two; a=1").with("Sec-WebSocket-Extensions", "x-one");
        assertThat(offering("x-one", "x-two").check(response, true).extensions())
                .map(ExtensionHeader::toString)
                .containsExactly("x-two; a=1", "x-one");
        assertFailed(
                offering("x-one", "x-one"),
                "unasked-extension: Expected extensions of those offered, [x-one] but was \"x-two\"");
    }

    @Test
    void extensionsThatBreakTheGrammarFail() {
        response.with("Sec-WebSocket-Extensions", "x-one; =");
        assertThatExceptionOfType(ClientHandshakeException.class)
                .isThrownBy(() -> offering("x-one").check(response, true))
                .satisfies(failed -> assertThat(failed.failure()).isEqualTo(ConnectFailure.BAD_EXTENSION));
    }

    /** Both of our sides. */
    @Test
    void whatAServerAcceptsAClientTakes() throws Exception {
        ClientHandshake client = new ClientHandshake(
                Version.HYBI_13,
                ClientHandshake.key(new byte[16]),
                List.of("a", "b"),
                List.of(new ExtensionHeader("x-one", List.of())),
                "http://example.com");
        RequestFixture request = RequestFixture.of(Map.of())
                .without("Upgrade")
                .without("Connection")
                .without("Origin");
        client.headers().forEach(request::with);
        ServerHandshake server = ServerHandshake.check(request, OriginPolicy.SAME_ORIGIN, false);
        Response answer = new Response();
        server.accept(server.choose(List.of("b"))).forEach(answer::with);
        answer.with(ExtensionHeader.NAME, ExtensionHeader.list(server.extensions()));
        assertThat(client.check(answer, true)).isEqualTo(new Agreed("b", client.extensions()));
    }
}
