package dev.hawser.websocket.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hawser.websocket.client.ProxyOptions.Type;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyOptionsTests {

    @ParameterizedTest
    @CsvSource({
        "http://proxy, HTTP, proxy, 80, http://proxy:80",
        "http://Proxy.Example.com:3128/, HTTP, proxy.example.com, 3128, http://proxy.example.com:3128",
        "https://proxy, HTTPS, proxy, 443, https://proxy:443",
        "socks4://proxy, SOCKS4A, proxy, 1080, socks4a://proxy:1080",
        "socks4a://proxy:1, SOCKS4A, proxy, 1, socks4a://proxy:1",
        "SOCKS5://[::1], SOCKS5, ::1, 1080, socks5://[::1]:1080",
        "socks5h://proxy, SOCKS5, proxy, 1080, socks5://proxy:1080"
    })
    void aUrlNamesAProxy(String url, Type type, String host, int port, String shown) {
        ProxyOptions proxy = ProxyOptions.of(url);
        assertThat(proxy.type()).isEqualTo(type);
        assertThat(proxy.host()).isEqualTo(host);
        assertThat(proxy.port()).isEqualTo(port);
        assertThat(proxy.user()).isNull();
        assertThat(proxy).hasToString(shown);
    }

    @Test
    void credentialsAreDecodedAndNeverShown() {
        ProxyOptions proxy = ProxyOptions.of("http://J%C3%BCrgen:p%40s%3As@proxy:3128");
        assertThat(proxy.user()).isEqualTo("Jürgen");
        assertThat(proxy.password()).isEqualTo("p@s:s");
        assertThat(proxy).hasToString("http://proxy:3128");
        assertThat(ProxyOptions.of("http://me@proxy").password()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "proxy:3128",
                "ftp://me:secret@proxy",
                "http://me:secret@proxy:0",
                "http://me:secret@",
                "http://me:secret@pro xy",
                "http://me:secret@proxy/path",
                "http://me:secret%0d%0aX: y@proxy",
                "http://m%3ae:secret@proxy",
                "socks5://me:secret%00@proxy",
                ""
            })
    void whatIsNoProxyIsRefusedWithoutItsPassword(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProxyOptions.of(url))
                .satisfies(wrong -> assertThat(wrong.getMessage()).doesNotContain("secret"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host", "content-length", "a b", "X\r\nY"})
    void headersOfTheProxyAreChecked(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProxyOptions.of("http://proxy").withHeaders(Map.of(name, "x")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProxyOptions.of("http://proxy").withHeaders(Map.of("X-One", "secret\r\nX-Two: 2")))
                .satisfies(wrong ->
                        assertThat(wrong.getMessage()).contains("X-One").doesNotContain("secret"));
    }

    @ParameterizedTest
    @CsvSource({
        "example.com, example.com, 80, true",
        "example.com, www.example.com, 80, true",
        "example.com, evil-example.com, 80, false",
        "example.com, example.com.evil, 80, false",
        ".example.com, www.example.com, 80, true",
        "*.example.com, www.example.com, 80, true",
        "EXAMPLE.com, example.com, 80, true",
        "example.com:8080, example.com, 8080, true",
        "example.com:8080, example.com, 80, false",
        "bücher.example, xn--bcher-kva.example, 80, true",
        "*, anything, 1, true",
        "127.0.0.1, 127.0.0.1, 1, true",
        "127.0.0.1, 127.0.0.11, 1, false",
        "127.0.0.1:9000, 127.0.0.1, 9000, true",
        "127.0.0.1:9000, 127.0.0.1, 9001, false",
        "10.0.0.0/8, 10.200.3.4, 1, true",
        "10.0.0.0/8, 11.0.0.1, 1, false",
        "10.0.0.0/8, example.com, 1, false",
        "::1, ::1, 1, true",
        "[::1], ::1, 1, true",
        "[::1]:80, ::1, 81, false",
        "fd00::/8, fd12::1, 1, true",
        "fd00::/8, 10.0.0.1, 1, false",
        "0.0.0.1, 10.0.0.0.1, 1, false",
        "0.0.1, 127.0.0.1, 1, false",
        "*.0.0.1, 127.0.0.1, 1, false",
        "0:0:0:0:0:0:0:1, ::1, 1, true"
    })
    void somePlacesAreReachedWithoutIt(String pattern, String host, int port, boolean without) {
        ProxySelection selection =
                ProxySelection.of(ProxyOptions.of("http://proxy").withNoProxy("other.test", pattern));
        assertThat(selection.select(false, host, port) == null).isEqualTo(without);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/33", "10.0.0.0/x", "a/8", "a b", "", "fd00::/129", "example.com:0", "*.", "/8"})
    void aPatternThatIsNoneIsRefused(String pattern) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProxyOptions.of("http://proxy").withNoProxy(pattern))
                .withMessageContaining("\"" + pattern + "\"");
    }

    @Test
    void theEnvironmentIsReadAsCurlReadsIt() {
        ProxySelection selection = ProxySelection.environment(Map.of(
                "HTTPS_PROXY", "https://secure:1",
                "http_proxy", "plain:2",
                "NO_PROXY", "localhost, 10.0.0.0/8 example.com"));
        assertThat(selection.select(true, "a.test", 443)).hasToString("https://secure:1");
        assertThat(selection.select(false, "a.test", 80)).hasToString("http://plain:2");
        for (String host : List.of("localhost", "10.1.2.3", "www.example.com")) {
            assertThat(selection.select(true, host, 443)).isNull();
        }
        ProxySelection all =
                ProxySelection.environment(Map.of("all_proxy", "socks5://p:3", "HTTP_PROXY", "http://cgi"));
        assertThat(all.select(true, "a.test", 443)).hasToString("socks5://p:3");
        assertThat(all.select(false, "a.test", 80)).hasToString("socks5://p:3");
        assertThat(ProxySelection.environment(Map.of()).select(true, "a.test", 443))
                .isNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProxySelection.environment(Map.of("https_proxy", "ftp://x")));
    }
}
