package dev.hawser.websocket.handshake;

import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of the opening handshake for one connection (RFC 6455, section 4.1, and the drafts 7 and 8): what it
 * asks for, and whether the response will do. Not of it, because they belong to whoever speaks HTTP: the request line, the
 * {@code Host}, redirects and authentication.
 *
 * @param version one of the hybi versions
 * @param key 16 random bytes in Base64, new for each connection
 * @param protocols the subprotocols asked for, most wanted first
 * @param extensions those offered, most wanted first
 * @param origin of the page that connects; null for none
 */
public record ClientHandshake(
        Version version,
        String key,
        List<String> protocols,
        List<ExtensionHeader> extensions,
        @Nullable String origin) {

    private static final String PROTOCOL = "Sec-WebSocket-Protocol";
    private static final int KEY_BYTES = 16;

    /**
     * What both sides have agreed on.
     *
     * @param protocol the subprotocol; null for none
     * @param extensions as the server has answered: their parameters are yet to be checked
     */
    public record Agreed(@Nullable String protocol, List<ExtensionHeader> extensions) {}

    /** @throws IllegalArgumentException for a hixie version, a protocol that is not a token or comes twice, or a bad origin */
    public ClientHandshake {
        if (version.isHixie()) {
            throw new IllegalArgumentException("Expected a hybi version but was " + version);
        }
        protocols = List.copyOf(protocols);
        extensions = List.copyOf(extensions);
        HashSet<String> seen = new HashSet<>();
        for (String protocol : protocols) {
            if (!HttpText.isToken(protocol) || !seen.add(protocol)) {
                throw new IllegalArgumentException("Expected protocols that are different tokens but number "
                        + (seen.size() + 1) + (seen.contains(protocol) ? " came before" : " is none"));
            }
        }
        if (origin != null && !HttpText.isHeaderValue(origin)) {
            throw new IllegalArgumentException("Expected an origin on one line but was " + HttpText.quote(origin));
        }
    }

    /**
     * A key for one connection (section 4.1, item 7).
     *
     * @param nonce 16 bytes that nobody can foresee
     */
    public static String key(byte[] nonce) {
        if (nonce.length != KEY_BYTES) {
            throw new IllegalArgumentException("Expected a nonce of 16 bytes but was one of " + nonce.length);
        }
        return Base64.getEncoder().encodeToString(nonce);
    }

    /** The headers of the request, besides {@code Host} and what the application adds. */
    public Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Upgrade", "websocket");
        headers.put("Connection", "Upgrade");
        headers.put("Sec-WebSocket-Key", key);
        headers.put("Sec-WebSocket-Version", version.toString().substring("hybi-".length()));
        if (!protocols.isEmpty()) {
            headers.put(PROTOCOL, String.join(", ", protocols));
        }
        if (!extensions.isEmpty()) {
            headers.put(ExtensionHeader.NAME, ExtensionHeader.list(extensions));
        }
        if (origin != null) { // drafts 7 to 10 have a name of their own for it
            headers.put(version == Version.HYBI_13 ? "Origin" : "Sec-WebSocket-Origin", origin);
        }
        return headers;
    }

    /**
     * Checks the response.
     *
     * @param requireProtocol whether the server has to choose one of the subprotocols, if any were asked for
     * @throws ClientHandshakeException if the connection fails
     */
    public Agreed check(HandshakeResponse response, boolean requireProtocol) throws ClientHandshakeException {
        if (response.status() != 101) {
            throw new ClientHandshakeException(
                    ConnectFailure.UNEXPECTED_STATUS, "Expected status 101 but was " + response.status());
        }
        List<String> upgrade = response.headers("Upgrade");
        if (upgrade.size() != 1 || !upgrade.get(0).strip().equalsIgnoreCase("websocket")) {
            throw failed(ConnectFailure.WRONG_UPGRADE, "Expected Upgrade: websocket", upgrade);
        }
        List<String> connection = response.headers("Connection");
        if (!HttpText.listContains(connection, "upgrade")) {
            throw failed(ConnectFailure.WRONG_CONNECTION, "Expected Connection: Upgrade", connection);
        }
        List<String> accept = response.headers("Sec-WebSocket-Accept");
        if (accept.size() != 1 || !accept.get(0).strip().equals(ServerHandshake.answer(key))) {
            throw failed(ConnectFailure.WRONG_ACCEPT, "Expected a Sec-WebSocket-Accept that answers the key", accept);
        }
        return new Agreed(protocol(response.headers(PROTOCOL), requireProtocol), extensions(response));
    }

    /** Errors show no protocol: one that was asked for may be a bearer token. */
    private @Nullable String protocol(List<String> headers, boolean require) throws ClientHandshakeException {
        String expected = "Expected a protocol of those asked for (" + protocols.size() + ")";
        if (headers.isEmpty()) {
            if (require && !protocols.isEmpty()) {
                throw failed(ConnectFailure.NO_PROTOCOL, expected, List.of());
            }
            return null;
        }
        String protocol = headers.get(0).strip();
        if (headers.size() > 1 || !protocols.contains(protocol)) {
            throw new ClientHandshakeException(
                    ConnectFailure.UNASKED_PROTOCOL,
                    expected + " but was " + (headers.size() > 1 ? "more than one" : "another"));
        }
        return protocol;
    }

    private List<ExtensionHeader> extensions(HandshakeResponse response) throws ClientHandshakeException {
        List<ExtensionHeader> agreed;
        try {
            agreed = ExtensionParser.parse(response.headers(ExtensionHeader.NAME));
        } catch (HandshakeException malformed) {
            throw new ClientHandshakeException(ConnectFailure.BAD_EXTENSION, String.valueOf(malformed.getMessage()));
        }
        for (ExtensionHeader extension : agreed) {
            if (extensions.stream().noneMatch(offer -> offer.name().equals(extension.name()))) {
                String offered = extensions.stream()
                        .map(ExtensionHeader::name)
                        .distinct()
                        .collect(Collectors.joining(", ", "[", "]"));
                throw failed(
                        ConnectFailure.UNASKED_EXTENSION,
                        "Expected extensions of those offered, " + offered,
                        List.of(extension.name()));
            }
        }
        return agreed;
    }

    private static ClientHandshakeException failed(ConnectFailure failure, String expected, List<String> was) {
        return new ClientHandshakeException(
                failure, expected + " but was " + (was.isEmpty() ? "none" : HttpText.quote(String.join(", ", was))));
    }
}
