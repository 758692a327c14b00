package dev.hawser.websocket.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The opening handshake, RFC 6455, section 4.2, from its headers alone. */
class ServerHandshakeTests {

    private static ServerHandshake check(RequestFixture request) throws HandshakeException {
        return ServerHandshake.check(request, OriginPolicy.SAME_ORIGIN, false);
    }

    @Nested
    class Accepted {

        @Test
        void theRfcsSampleKeyGetsTheRfcsAnswer() throws Exception {
            assertThat(check(new RequestFixture()).accept("chat"))
                    .isEqualTo(Map.of(
                            "Upgrade", "websocket",
                            "Connection", "Upgrade",
                            "Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                            "Sec-WebSocket-Protocol", "chat"));
        }

        @Test
        void withoutAProtocolThereIsNoHeaderForIt() throws Exception {
            assertThat(check(new RequestFixture()).accept(null)).doesNotContainKey("Sec-WebSocket-Protocol");
        }

        static Stream<Arguments> unusual() {
            return Stream.of(
                    request("no origin", r -> r.without("Origin")),
                    request("no protocol", r -> r.without("Sec-WebSocket-Protocol")),
                    request("an empty protocol", r -> r.with("Sec-WebSocket-Protocol", "")),
                    request("Firefox's Connection", r -> r.with("Connection", "keep-alive, Upgrade")),
                    request("two Connections", r -> r.with("Connection", "keep-alive", "upgrade")),
                    request("upper case", r -> r.with("Upgrade", "WebSocket")),
                    request("a choice of upgrades", r -> r.with("Upgrade", "h2c, websocket")),
                    request("spaces", r -> r.with("Sec-WebSocket-Key", " dGhlIHNhbXBsZSBub25jZQ==\t")),
                    request("an empty body", r -> r.with("Content-Length", "0")));
        }

        private static Arguments request(String name, Consumer<RequestFixture> change) {
            return Arguments.argumentSet(name, change);
        }

        @ParameterizedTest
        @MethodSource("unusual")
        void isWhatIsUnusualButValid(Consumer<RequestFixture> change) throws Exception {
            RequestFixture request = new RequestFixture();
            change.accept(request);
            assertThat(check(request).accept(null)).containsKey("Sec-WebSocket-Accept");
        }

        @Test
        void theProtocolIsTheOneThatIsMostWantedHere() throws Exception {
            ServerHandshake handshake = check(new RequestFixture().with("Sec-WebSocket-Protocol", "a ,b,, c", "d"));
            assertThat(handshake.protocols()).containsExactly("a", "b", "c", "d");
            assertThat(handshake.choose(List.of("x", "d", "a"))).isEqualTo("d");
            assertThat(handshake.choose(List.of("x", "A"))).isNull();
            assertThat(handshake.choose(List.of())).isNull();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "Chat", "other", "chat\r\nX-Evil: 1", "chat\nX-Evil: 1", "chat, superchat"})
        void aProtocolThatTheClientDidNotAskForCannotBeAnswered(String protocol) throws Exception {
            ServerHandshake handshake = check(new RequestFixture());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> handshake.accept(protocol))
                    .withMessageContaining("those that the client asked for (2) but was ")
                    .satisfies(thrown -> assertThat(thrown.getMessage()).doesNotContain("\n", "\r"));
        }
    }

    @Nested
    class Refused {

        private static HandshakeRefusal refusal(RequestFixture request) {
            HandshakeException refused = catchThrowableOfType(HandshakeException.class, () -> check(request));
            assertThat(refused).as("the request must be refused").isNotNull();
            assertThat(refused.refusal().reason()).matches("[ -~]{10,200}");
            return refused.refusal();
        }

        private static Arguments bad(String name, Cause cause, int status, Consumer<RequestFixture> change) {
            return Arguments.argumentSet(name, cause, status, change);
        }

        static Stream<Arguments> invalid() {
            String key = "Sec-WebSocket-Key";
            String version = "Sec-WebSocket-Version";
            String protocol = "Sec-WebSocket-Protocol";
            return Stream.of(
                    bad("plain", Cause.NOT_A_WEBSOCKET, 426, r -> r.without("Upgrade")
                            .without("Connection")),
                    bad("no Upgrade", Cause.NOT_A_WEBSOCKET, 426, r -> r.without("Upgrade")),
                    bad("another Upgrade", Cause.NOT_A_WEBSOCKET, 426, r -> r.with("Upgrade", "websockets")),
                    bad("no Connection", Cause.NOT_A_WEBSOCKET, 426, r -> r.without("Connection")),
                    bad("another Connection", Cause.NOT_A_WEBSOCKET, 426, r -> r.with("Connection", "upgraded")),
                    bad("POST", Cause.BAD_REQUEST, 400, r -> r.method("POST")),
                    bad("lower case get", Cause.BAD_REQUEST, 400, r -> r.method("get")),
                    bad("HTTP/1.0", Cause.BAD_REQUEST, 400, r -> r.version("HTTP/1.0")),
                    bad("HTTP/2.0", Cause.BAD_REQUEST, 400, r -> r.version("HTTP/2.0")),
                    bad("no Host", Cause.BAD_REQUEST, 400, r -> r.without("Host")),
                    bad("a body", Cause.BAD_REQUEST, 400, r -> r.with("Content-Length", "5")),
                    bad("a chunked body", Cause.BAD_REQUEST, 400, r -> r.with("Transfer-Encoding", "chunked")),
                    bad("no version", Cause.BAD_VERSION, 426, r -> r.without(version)),
                    bad("an empty version", Cause.BAD_VERSION, 426, r -> r.with(version, "")),
                    bad("version 6", Cause.BAD_VERSION, 426, r -> r.with(version, "6")),
                    bad("version 14", Cause.BAD_VERSION, 426, r -> r.with(version, "14")),
                    bad("version 013", Cause.BAD_VERSION, 426, r -> r.with(version, "013")),
                    bad("two versions", Cause.BAD_VERSION, 426, r -> r.with(version, "13", "13")),
                    bad("a list of versions", Cause.BAD_VERSION, 426, r -> r.with(version, "13, 8")),
                    bad("no key", Cause.BAD_KEY, 400, r -> r.without(key)),
                    bad("two keys", Cause.BAD_KEY, 400, r -> r.with(key, "AAAAAAAAAAAAAAAAAAAAAA==", "x")),
                    bad("an empty key", Cause.BAD_KEY, 400, r -> r.with(key, "")),
                    bad("15 bytes", Cause.BAD_KEY, 400, r -> r.with(key, "AAAAAAAAAAAAAAAAAAAA")),
                    bad("17 bytes", Cause.BAD_KEY, 400, r -> r.with(key, "AAAAAAAAAAAAAAAAAAAAAAA=")),
                    bad("18 bytes", Cause.BAD_KEY, 400, r -> r.with(key, "AAAAAAAAAAAAAAAAAAAAAAAA")),
                    bad("not Base64", Cause.BAD_KEY, 400, r -> r.with(key, "*AAAAAAAAAAAAAAAAAAAAA==")),
                    bad("URL-safe Base64", Cause.BAD_KEY, 400, r -> r.with(key, "-_AAAAAAAAAAAAAAAAAAAA==")),
                    bad("no padding", Cause.BAD_KEY, 400, r -> r.with(key, "AAAAAAAAAAAAAAAAAAAAAA")),
                    bad("a long key", Cause.BAD_KEY, 400, r -> r.with(key, "A".repeat(60_000))),
                    bad("a protocol twice", Cause.BAD_PROTOCOL, 400, r -> r.with(protocol, "a, b, a")),
                    bad("in two headers", Cause.BAD_PROTOCOL, 400, r -> r.with(protocol, "a", "a")),
                    bad("a space", Cause.BAD_PROTOCOL, 400, r -> r.with(protocol, "a b")),
                    bad("a separator", Cause.BAD_PROTOCOL, 400, r -> r.with(protocol, "a;b")),
                    bad("a line break", Cause.BAD_PROTOCOL, 400, r -> r.with(protocol, "a\r\nX-Evil: 1")),
                    bad("not ASCII", Cause.BAD_PROTOCOL, 400, r -> r.with(protocol, "ünï")),
                    bad("a foreign page", Cause.FORBIDDEN_ORIGIN, 403, r -> r.with("Origin", "http://evil.example")));
        }

        @ParameterizedTest
        @MethodSource("invalid")
        void isWhatIsNotValid(Cause cause, int status, Consumer<RequestFixture> change) {
            RequestFixture request = new RequestFixture();
            change.accept(request);
            HandshakeRefusal refusal = refusal(request);
            assertThat(refusal.cause()).isEqualTo(cause);
            assertThat(refusal.status()).isEqualTo(status);
        }

        @Test
        void whoSpeaksAnotherVersionHearsWhichIsSpoken() {
            assertThat(refusal(new RequestFixture().with("Sec-WebSocket-Version", "9"))
                            .headers())
                    .containsEntry("Sec-WebSocket-Version", "13, 8, 7");
        }

        @Test
        void anOrdinaryRequestIsToldToUpgrade() {
            assertThat(refusal(new RequestFixture().without("Upgrade")).headers())
                    .containsEntry("Upgrade", "websocket")
                    .containsEntry("Connection", "Upgrade");
        }

        /** A browser cannot set the Authorization header, so a bearer token may be among the subprotocols. */
        @ParameterizedTest
        @ValueSource(strings = {"chat, bearer, c2VjcmV0PQ==", "c2VjcmV0, c2VjcmV0"})
        void theReasonShowsNoSubprotocol(String asked) {
            assertThat(refusal(new RequestFixture().with("Sec-WebSocket-Protocol", asked))
                            .reason())
                    .startsWith("Expected different tokens in Sec-WebSocket-Protocol but number ")
                    .doesNotContain("c2VjcmV0");
        }

        @Test
        void aSubprotocolThatWasNotAskedForIsRefusedWithoutShowingThoseThatWere() throws Exception {
            ServerHandshake handshake = check(new RequestFixture().with("Sec-WebSocket-Protocol", "bearer, c2VjcmV0"));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> handshake.accept("chat"))
                    .withMessage("Expected a subprotocol of those that the client asked for (2) but was \"chat\"");
        }

        @Test
        void theReasonShowsAStrangersTextCutAndWithoutControlCharacters() {
            String key = "x\r\n\u001bü" + "x".repeat(60_000);
            assertThat(refusal(new RequestFixture().with("Sec-WebSocket-Key", key))
                            .reason())
                    .endsWith("but was \"x????" + "x".repeat(35) + "...\"");
        }
    }
}
