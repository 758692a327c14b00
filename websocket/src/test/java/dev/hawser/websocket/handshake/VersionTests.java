package dev.hawser.websocket.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;

import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import dev.hawser.websocket.protocol.Bytes;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which version a handshake speaks, and how it is answered: with the examples of the drafts. */
class VersionTests {

    private static ServerHandshake check(RequestFixture request) throws HandshakeException {
        return ServerHandshake.check(request, OriginPolicy.SAME_ORIGIN, true);
    }

    private static HandshakeRefusal refusal(RequestFixture request, boolean allowDrafts) {
        HandshakeException refused = catchThrowableOfType(
                HandshakeException.class, () -> ServerHandshake.check(request, OriginPolicy.SAME_ORIGIN, allowDrafts));
        assertThat(refused).as("the request must be refused").isNotNull();
        assertThat(refused.refusal().reason()).matches("[ -~]{10,200}");
        return refused.refusal();
    }

    /** The example of draft-75, section 1.2. */
    private static RequestFixture draft75() {
        return new RequestFixture()
                .without("Sec-WebSocket-Version")
                .without("Sec-WebSocket-Key")
                .without("Sec-WebSocket-Protocol")
                .with("Upgrade", "WebSocket")
                .with("WebSocket-Protocol", "sample")
                .target("/demo");
    }

    /** The example of draft-76, section 1.2. */
    private static RequestFixture draft76() {
        return draft75()
                .without("WebSocket-Protocol")
                .with("Sec-WebSocket-Protocol", "sample")
                .with("Sec-WebSocket-Key1", "4 @1  46546xW%0l 1 5")
                .with("Sec-WebSocket-Key2", "12998 5 Y3 1  .P00");
    }

    /** The example of the drafts 7 to 10, section 1.2. */
    private static RequestFixture hybi(String version) {
        return new RequestFixture()
                .without("Origin")
                .with("Sec-WebSocket-Origin", "http://example.com")
                .with("Sec-WebSocket-Version", version);
    }

    static Stream<Arguments> examples() {
        Map<String, String> hybi = Map.of(
                "Upgrade", "websocket",
                "Connection", "Upgrade",
                "Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                "Sec-WebSocket-Protocol", "chat");
        return Stream.of(
                Arguments.argumentSet("13", Version.HYBI_13, new RequestFixture(), "chat", hybi),
                Arguments.argumentSet("8", Version.HYBI_8, hybi("8"), "chat", hybi),
                Arguments.argumentSet("7", Version.HYBI_7, hybi("7"), "chat", hybi),
                Arguments.argumentSet(
                        "76",
                        Version.HIXIE_76,
                        draft76(),
                        "sample",
                        Map.of(
                                "Upgrade", "WebSocket",
                                "Connection", "Upgrade",
                                "Sec-WebSocket-Origin", "http://example.com",
                                "Sec-WebSocket-Location", "ws://example.com/demo",
                                "Sec-WebSocket-Protocol", "sample")),
                Arguments.argumentSet(
                        "75",
                        Version.HIXIE_75,
                        draft75(),
                        "sample",
                        Map.of(
                                "Upgrade", "WebSocket",
                                "Connection", "Upgrade",
                                "WebSocket-Origin", "http://example.com",
                                "WebSocket-Location", "ws://example.com/demo",
                                "WebSocket-Protocol", "sample")));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void theExampleOfEachDraftGetsItsAnswer(
            Version version, RequestFixture request, String protocol, Map<String, String> answer) throws Exception {
        ServerHandshake handshake = check(request);
        assertThat(handshake.version()).isEqualTo(version);
        assertThat(handshake.origin()).isEqualTo("http://example.com");
        assertThat(handshake.accept(protocol)).isEqualTo(answer);
    }

    @ParameterizedTest
    @CsvSource({
        "HYBI_13, hybi-13, false",
        "HYBI_8, hybi-8, false",
        "HYBI_7, hybi-7, false",
        "HIXIE_76, hixie-76, true",
        "HIXIE_75, hixie-75, true"
    })
    void theNamesAreThoseOfTheReference(Version version, String name, boolean hixie) {
        assertThat(version).hasToString(name);
        assertThat(version.isHixie()).isEqualTo(hixie);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "4", "5", "6", "9", "12", "14", "25", "013", "8, 7", "13,13", "x", ""})
    void anUnknownVersionHearsOfThoseThatAreSpoken(String version) {
        HandshakeRefusal refusal = refusal(new RequestFixture().with("Sec-WebSocket-Version", version), true);
        assertThat(refusal.status()).isEqualTo(426);
        assertThat(refusal.cause()).isEqualTo(Cause.BAD_VERSION);
        assertThat(refusal.headers()).contains(entry("Sec-WebSocket-Version", "13, 8, 7"));
    }

    @Test
    void aKeyWithoutAVersionIsNotTakenForAnOldDraft() {
        assertThat(refusal(new RequestFixture().without("Sec-WebSocket-Version"), true)
                        .status())
                .isEqualTo(426);
    }

    @Nested
    class OfHybi8And7 {

        @ParameterizedTest
        @ValueSource(strings = {"8", "7"})
        void areAlwaysOn(String version) throws Exception {
            ServerHandshake handshake = ServerHandshake.check(hybi(version), OriginPolicy.SAME_ORIGIN, false);
            assertThat(handshake.version()).hasToString("hybi-" + version);
            assertThat(handshake.reasonPhrase()).isEqualTo("Switching Protocols");
            assertThat(handshake.challenge()).isEmpty();
        }

        @Test
        void theOriginMayHaveEitherName() throws Exception {
            RequestFixture request = hybi("8").without("Sec-WebSocket-Origin").with("Origin", "http://example.com");
            assertThat(check(request).origin()).isEqualTo("http://example.com");
        }

        @Test
        void theOriginMayHaveBothNames() throws Exception {
            assertThat(check(hybi("8").with("Origin", "http://example.com")).origin())
                    .isEqualTo("http://example.com");
        }

        @Test
        void aForeignOriginIsRefusedUnderEitherName() {
            assertThat(refusal(hybi("8").with("Sec-WebSocket-Origin", "http://evil.example"), true)
                            .cause())
                    .isEqualTo(Cause.FORBIDDEN_ORIGIN);
            assertThat(refusal(hybi("7").without("Sec-WebSocket-Origin").with("Origin", "http://evil.example"), true)
                            .status())
                    .isEqualTo(403);
        }

        @Test
        void twoOriginsAreOneTooMany() {
            assertThat(refusal(hybi("8").with("Origin", "http://evil.example"), true)
                            .status())
                    .isEqualTo(403);
            assertThat(refusal(hybi("8").with("Sec-WebSocket-Origin", "http://example.com", "http://a.example"), true)
                            .status())
                    .isEqualTo(403);
        }

        @Test
        void version13DoesNotLookAtTheOldName() throws Exception {
            ServerHandshake handshake = check(new RequestFixture().with("Sec-WebSocket-Origin", "http://evil.example"));
            assertThat(handshake.origin()).isEqualTo("http://example.com");
        }
    }

    @Nested
    class OfTheHixieDrafts {

        static Stream<Arguments> both() {
            return Stream.of(
                    Arguments.argumentSet("76", draft76(), "hixie-76"),
                    Arguments.argumentSet("75", draft75(), "hixie-75"));
        }

        @ParameterizedTest
        @MethodSource("both")
        void areRefusedUnlessTheyAreAllowed(RequestFixture request, String name) {
            HandshakeRefusal refusal = refusal(request, false);
            assertThat(refusal.status()).isEqualTo(400);
            assertThat(refusal.cause()).isEqualTo(Cause.BAD_VERSION);
            assertThat(refusal.reason()).contains(name, "hawser.websocket.allow-drafts");
        }

        @ParameterizedTest
        @MethodSource("both")
        void overTlsTheLocationIsOfTheOtherScheme(RequestFixture request, String name) throws Exception {
            request.at("https://example.com:8443").target("/demo?room=1").with("Origin", "https://example.com:8443");
            assertThat(check(request).accept(null)).containsValue("wss://example.com:8443/demo?room=1");
        }

        @ParameterizedTest
        @MethodSource("both")
        void withoutAnOriginNoneIsRepeated(RequestFixture request, String name) throws Exception {
            ServerHandshake handshake = check(request.without("Origin"));
            assertThat(handshake.origin()).isNull();
            assertThat(handshake.accept(null).keySet()).noneMatch(header -> header.endsWith("Origin"));
        }

        @ParameterizedTest
        @MethodSource("both")
        void aForeignOriginIsRefused(RequestFixture request, String name) {
            assertThat(refusal(request.with("Origin", "http://evil.example"), true)
                            .status())
                    .isEqualTo(403);
        }

        @ParameterizedTest
        @MethodSource("both")
        void nothingReachesTheResponseThatCouldBreakIt(RequestFixture request, String name) {
            OriginPolicy any = OriginPolicy.allow(List.of("*"));
            for (Consumer<RequestFixture> spoil : List.<Consumer<RequestFixture>>of(
                    r -> r.with("Origin", "http://a\r\nX-Evil: 1"),
                    r -> r.with("Origin", "http://\u00e9.example"),
                    r -> r.without("Origin").target("/a\r\nX-Evil: 1"),
                    r -> r.without("Origin").target("/\u0000"))) {
                spoil.accept(request.target("/demo"));
                HandshakeException refused =
                        catchThrowableOfType(HandshakeException.class, () -> ServerHandshake.check(request, any, true));
                assertThat(refused).isNotNull();
                assertThat(refused.refusal().status()).isEqualTo(400);
            }
        }

        @Test
        void draft75sFirstLinesAreThoseThatClientsCompare() throws Exception {
            ServerHandshake handshake = check(draft75());
            assertThat(handshake.reasonPhrase()).isEqualTo("Web Socket Protocol Handshake");
            assertThat(handshake.accept("sample"))
                    .containsExactly(
                            entry("Upgrade", "WebSocket"),
                            entry("Connection", "Upgrade"),
                            entry("WebSocket-Origin", "http://example.com"),
                            entry("WebSocket-Location", "ws://example.com/demo"),
                            entry("WebSocket-Protocol", "sample"));
        }

        @Test
        void theProtocolIsOneNameOfWhateverIsPrintable() throws Exception {
            ServerHandshake handshake = check(draft75().with("WebSocket-Protocol", "chat/1, with commas"));
            assertThat(handshake.protocols()).containsExactly("chat/1, with commas");
            assertThat(handshake.accept("chat/1, with commas"))
                    .containsEntry("WebSocket-Protocol", "chat/1, with commas");
            assertThat(handshake.choose(List.of("chat"))).isNull();
            assertThat(refusal(draft75().with("WebSocket-Protocol", "a", "b"), true)
                            .cause())
                    .isEqualTo(Cause.BAD_PROTOCOL);
            assertThat(refusal(draft76().with("Sec-WebSocket-Protocol", "a\r\nX-Evil: 1"), true)
                            .cause())
                    .isEqualTo(Cause.BAD_PROTOCOL);
            assertThat(refusal(draft76().with("Sec-WebSocket-Protocol", ""), true)
                            .status())
                    .isEqualTo(400);
        }

        @Test
        void draft75DoesNotLookAtTheNewerProtocolHeader() throws Exception {
            assertThat(check(draft75().with("Sec-WebSocket-Protocol", "other")).protocols())
                    .containsExactly("sample");
        }
    }

    @Nested
    class Draft76sKeys {

        /** The two examples of the draft, sections 1.2 and 1.3, and the borders of 32 bits. */
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                ignoreLeadingAndTrailingWhitespace = false,
                value = {
                    "4 @1  46546xW%0l 1 5|829309203",
                    "12998 5 Y3 1  .P00|259970620",
                    "18x 6]8vM;54 *(5:  {   U1]8  z [  8|155712099",
                    "1_ tx7X d  <  nw  334J702) 7]o}` 0|173347027",
                    "x 4294967295|4294967295",
                    "x 0|0",
                    "00 0000000000000000000000000 14|7",
                    "4 2 9 4 9 6 7 2 9 2|477218588"
                })
        void hideANumber(String key, long number) throws Exception {
            assertThat(Integer.toUnsignedLong(Draft76Key.number("Sec-WebSocket-Key1", List.of(key))))
                    .isEqualTo(number);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "123|spaces",
                    "''|digits",
                    "'x y'|digits",
                    "'1 2 3'|a multiple of its 2 spaces",
                    "'x 4294967296'|a number of 32 bits",
                    "'9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9'|a number of 32 bits"
                })
        void thatHideNoneAreRefused(String key, String expected) {
            for (String name : List.of("Sec-WebSocket-Key1", "Sec-WebSocket-Key2")) {
                HandshakeRefusal refusal = refusal(draft76().with(name, key), true);
                assertThat(refusal.status()).isEqualTo(400);
                assertThat(refusal.cause()).isEqualTo(Cause.BAD_KEY);
                assertThat(refusal.reason()).startsWith("Expected " + expected + " in " + name);
            }
        }

        @Test
        void comeInPairs() {
            assertThat(refusal(draft76().without("Sec-WebSocket-Key2"), true).reason())
                    .isEqualTo("Expected one Sec-WebSocket-Key2 but were 0");
            assertThat(refusal(draft76().without("Sec-WebSocket-Key1"), true).cause())
                    .isEqualTo(Cause.BAD_KEY);
            assertThat(refusal(draft76().with("Sec-WebSocket-Key1", "1 1", "1 1"), true)
                            .cause())
                    .isEqualTo(Cause.BAD_KEY);
        }

        @Test
        void makeTheChallenge() throws Exception {
            ServerHandshake handshake = check(draft76());
            assertThat(handshake.challenge()).isEqualTo(Bytes.hex("316e4113 0f7ed63c"));
            handshake.challenge()[0] = 0;
            assertThat(handshake.challenge()).startsWith(0x31);
            assertThat(handshake.reasonPhrase()).isEqualTo("WebSocket Protocol Handshake");
        }
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void noVersionIsAnswered101WithoutTheHeadersThatAllHave(Version version) throws Exception {
        RequestFixture request =
                switch (version) {
                    case HYBI_13 -> new RequestFixture();
                    case HYBI_8 -> hybi("8");
                    case HYBI_7 -> hybi("7");
                    case HIXIE_76 -> draft76();
                    case HIXIE_75 -> draft75();
                };
        for (Consumer<RequestFixture> spoil : List.<Consumer<RequestFixture>>of(
                r -> r.with("Content-Length", "8"),
                r -> r.version("HTTP/1.0"),
                r -> r.without("Host"),
                r -> r.method("POST"))) {
            spoil.accept(request);
            assertThat(refusal(request, true).status()).isEqualTo(400);
        }
    }
}
