package dev.hawser.websocket.client;

import dev.hawser.websocket.Reconnect;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.extension.deflate.DeflateOptions;
import dev.hawser.websocket.extension.deflate.PermessageDeflate;
import dev.hawser.websocket.handshake.HttpText;
import dev.hawser.websocket.handshake.Version;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How a client connects. Immutable; {@link #with} makes a changed copy.
 *
 * @param socket how the connection is set up; its {@code protocols} and {@code headers} are those of the request, its {@code
 *     extensions} are offered, its {@code origins} and {@code allowDrafts} mean nothing here
 * @param name what the connections are called in metrics: few values
 * @param version of the protocol: {@link Version#HYBI_13}, or {@link Version#HYBI_8} for old servers
 * @param origin the origin of the page that connects, if it is one; null otherwise
 * @param requireProtocol whether connecting fails if the server chooses none of the protocols
 * @param maxRedirects how many redirects are followed; 0 for none
 * @param connectTimeout how long looking up a host and connecting to it may take
 * @param handshakeTimeout how long all that follows may take until the connection is open: TLS, the proxy, the response
 * @param proxy which proxy to use
 * @param tls for {@code wss}
 * @param reconnect whether and when to connect again; null for not at all
 */
public record ClientOptions(
        WebSocketOptions socket,
        String name,
        Version version,
        @Nullable String origin,
        boolean requireProtocol,
        int maxRedirects,
        Duration connectTimeout,
        Duration handshakeTimeout,
        ProxySelection proxy,
        TlsOptions tls,
        @Nullable Reconnect reconnect) {

    /** Headers that the handshake, and whoever frames HTTP, has to say. */
    private static final Set<String> RESERVED = Set.of(
            "upgrade",
            "connection",
            "sec-websocket-key",
            "sec-websocket-version",
            "sec-websocket-protocol",
            "sec-websocket-extensions",
            "sec-websocket-accept",
            "content-length",
            "transfer-encoding",
            "proxy-authorization");

    private static final Duration LONGEST = Duration.ofDays(1);

    /** As for a server, but with permessage-deflate; no redirects, 10 s to connect and 10 s for the handshake, no proxy. */
    public static final ClientOptions DEFAULT = new ClientOptions(
            WebSocketOptions.DEFAULT.with(socket -> socket.extensions(new PermessageDeflate(DeflateOptions.DEFAULT))),
            "client",
            Version.HYBI_13,
            null,
            true,
            0,
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            ProxySelection.NONE,
            TlsOptions.DEFAULT,
            null);

    /** @throws IllegalArgumentException if something is wrong */
    public ClientOptions {
        if (version.isHixie()) {
            throw new IllegalArgumentException("Expected a version of 7, 8 or 13 but was " + version);
        }
        if (maxRedirects < 0) {
            throw new IllegalArgumentException("max-redirects must be 0 or more, but is " + maxRedirects);
        }
        requirePositive("connect-timeout", connectTimeout);
        requirePositive("handshake-timeout", handshakeTimeout);
        Set<String> seen = new HashSet<>();
        for (String protocol : socket.protocols()) {
            if (!HttpText.isToken(protocol) || !seen.add(protocol)) {
                throw new IllegalArgumentException(
                        "Expected protocols that are different tokens but was " + HttpText.quote(protocol));
            }
        }
        if (origin != null && !HttpText.isHeaderValue(origin)) {
            throw new IllegalArgumentException("Expected an origin on one line but was " + HttpText.quote(origin));
        }
        requireHeaders(socket.headers(), RESERVED, "a handshake");
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isZero() || value.isNegative() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + " must be longer than zero and at most a day, but is " + value);
        }
    }

    static void requireHeaders(Map<String, String> headers, Set<String> reserved, String of) {
        headers.forEach((name, value) -> {
            if (!HttpText.isToken(name) || reserved.contains(name.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("Expected the name of a header that can be added to " + of
                        + " but was " + HttpText.quote(name));
            }
            if (!HttpText.isHeaderValue(value)) { // which may be a secret
                throw new IllegalArgumentException("Expected a header " + name + " on one line, in ISO 8859-1");
            }
        });
    }

    /** Whether a header may be added to a handshake. */
    static boolean isHeader(String name, String value) {
        return HttpText.isToken(name)
                && !RESERVED.contains(name.toLowerCase(Locale.ROOT))
                && HttpText.isHeaderValue(value);
    }

    /** A copy with changes, such as {@code options.with(o -> o.protocols("irc"))}. */
    public ClientOptions with(Consumer<Builder> changes) {
        Builder builder = new Builder(this);
        changes.accept(builder);
        return builder.build();
    }

    /** The name; headers may be secrets. */
    @Override
    public String toString() {
        return "ClientOptions[name=" + name + "]";
    }

    /** Collects changes; each method is named after what it changes. */
    public static final class Builder {

        private WebSocketOptions socket;
        private String name;
        private Version version;
        private @Nullable String origin;
        private boolean requireProtocol;
        private int maxRedirects;
        private Duration connectTimeout;
        private Duration handshakeTimeout;
        private ProxySelection proxy;
        private TlsOptions tls;
        private @Nullable Reconnect reconnect;

        private Builder(ClientOptions from) {
            socket = from.socket;
            name = from.name;
            version = from.version;
            origin = from.origin;
            requireProtocol = from.requireProtocol;
            maxRedirects = from.maxRedirects;
            connectTimeout = from.connectTimeout;
            handshakeTimeout = from.handshakeTimeout;
            proxy = from.proxy;
            tls = from.tls;
            reconnect = from.reconnect;
        }

        /** Changes how the connection is set up: limits, pings, extensions and so on. */
        public Builder socket(Consumer<WebSocketOptions.Builder> changes) {
            socket = socket.with(changes);
            return this;
        }

        /** The subprotocols to ask for, most wanted first. */
        public Builder protocols(String... protocols) {
            return socket(options -> options.protocols(protocols));
        }

        /** Adds a header to the request, or changes one. */
        public Builder header(String header, String value) {
            Map<String, String> headers = new LinkedHashMap<>(socket.headers());
            headers.keySet().removeIf(header::equalsIgnoreCase);
            headers.put(header, value);
            return socket(options -> options.headers(headers));
        }

        /** The extensions to offer, instead of those that were there. */
        public Builder extensions(Extension... extensions) {
            return socket(options -> options.extensions(extensions));
        }

        public Builder name(String name) {
            this.name = name;
            return this;
        }

        /**
         * The version of the protocol.
         *
         * @param number 13 for RFC 6455; 8 or 7 for its drafts
         * @throws IllegalArgumentException if it is another
         */
        public Builder protocolVersion(int number) {
            this.version = switch (number) {
                case 7 -> Version.HYBI_7;
                case 8 -> Version.HYBI_8;
                case 13 -> Version.HYBI_13;
                default ->
                    throw new IllegalArgumentException(
                            "protocol-version must be 13, or 8 or 7 for old servers, but is " + number);
            };
            return this;
        }

        public Builder origin(@Nullable String origin) {
            this.origin = origin;
            return this;
        }

        public Builder requireProtocol(boolean requireProtocol) {
            this.requireProtocol = requireProtocol;
            return this;
        }

        public Builder maxRedirects(int maxRedirects) {
            this.maxRedirects = maxRedirects;
            return this;
        }

        public Builder connectTimeout(Duration connectTimeout) {
            this.connectTimeout = connectTimeout;
            return this;
        }

        public Builder handshakeTimeout(Duration handshakeTimeout) {
            this.handshakeTimeout = handshakeTimeout;
            return this;
        }

        /** A proxy by its URL; see {@link ProxyOptions#of}. */
        public Builder proxy(String url) {
            return proxy(ProxyOptions.of(url));
        }

        /** One proxy for all but its exceptions. */
        public Builder proxy(ProxyOptions options) {
            return proxy(ProxySelection.of(options));
        }

        public Builder proxy(ProxySelection selection) {
            this.proxy = selection;
            return this;
        }

        /** Whom to trust, and the client's own certificate. */
        public Builder tls(SSLContext context) {
            return tls(TlsOptions.of(context));
        }

        public Builder tls(TlsOptions options) {
            this.tls = options;
            return this;
        }

        /** Connects again when a connection is lost; null for not. */
        public Builder reconnect(@Nullable Reconnect policy) {
            this.reconnect = policy;
            return this;
        }

        private ClientOptions build() {
            return new ClientOptions(
                    socket,
                    name,
                    version,
                    origin,
                    requireProtocol,
                    maxRedirects,
                    connectTimeout,
                    handshakeTimeout,
                    proxy,
                    tls,
                    reconnect);
        }
    }
}
