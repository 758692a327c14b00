package dev.hawser.websocket.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What strangers write into headers. */
class HttpTextTests {

    private static final int HOSTILE = 64 * 1024;

    @Test
    void aTokenIsMadeOfExactlyTheCharactersOfTheRfc() {
        String tokens = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        for (char c = 0; c < 0x300; c++) {
            assertThat(HttpText.isToken("a" + c)).as("U+%04x", (int) c).isEqualTo(tokens.indexOf(c) >= 0);
        }
        assertThat(HttpText.isToken("")).isFalse();
    }

    @Test
    void aHeaderValueHasNoControlCharacterButTheTab() {
        for (char c = 0; c < 0x300; c++) {
            boolean allowed = c == '\t' || (c >= 32 && c != 127 && c < 256);
            assertThat(HttpText.isHeaderValue("a" + c)).as("U+%04x", (int) c).isEqualTo(allowed);
        }
    }

    @Test
    void aListIsSplitAtCommasAndEmptyElementsAreLeftOut() {
        assertThat(HttpText.split(" a,b ,\tc d,, ,e")).containsExactly("a", "b", "c d", "e");
        assertThat(HttpText.split("")).isEmpty();
        assertThat(HttpText.split(",")).isEmpty();
        assertThat(HttpText.listContains(List.of("keep-alive", "x, UPGRADE"), "upgrade"))
                .isTrue();
        assertThat(HttpText.listContains(List.of("keep-alive", "upgraded, x upgrade"), "upgrade"))
                .isFalse();
    }

    @Test
    void whatIsShownIsShortAndPrintable() {
        assertThat(HttpText.quote("a\r\n\0\u007féz")).isEqualTo("\"a?????z\"");
        assertThat(HttpText.quote("x".repeat(41))).isEqualTo('"' + "x".repeat(40) + "...\"");
        assertThat(HttpText.logged("x".repeat(200))).isEqualTo("x".repeat(200));
        assertThat(HttpText.logged("\u009b" + "x".repeat(200))).isEqualTo("?" + "x".repeat(199) + "...");
        assertThat(HttpText.printable("one\r\ntwo\t", ' ')).isEqualTo("one  two ");
    }

    /** CVE-2020-7662 (websocket-extensions), CVE-2021-32640 (ws): eight times the header costs eight times as much. */
    @ParameterizedTest
    @ValueSource(strings = {",", " ", "a,", ", ", " \t", "a ", "\"\\", "a;b=\"", ",,a", "ü,"})
    void hostileHeadersCostInProportion(String pattern) {
        long small = allocatedBy(pattern.repeat(HOSTILE / 8 / pattern.length()));
        long large = allocatedBy(pattern.repeat(HOSTILE / pattern.length()));
        assertThat(large).isLessThan(16 * Math.max(small, 16_384)).isLessThan(200L * HOSTILE);
    }

    private static long allocatedBy(String header) {
        refuseInEachHeader(header);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        refuseInEachHeader(header);
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private static void refuseInEachHeader(String value) {
        for (String name : List.of("Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol", "Origin")) {
            try {
                ServerHandshake.check(new RequestFixture().with(name, value), OriginPolicy.SAME_ORIGIN, false);
            } catch (HandshakeException refused) {
                assertThat(refused.refusal().reason()).hasSizeLessThan(200);
            }
        }
    }

    @Test
    void thousandsOfProtocolsAreAllKnownAndChosenFrom() throws Exception {
        List<String> names = IntStream.range(0, 8000).mapToObj(i -> "p" + i).toList();
        ServerHandshake handshake = ServerHandshake.check(
                new RequestFixture().with("Sec-WebSocket-Protocol", String.join(",", names)),
                OriginPolicy.SAME_ORIGIN,
                false);
        assertThat(handshake.protocols()).isEqualTo(names);
        assertThat(handshake.choose(List.of("none", "p7999"))).isEqualTo("p7999");
    }
}
