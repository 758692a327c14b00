package dev.hawser.websocket.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code Sec-WebSocket-Extensions}, RFC 6455, section 9.1. */
class ExtensionParserTests {

    private static List<String> parse(String... headers) throws HandshakeException {
        return ExtensionParser.parse(List.of(headers)).stream()
                .map(ExtensionHeader::toString)
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "foo|[foo]",
                "bar; baz=2|[bar; baz=2]",
                "foo, bar; baz=2|[foo, bar; baz=2]",
                "deflate-stream|[deflate-stream]",
                "mux; max-channels=4; flow-control, deflate-stream|[mux; max-channels=4; flow-control, deflate-stream]",
                "permessage-deflate; client_max_window_bits; server_max_window_bits=10|"
                        + "[permessage-deflate; client_max_window_bits; server_max_window_bits=10]",
                "a;b=\"c\"|[a; b=c]",
                "a;b=\"\\c\\d\"|[a; b=cd]",
                "a ;\tb = c ,d|[a; b=c, d]",
                "a;b;b=1;b|[a; b; b=1; b]",
                "`, ,a,,b,`|[a, b]",
                "``|[]",
                "`  `|[]"
            })
    void offersAreReadInTheirOrder(String header, String offers) throws Exception {
        assertThat(parse(header)).hasToString(offers);
    }

    @Test
    void severalHeadersAreOneList() throws Exception {
        assertThat(parse("a; b, c", "", "d")).containsExactly("a; b", "c", "d");
        assertThat(parse()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a b",
                ";a",
                "a;",
                "a;;b",
                "a;b=",
                "a;=b",
                "a;b==c",
                "a;b=\"",
                "a;b=\"\"",
                "a;b=\"c d\"",
                "a;b=\"c\\",
                "a;b=\"c\\\"",
                "a;b=\"c\"d",
                "a/b",
                "a;b=c/d",
                "\"a\"",
                "a\r\nX-Evil: 1",
                "\u00e9",
                "a\u0000"
            })
    void whatBreaksTheGrammarIsRefused(String header) {
        HandshakeException refused = catchThrowableOfType(HandshakeException.class, () -> parse("fine", header));
        assertThat(refused).isNotNull();
        assertThat(refused.refusal().status()).isEqualTo(400);
        assertThat(refused.refusal().cause()).isEqualTo(Cause.BAD_EXTENSION);
        assertThat(refused.refusal().reason())
                .matches("Expected [ -~]+ in Sec-WebSocket-Extensions but was \"[ -~]{0,43}\"");
    }

    /** CVE-2020-7662 (websocket-extensions): a quoted string that never ends took quadratic time and more. */
    @Test
    @Timeout(value = 20, threadMode = ThreadMode.SEPARATE_THREAD)
    void hostileHeadersOfAnyLengthAreReadOnce() throws Exception {
        String backslashes = "a; b=\"" + "\\".repeat(1 << 20);
        assertThat(catchThrowableOfType(HandshakeException.class, () -> parse(backslashes)))
                .isNotNull();
        String quotes = "a; b=\"c\",".repeat(100_000);
        assertThat(parse(quotes)).hasSize(100_000);
        String unfinished = "a;b=\"c".repeat(100_000);
        assertThat(catchThrowableOfType(HandshakeException.class, () -> parse(unfinished)))
                .isNotNull();
    }

    @Test
    void aHandshakeShowsWhatIsOffered() throws Exception {
        ServerHandshake handshake = ServerHandshake.check(
                new RequestFixture().with("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
                OriginPolicy.SAME_ORIGIN,
                false);
        assertThat(handshake.extensions())
                .containsExactly(new ExtensionHeader(
                        "permessage-deflate", List.of(new ExtensionHeader.Parameter("client_max_window_bits", null))));
        assertThat(handshake.accept(null)).doesNotContainKey("Sec-WebSocket-Extensions");
    }
}
