package dev.hawser.websocket.client;

import dev.hawser.websocket.handshake.HttpText;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A proxy. Immutable. What it is told, credentials and headers, the server never hears.
 *
 * @param type how it is spoken to
 * @param host a name, or an address, an IPv6 one without brackets
 * @param user null for none; SOCKS 4a knows a user only
 * @param password null for none
 * @param headers to add to CONNECT; not for SOCKS
 * @param tls how TLS is spoken to the proxy, for {@link Type#HTTPS}
 * @param noProxy hosts that are reached without it: {@code example.com} and those below it, an address, a range such as {@code
 *     10.0.0.0/8}, each perhaps with a port, or {@code *}
 */
public record ProxyOptions(
        Type type,
        String host,
        int port,
        @Nullable String user,
        @Nullable String password,
        Map<String, String> headers,
        TlsOptions tls,
        List<String> noProxy) {

    /** Headers that are for the connection to say. */
    private static final Set<String> RESERVED = Set.of("host", "content-length", "transfer-encoding", "connection");

    /** How a proxy is spoken to. */
    public enum Type {
        /** HTTP CONNECT (RFC 9110, section 9.3.6). */
        HTTP(80),
        /** The same over TLS. */
        HTTPS(443),
        /** SOCKS 4a. */
        SOCKS4A(1080),
        /** SOCKS 5 (RFC 1928). */
        SOCKS5(1080);

        private final int defaultPort;

        Type(int defaultPort) {
            this.defaultPort = defaultPort;
        }

        boolean isHttp() {
            return this == HTTP || this == HTTPS;
        }
    }

    /** @throws IllegalArgumentException if something is wrong; the message holds no password */
    public ProxyOptions {
        ClientUrl.Authority authority =
                ClientUrl.Authority.parse(host.indexOf(':') >= 0 ? "[" + host + "]" : host, type.defaultPort);
        host = authority.host();
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("Expected a proxy's port, 1 to 65535, but was " + port);
        }
        if (user != null && type.isHttp()) {
            ClientUrl.basic(user, password == null ? "" : password);
        } else if (user != null) {
            requireFits(type, "user", user);
            requireFits(type, "password", password == null ? "" : password);
        }
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
        ClientOptions.requireHeaders(headers, RESERVED, "a proxy");
        noProxy = List.copyOf(noProxy);
        new NoProxy(noProxy); // throws if one is wrong
    }

    /** SOCKS 5 has a byte for a length (RFC 1929), SOCKS 4a ends a user with a zero. */
    private static void requireFits(Type type, String what, String text) {
        if (text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > 255 || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "Expected a " + what + " of at most 255 bytes, without NUL, for a proxy of " + type);
        }
    }

    /**
     * A proxy by its URL, such as {@code http://user:password@proxy.example.com:3128}.
     *
     * @param url begins with {@code http}, {@code https}, {@code socks4a} (or {@code socks4}), or {@code socks5} (or {@code socks5h}, {@code socks}); names
     *     are always resolved by the proxy
     * @throws IllegalArgumentException if it is none; the message holds no password
     */
    public static ProxyOptions of(String url) {
        int scheme = url.indexOf("://");
        String rest = url.substring(scheme < 0 ? 0 : scheme + 3);
        int at = rest.lastIndexOf('@');
        String authority = rest.substring(at + 1);
        Type type = scheme < 0 ? null : type(url.substring(0, scheme));
        if (type == null) {
            // A password may hold :// as well.
            boolean hasScheme = scheme >= 0 && url.substring(0, scheme).matches("[A-Za-z0-9+.-]*");
            throw new IllegalArgumentException(
                    "Expected a proxy that begins with http://, https://, socks4a:// or socks5:// but was "
                            + HttpText.quote(hasScheme ? url.substring(0, scheme + 3) + authority : authority));
        }
        authority = authority.endsWith("/") ? authority.substring(0, authority.length() - 1) : authority;
        ClientUrl.Authority address = ClientUrl.Authority.parse(authority, type.defaultPort);
        String userinfo = at < 0 ? null : rest.substring(0, at);
        int colon = userinfo == null ? -1 : userinfo.indexOf(':');
        String user = userinfo == null ? null : ClientUrl.decode(colon < 0 ? userinfo : userinfo.substring(0, colon));
        String password = userinfo == null || colon < 0 ? null : ClientUrl.decode(userinfo.substring(colon + 1));
        return new ProxyOptions(
                type, address.host(), address.port(), user, password, Map.of(), TlsOptions.DEFAULT, List.of());
    }

    private static @Nullable Type type(String scheme) {
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case "http" -> Type.HTTP;
            case "https" -> Type.HTTPS;
            case "socks4", "socks4a" -> Type.SOCKS4A;
            case "socks", "socks5", "socks5h" -> Type.SOCKS5;
            default -> null;
        };
    }

    /** A copy with these credentials. */
    public ProxyOptions withCredentials(@Nullable String newUser, @Nullable String newPassword) {
        return new ProxyOptions(type, host, port, newUser, newPassword, headers, tls, noProxy);
    }

    /** A copy with these headers for CONNECT. */
    public ProxyOptions withHeaders(Map<String, String> newHeaders) {
        return new ProxyOptions(type, host, port, user, password, newHeaders, tls, noProxy);
    }

    /** A copy with this TLS to the proxy. */
    public ProxyOptions withTls(TlsOptions newTls) {
        return new ProxyOptions(type, host, port, user, password, headers, newTls, noProxy);
    }

    /** A copy with these exceptions. */
    public ProxyOptions withNoProxy(String... patterns) {
        return new ProxyOptions(type, host, port, user, password, headers, tls, List.of(patterns));
    }

    /** Type, host and port; no credentials. */
    @Override
    public String toString() {
        String shown = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return type.name().toLowerCase(Locale.ROOT) + "://" + shown + ":" + port;
    }
}
