package dev.hawser.autoconfigure;

import dev.hawser.websocket.Reconnect;
import dev.hawser.websocket.client.ClientOptions;
import dev.hawser.websocket.client.ProxyOptions;
import dev.hawser.websocket.client.ProxySelection;
import dev.hawser.websocket.client.TlsOptions;
import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.handshake.HttpText;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Properties of the WebSocket client.
 *
 * @param maxLength Longest message that is accepted; a longer one closes the connection with 1009.
 * @param maxFrameLength Longest frame that is accepted; as max-length if not set.
 * @param maxFragments Most fragments of one message that are accepted.
 * @param assembleFragments Whether the fragments of a message are put together; otherwise onFrame hears of each frame.
 * @param fragmentThreshold Most payload of one frame that is sent; longer messages go in fragments. Not set: never.
 * @param autoPong Whether pings are answered by themselves.
 * @param ping How often a ping is sent to the server; 0 for never.
 * @param pingTimeout How long after a ping something must arrive before the connection is cut.
 * @param closeTimeout How long a closing handshake may take before the connection is cut.
 * @param maxBuffered How much may wait for a server that reads slowly, or for a connection, before the socket is closed with 1013.
 * @param protocols Subprotocols to ask for, most wanted first.
 * @param requireProtocol Whether connecting fails if the server chooses none of the protocols.
 * @param headers Headers to add to the request of the handshake.
 * @param origin Origin to tell, such as https://example.com. Not set: none.
 * @param protocolVersion Version of the protocol: 13 for RFC 6455, or 8 or 7 for old servers.
 * @param maxRedirects How many redirects are followed; 0 for none.
 * @param connectTimeout How long looking up a host and connecting to it may take.
 * @param handshakeTimeout How long TLS, the proxy and the response of the server may take.
 * @param extensions Which extensions are offered.
 * @param ssl TLS to servers.
 * @param proxy Proxy to connect through.
 * @param reconnect Whether and when to connect again after a connection is lost.
 */
@ConfigurationProperties("hawser.websocket.client")
public record WebSocketClientProperties(
        @DefaultValue("67108863B") DataSize maxLength,
        @Nullable DataSize maxFrameLength,
        @DefaultValue("131072") int maxFragments,
        @DefaultValue("true") boolean assembleFragments,
        @Nullable DataSize fragmentThreshold,
        @DefaultValue("true") boolean autoPong,
        @DefaultValue("30s") Duration ping,
        @DefaultValue("20s") Duration pingTimeout,
        @DefaultValue("5s") Duration closeTimeout,
        @DefaultValue("16MB") DataSize maxBuffered,
        @DefaultValue List<String> protocols,
        @DefaultValue("true") boolean requireProtocol,
        @DefaultValue Map<String, String> headers,
        @Nullable String origin,
        @DefaultValue("13") int protocolVersion,
        @DefaultValue("0") int maxRedirects,
        @DefaultValue("10s") Duration connectTimeout,
        @DefaultValue("10s") Duration handshakeTimeout,
        @DefaultValue Extensions extensions,
        @DefaultValue Ssl ssl,
        @DefaultValue Proxy proxy,
        @DefaultValue ReconnectProperties reconnect) {

    static final String PREFIX = "hawser.websocket.client.";

    /**
     * Which extensions are offered; their settings are those of the server.
     *
     * @param permessageDeflate Compression of messages (RFC 7692).
     */
    public record Extensions(@DefaultValue Deflate permessageDeflate) {}

    /**
     * Compression of messages.
     *
     * @param enabled Whether compression of messages is offered to servers.
     */
    public record Deflate(@DefaultValue("true") boolean enabled) {}

    /**
     * TLS to servers.
     *
     * @param bundle SSL bundle: whom to trust, and the client's certificate. Not set: whom the JVM trusts.
     * @param insecureSkipHostnameVerification Whether a certificate of any host will do: whoever has a trusted one can listen and answer.
     */
    public record Ssl(
            @Nullable String bundle, @DefaultValue("false") boolean insecureSkipHostnameVerification) {}

    /**
     * Proxy to connect through.
     *
     * @param origin URL of the proxy, such as http://user:password@proxy.example.com:3128; https, socks4a and socks5 too.
     * @param username User, instead of the one in the URL.
     * @param password Password, instead of the one in the URL.
     * @param headers Headers to add to CONNECT, which the server does not see.
     * @param ssl TLS to the proxy itself.
     * @param noProxy Hosts that are reached without it: example.com and all below it, addresses, ranges such as 10.0.0.0/8, or *.
     * @param from Where to learn of the proxy instead: from the JVM's ProxySelector, or from the environment.
     */
    public record Proxy(
            @Nullable String origin,
            @Nullable String username,
            @Nullable String password,
            @DefaultValue Map<String, String> headers,
            @DefaultValue ProxySsl ssl,
            @DefaultValue List<String> noProxy,
            @Nullable Source from) {

        /** Where proxies are learned from. */
        public enum Source {
            /** {@code java.net.ProxySelector}, {@code https.proxyHost} and so on. */
            JVM,
            /** {@code https_proxy} and so on. */
            ENVIRONMENT
        }

        /** The user, from wherever it comes. */
        @Nullable
        String user(ProxyOptions fromOrigin) {
            return username == null ? fromOrigin.user() : username;
        }

        /** The password, from wherever it comes. */
        @Nullable
        String pass(ProxyOptions fromOrigin) {
            return password == null ? fromOrigin.password() : password;
        }

        /** Without credentials. */
        @Override
        public String toString() {
            return origin == null ? "none" : origin.substring(origin.lastIndexOf('@') + 1);
        }
    }

    /**
     * TLS to the proxy itself.
     *
     * @param bundle SSL bundle for an https proxy. Not set: whom the JVM trusts.
     */
    public record ProxySsl(@Nullable String bundle) {}

    /**
     * Connecting again.
     *
     * @param enabled Whether a lost connection is made again.
     * @param initialDelay How long to wait before the first attempt.
     * @param maxDelay How long to wait at most.
     * @param multiplier How many times longer each delay is than the one before.
     * @param jitter How much of a delay is chance: 0 for none of it, 1 for all of it.
     * @param maxAttempts How many attempts in a row. Not set: no limit.
     */
    public record ReconnectProperties(
            @DefaultValue("false") boolean enabled,
            @DefaultValue("1s") Duration initialDelay,
            @DefaultValue("30s") Duration maxDelay,
            @DefaultValue("2") double multiplier,
            @DefaultValue("0.5") double jitter,
            @Nullable Integer maxAttempts) {}

    public WebSocketClientProperties {
        Check.socket(
                PREFIX,
                maxLength,
                maxFrameLength,
                maxFragments,
                fragmentThreshold,
                ping,
                pingTimeout,
                closeTimeout,
                maxBuffered);
        Check.protocols(PREFIX + "protocols", protocols);
        Check.headers(PREFIX + "headers", headers);
        Check.secret(
                () -> ClientOptions.DEFAULT.with(options -> headers.forEach(options::header)),
                PREFIX + "headers",
                String.join(",", headers.keySet()),
                "X-Api-Version: 2");
        if (origin != null) {
            Check.that(
                    HttpText.isHeaderValue(origin) && !origin.isBlank(),
                    PREFIX + "origin",
                    origin,
                    "must be one line without control characters",
                    "https://example.com");
        }
        Check.that(
                List.of(13, 8, 7).contains(protocolVersion),
                PREFIX + "protocol-version",
                protocolVersion,
                "must be 13, 8 or 7",
                "13");
        Check.range(PREFIX + "max-redirects", maxRedirects, 0, 100);
        Check.atMostADay(PREFIX + "connect-timeout", connectTimeout);
        Check.atMostADay(PREFIX + "handshake-timeout", handshakeTimeout);
        checkProxy(proxy);
        checkReconnect(reconnect);
    }

    /** Each by itself, to name the property that is wrong; and never with a password. */
    private static void checkProxy(Proxy proxy) {
        String origin = proxy.origin();
        if (origin == null || origin.isBlank()) {
            return;
        }
        String prefix = PREFIX + "proxy.";
        String shown = proxy.toString();
        ProxyOptions options =
                Check.secret(() -> ProxyOptions.of(origin), prefix + "origin", shown, "http://proxy.example.com:3128");
        Check.secret(
                () -> options.withCredentials(proxy.user(options), proxy.pass(options)),
                prefix + "username",
                shown,
                "me");
        Check.headers(prefix + "headers", proxy.headers());
        Check.secret(
                () -> options.withHeaders(proxy.headers()),
                prefix + "headers",
                String.join(",", proxy.headers().keySet()),
                "X-Team: feeds");
        Check.secret(
                () -> options.withNoProxy(proxy.noProxy().toArray(String[]::new)),
                prefix + "no-proxy",
                String.join(",", proxy.noProxy()),
                "example.com,10.0.0.0/8");
    }

    private static void checkReconnect(ReconnectProperties reconnect) {
        String prefix = PREFIX + "reconnect.";
        Check.atMostADay(prefix + "initial-delay", reconnect.initialDelay());
        Check.atMostADay(prefix + "max-delay", reconnect.maxDelay());
        Check.that(
                reconnect.maxDelay().compareTo(reconnect.initialDelay()) >= 0,
                prefix + "max-delay",
                reconnect.maxDelay(),
                "must not be less than initial-delay",
                "30s");
        Check.that(
                reconnect.multiplier() >= 1, prefix + "multiplier", reconnect.multiplier(), "must be 1 or more", "2");
        Check.that(
                reconnect.jitter() >= 0 && reconnect.jitter() <= 1,
                prefix + "jitter",
                reconnect.jitter(),
                "must be 0 to 1",
                "0.5");
        Integer attempts = reconnect.maxAttempts();
        if (attempts != null) {
            Check.range(prefix + "max-attempts", attempts, 1, Integer.MAX_VALUE);
        }
    }

    /**
     * The options.
     *
     * @param tls makes them of an SSL bundle, given the property and its value
     */
    ClientOptions toOptions(List<Extension> offered, TlsSource tls) {
        Check.wholeMessages(PREFIX + "assemble-fragments", assembleFragments, offered);
        Reconnect policy = reconnect.enabled()
                ? new Reconnect(
                        reconnect.initialDelay(),
                        reconnect.maxDelay(),
                        reconnect.multiplier(),
                        reconnect.jitter(),
                        reconnect.maxAttempts() == null ? Integer.MAX_VALUE : reconnect.maxAttempts())
                : null;
        return ClientOptions.DEFAULT.with(
                options -> options.socket(socket -> socket.extensions(offered.toArray(Extension[]::new))
                                .limits(Check.limits(maxLength, maxFrameLength, maxFragments))
                                .assembleFragments(assembleFragments)
                                .fragmentThreshold(Check.threshold(fragmentThreshold))
                                .autoPong(autoPong)
                                .ping(ping)
                                .pingTimeout(pingTimeout)
                                .closeTimeout(closeTimeout)
                                .maxBuffered((int) maxBuffered.toBytes())
                                .headers(headers))
                        .protocols(protocols.toArray(String[]::new))
                        .requireProtocol(requireProtocol)
                        .origin(origin)
                        .protocolVersion(protocolVersion)
                        .maxRedirects(maxRedirects)
                        .connectTimeout(connectTimeout)
                        .handshakeTimeout(handshakeTimeout)
                        .tls(tls.of(PREFIX + "ssl.bundle", ssl.bundle(), ssl.insecureSkipHostnameVerification()))
                        .proxy(proxySelection(tls))
                        .reconnect(policy));
    }

    /** Makes TLS of an SSL bundle. */
    interface TlsSource {

        TlsOptions of(String property, @Nullable String bundle, boolean insecureSkipHostnameVerification);
    }

    private ProxySelection proxySelection(TlsSource tls) {
        if (proxy.from() != null) {
            Check.that(
                    proxy.origin() == null,
                    PREFIX + "proxy.from",
                    proxy.from(),
                    "must not be there together with proxy.origin",
                    "jvm");
            return proxy.from() == Proxy.Source.JVM
                    ? ProxySelection.jvm()
                    : Check.secret(
                            () -> ProxySelection.environment(System.getenv()),
                            PREFIX + "proxy.from",
                            "environment",
                            "jvm");
        }
        String origin = proxy.origin();
        if (origin == null || origin.isBlank()) {
            return ProxySelection.NONE;
        }
        ProxyOptions options = ProxyOptions.of(origin);
        return ProxySelection.of(options.withCredentials(proxy.user(options), proxy.pass(options))
                .withHeaders(proxy.headers())
                .withTls(tls.of(PREFIX + "proxy.ssl.bundle", proxy.ssl().bundle(), false))
                .withNoProxy(proxy.noProxy().toArray(String[]::new)));
    }
}
