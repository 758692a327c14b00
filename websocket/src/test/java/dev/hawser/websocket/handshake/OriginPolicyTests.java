package dev.hawser.websocket.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which pages may connect. CVE-2026-41700 (Spring GraphQL), CVE-2020-14368, CVE-2023-2886: cross-site hijacking. */
class OriginPolicyTests {

    private static RequestFixture request(String url, String... origins) {
        return new RequestFixture().at(url).with("Origin", origins);
    }

    @ParameterizedTest
    @CsvSource({
        "http://example.com,       http://example.com",
        "http://example.com,       HTTP://Example.COM",
        "http://EXAMPLE.com,       http://example.com",
        "http://example.com,       http://example.com:80",
        "http://example.com:80,    http://example.com",
        "https://example.com,      https://example.com:443",
        "http://example.com:8080,  http://example.com:8080",
        "http://[::1]:8080,        http://[::1]:8080"
    })
    void theSameOriginPasses(String url, String origin) {
        assertThat(OriginPolicy.SAME_ORIGIN.allows(request(url, origin))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "http://example.com,       null",
        "http://example.com,       ''",
        "http://example.com,       https://example.com",
        "https://example.com,      http://example.com",
        "https://example.com,      https://example.com:80",
        "http://example.com,       http://example.com:443",
        "http://example.com,       http://example.com:8080",
        "http://example.com:8080,  http://example.com",
        "http://example.com,       http://evil-example.com",
        "http://example.com,       http://example.com.evil.org",
        "http://example.com,       http://sub.example.com",
        "http://sub.example.com,   http://example.com",
        "http://example.com,       http://example.com/",
        "http://example.com,       http://example.com@evil.org",
        "http://example.com,       http://evil.org/http://example.com",
        "http://example.com,       //example.com",
        "http://example.com,       example.com",
        "http://example.com,       'http://example.com, http://example.com'",
        "http://example.com,       'http://example.com http://evil.org'",
        "http://[::1]:8080,        http://[::2]:8080"
    })
    void anyOtherIsRefused(String url, String origin) {
        assertThat(OriginPolicy.SAME_ORIGIN.allows(request(url, origin))).isFalse();
        assertThat(OriginPolicy.allow(List.of("https://friend.example")).allows(request(url, origin)))
                .isFalse();
    }

    @Test
    void aRequestWithoutOriginIsNotAPageAndPasses() {
        assertThat(OriginPolicy.SAME_ORIGIN.allows(request("http://example.com")))
                .isTrue();
    }

    @Test
    void twoOriginsAreRefusedEvenIfBothAreAllowed() {
        assertThat(OriginPolicy.SAME_ORIGIN.allows(
                        request("http://example.com", "http://example.com", "http://example.com")))
                .isFalse();
    }

    @Test
    void whatIsAllowedPassesBesidesTheSameOrigin() {
        OriginPolicy policy = OriginPolicy.allow(List.of("https://Friend.example:443", "http://localhost:3000"));
        assertThat(policy.allows(request("http://example.com", "https://friend.example")))
                .isTrue();
        assertThat(policy.allows(request("http://example.com", "http://localhost:3000")))
                .isTrue();
        assertThat(policy.allows(request("http://example.com", "http://example.com")))
                .isTrue();
        assertThat(policy.allows(request("http://example.com", "http://friend.example")))
                .isFalse();
        assertThat(policy.allows(request("http://example.com", "http://localhost:3001")))
                .isFalse();
        assertThat(policy.allows(request("http://example.com", "https://x.friend.example")))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "https://*.example.com,       https://a.example.com,         true",
        "https://*.example.com,       HTTPS://A.b.Example.com:443,   true",
        "http://*.Example.com:3000,   http://a-1.example.com:3000,   true",
        "https://*.example.com,       https://example.com,           false",
        "https://*.example.com,       https://.example.com,          false",
        "https://*.example.com,       http://a.example.com,          false",
        "https://*.example.com,       https://a.example.com:8443,    false",
        "https://*.example.com,       https://evil-example.com,      false",
        "https://*.example.com,       https://a.example.com.evil.org, false",
        "https://*.example.com,       https://evil.org/.example.com, false",
        "https://*.example.com,       https://evil.org#.example.com, false",
        "https://*.example.com,       https://u@a.example.com,       false",
        "https://*.example.com,       https://evil.org:1.example.com, false"
    })
    void aStarForAHostAllowsThoseBelow(String pattern, String origin, boolean allowed) {
        assertThat(OriginPolicy.allow(List.of(pattern)).allows(request("http://other.example", origin)))
                .isEqualTo(allowed);
    }

    @Test
    void aStarAllowsAny() {
        OriginPolicy any = OriginPolicy.allow(List.of("*"));
        assertThat(any.allows(request("http://example.com", "https://evil.example")))
                .isTrue();
        assertThat(any.allows(request("http://example.com", "null"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.com",
                "https://",
                "://example.com",
                "https://example.com/",
                "https://example.com/path",
                "https://*example.com",
                "https://*.",
                "https://*.*.example.com",
                "https://example.*",
                "*://example.com",
                "https://*.example.com/",
                "**",
                ""
            })
    void whatIsNotAnOriginCannotBeAllowed(String origin) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OriginPolicy.allow(List.of(origin)))
                .withMessageContaining("https://example.com");
    }
}
