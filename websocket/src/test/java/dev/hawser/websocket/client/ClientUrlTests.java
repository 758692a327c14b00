package dev.hawser.websocket.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientUrlTests {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ws://example.com | false | example.com | 80 | / | ws://example.com/",
                "WSS://Example.COM | true | example.com | 443 | / | wss://example.com/",
                "ws://example.com:8080/a/b?c=d&e | false | example.com | 8080 | /a/b?c=d&e | ws://example.com:8080/a/b?c=d&e",
                "ws://example.com?c=d | false | example.com | 80 | /?c=d | ws://example.com/?c=d",
                "wss://example.com:443/ | true | example.com | 443 | / | wss://example.com/",
                "ws://example.com:443/ | false | example.com | 443 | / | ws://example.com:443/",
                "ws://example.com:/ | false | example.com | 80 | / | ws://example.com/",
                "ws://[::1]/ | false | ::1 | 80 | / | ws://[::1]/",
                "ws://[2001:DB8::1]:9000/x | false | 2001:db8::1 | 9000 | /x | ws://[2001:db8::1]:9000/x",
                "ws://127.0.0.1:1/ | false | 127.0.0.1 | 1 | / | ws://127.0.0.1:1/",
                "ws://bücher.example/ | false | xn--bcher-kva.example | 80 | / | ws://xn--bcher-kva.example/",
                "ws://my_service:80/ | false | my_service | 80 | / | ws://my_service/",
                "ws://example.com./ | false | example.com. | 80 | / | ws://example.com./",
                "ws://example.com/ä b | false | example.com | 80 | /%C3%A4%20b | ws://example.com/%C3%A4%20b",
                "ws://example.com/%41%zz | false | example.com | 80 | /%41%zz | ws://example.com/%41%zz",
                "ws://example.com/a?b=\"<>`{}^\\ | false | example.com | 80 | /a?b=%22%3C%3E%60%7B%7D%5E%5C | "
                        + "ws://example.com/a?b=%22%3C%3E%60%7B%7D%5E%5C"
            })
    void aUrlSaysWhereToConnectTo(String url, boolean secure, String host, int port, String target, String shown) {
        ClientUrl parsed = ClientUrl.parse(url);
        assertThat(parsed).isEqualTo(new ClientUrl(secure, host, port, target, null, null));
        assertThat(parsed).hasToString(shown);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http://example.com/ | begins with ws://, wss:// or ws+unix:",
                "https://example.com/ | begins with ws://",
                "example.com | begins with ws://",
                "/chat | begins with ws://",
                "ws:example.com | begins with ws://",
                "ws+unix: | the path of a socket",
                "ws+unix::/chat | the path of a socket",
                "ws://example.com/#top | without a fragment",
                "ws://example.com# | without a fragment",
                "ws+unix:/run/app.sock:/#x | without a fragment",
                "ws:// | Expected a host",
                "ws:///chat | Expected a host",
                "ws://:80/ | Expected a host",
                "ws://.example.com/ | Expected a host",
                "ws://exa mple.com/ | Expected a host",
                "ws://exa%41mple.com/ | Expected a host",
                "ws://a,b/ | Expected a host",
                "ws://a:b:c/ | Expected a host",
                "ws://::1/ | Expected a host",
                "ws://[::1/ | Expected a host",
                "ws://[::g]/ | Expected an IPv6 address",
                "ws://[fe80::1%25eth0]/ | Expected an IPv6 address",
                "ws://[127.0.0.1]/ | Expected an IPv6 address",
                "ws://example.com:0/ | Expected a port, 1 to 65535",
                "ws://example.com:65536/ | Expected a port",
                "ws://example.com:-1/ | Expected a port",
                "ws://example.com:+80/ | Expected a port",
                "ws://example.com:80x/ | Expected a port",
                "ws://example.com:99999999999/ | Expected a port"
            })
    void whatIsNotOneIsRefusedAndSaysWhy(String url, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientUrl.parse(url))
                .withMessageContaining(why);
    }

    @Test
    void aUserAndAPasswordBecomeBasicAuthorization() {
        // RFC 7617, sections 2 and 2.1
        assertThat(ClientUrl.parse("ws://Aladdin:open%20sesame@example.com/").authorization())
                .isEqualTo("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assertThat(ClientUrl.parse("ws://test:123£@example.com/").authorization())
                .isEqualTo("Basic dGVzdDoxMjPCow==");
        assertThat(ClientUrl.parse("ws://me:a:b@c@example.com/").authorization())
                .isEqualTo(ClientUrl.basic("me", "a:b@c"));
        assertThat(ClientUrl.parse("ws://me@example.com/").authorization()).isEqualTo(ClientUrl.basic("me", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ws://me:secret@example.com:0/",
                "ws://me:secret@exa mple.com/",
                "ws://me:secret@example.com/#x",
                "http://me:secret@example.com/",
                "ws://me:secret%0d%0a@example.com/",
                "ws://me:secret\r\n@example.com/",
                "ws://m%3ae:secret@example.com/"
            })
    void noMessageShowsAPassword(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientUrl.parse(url))
                .satisfies(wrong -> assertThat(wrong.getMessage()).doesNotContain("secret"));
    }

    @Test
    void aUrlShowsNoPassword() {
        assertThat(ClientUrl.parse("wss://me:secret@example.com/x")).hasToString("wss://example.com/x");
    }

    @ParameterizedTest
    @CsvSource({
        "ws+unix:/run/app.sock:/chat?a=b, /run/app.sock, /chat?a=b",
        "ws+unix:/run/app.sock, /run/app.sock, /",
        "ws+unix:///run/app.sock:/chat, /run/app.sock, /chat",
        "ws+unix:./app.sock:chat, ./app.sock, /chat"
    })
    void aSocketInTheFileSystemHasAPathAndATarget(String url, String path, String target) {
        assertThat(ClientUrl.parse(url)).isEqualTo(new ClientUrl(false, "localhost", 80, target, null, path));
    }

    @ParameterizedTest
    @CsvSource({
        "ws://a.test/b/c?d, e, ws://a.test/b/e",
        "ws://a.test/b/c?d, /e?f, ws://a.test/e?f",
        "ws://a.test/b/c?d, https://b.test/, wss://b.test/",
        "wss://a.test/b, //b.test:8443/x, wss://b.test:8443/x",
        "wss://a.test/b, wss://me:secret@b.test/x#y, wss://b.test/x",
        "ws://a.test:81/b, ws://a.test:81, ws://a.test:81/"
    })
    void aLocationIsResolved(String url, String location, String to) {
        assertThat(ClientUrl.parse(url).resolve(location)).hasToString(to);
    }

    @Test
    void credentialsStayWithTheirOrigin() {
        ClientUrl url = ClientUrl.parse("ws://me:secret@a.test/");
        assertThat(url.resolve("/b").authorization()).isEqualTo(url.authorization());
        assertThat(url.resolve("ws://a.test:80/b").authorization()).isEqualTo(url.authorization());
        assertThat(url.resolve("wss://a.test/b").authorization()).isNull();
        assertThat(url.resolve("ws://a.test:81/b").authorization()).isNull();
        assertThat(url.resolve("ws://b.test/b").authorization()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws://a.test/", "http://a.test/", "http:///x", "mailto:a@b", "ws+unix:/x:/", "a\r\nb"})
    void aLocationThatLeadsNowhereOrOutOfTlsIsRefused(String location) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientUrl.parse("wss://a.test/").resolve(location));
    }
}
