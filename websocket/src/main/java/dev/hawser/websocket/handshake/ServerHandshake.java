package dev.hawser.websocket.handshake;

import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The server's side of the opening handshake, RFC 6455, section 4.2. */
public final class ServerHandshake {

    /** Appended to the client's key (section 1.3). */
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private static final String VERSION = "13";

    private final String key;
    private final List<String> protocols;

    private ServerHandshake(String key, List<String> protocols) {
        this.key = key;
        this.protocols = protocols;
    }

    /** Whether the request asks for a WebSocket at all, well or badly. */
    public static boolean isWebSocket(HandshakeRequest request) {
        return HttpText.listContains(request.headers("Upgrade"), "websocket")
                && HttpText.listContains(request.headers("Connection"), "upgrade");
    }

    /**
     * Checks a request.
     *
     * @throws HandshakeException if it is not a valid handshake of version 13, or its origin is not allowed
     */
    public static ServerHandshake check(HandshakeRequest request, OriginPolicy origins) throws HandshakeException {
        if (!isWebSocket(request)) {
            throw new HandshakeException(
                    Cause.NOT_A_WEBSOCKET,
                    426,
                    "This is a WebSocket endpoint; expected the headers Connection: Upgrade and Upgrade: websocket",
                    Map.of("Upgrade", "websocket", "Connection", "Upgrade"));
        }
        if (!request.method().equals("GET")) {
            throw new HandshakeException(
                    Cause.BAD_REQUEST, 400, "Expected method GET but was " + HttpText.quote(request.method()));
        }
        if (!request.httpVersion().equals("HTTP/1.1")) {
            throw new HandshakeException(
                    Cause.BAD_REQUEST, 400, "Expected HTTP/1.1 but was " + HttpText.quote(request.httpVersion()));
        }
        if (request.headers("Host").isEmpty()) {
            throw new HandshakeException(Cause.BAD_REQUEST, 400, "Expected a Host header");
        }
        if (hasBody(request)) { // its bytes would be taken for frames
            throw new HandshakeException(Cause.BAD_REQUEST, 400, "Expected a request without a body");
        }
        List<String> versions = request.headers("Sec-WebSocket-Version");
        if (versions.size() != 1 || !versions.get(0).strip().equals(VERSION)) {
            throw new HandshakeException(
                    Cause.BAD_VERSION,
                    426,
                    "Expected Sec-WebSocket-Version " + VERSION + " but was "
                            + HttpText.quote(String.join(",", versions)),
                    Map.of("Sec-WebSocket-Version", VERSION, "Upgrade", "websocket", "Connection", "Upgrade"));
        }
        String key = checkKey(request.headers("Sec-WebSocket-Key"));
        List<String> protocols = checkProtocols(request.headers("Sec-WebSocket-Protocol"));
        if (!origins.allows(request)) {
            throw new HandshakeException(
                    Cause.FORBIDDEN_ORIGIN,
                    403,
                    "Origin " + HttpText.quote(String.join(",", request.headers("Origin")))
                            + " is not allowed here (hawser.websocket.allowed-origins)");
        }
        return new ServerHandshake(key, protocols);
    }

    private static boolean hasBody(HandshakeRequest request) {
        return !request.headers("Transfer-Encoding").isEmpty()
                || request.headers("Content-Length").stream()
                        .anyMatch(length -> !length.strip().equals("0"));
    }

    /** "a base64-encoded value that, when decoded, is 16 bytes in length" (section 4.2.1, item 5) */
    private static String checkKey(List<String> keys) throws HandshakeException {
        if (keys.size() != 1) {
            throw new HandshakeException(Cause.BAD_KEY, 400, "Expected one Sec-WebSocket-Key but were " + keys.size());
        }
        String key = keys.get(0).strip();
        try {
            if (key.length() == 24 && Base64.getDecoder().decode(key).length == 16) {
                return key;
            }
        } catch (IllegalArgumentException notBase64) {
            // refused below
        }
        throw new HandshakeException(
                Cause.BAD_KEY,
                400,
                "Expected a Sec-WebSocket-Key of 16 bytes in Base64 but was " + HttpText.quote(key));
    }

    /** "MUST all be unique strings", tokens (section 4.1, item 10) */
    private static List<String> checkProtocols(List<String> headers) throws HandshakeException {
        Set<String> protocols = new LinkedHashSet<>();
        for (String header : headers) {
            for (String protocol : HttpText.split(header)) {
                if (!HttpText.isToken(protocol) || !protocols.add(protocol)) {
                    throw new HandshakeException(
                            Cause.BAD_PROTOCOL,
                            400,
                            "Expected different tokens in Sec-WebSocket-Protocol but was " + HttpText.quote(protocol));
                }
            }
        }
        return List.copyOf(protocols);
    }

    /** The subprotocols that the client asks for, most wanted first. */
    public List<String> protocols() {
        return protocols;
    }

    /** The first of {@code supported} that the client asks for; null if there is none. */
    public @Nullable String choose(List<String> supported) {
        return supported.stream().filter(protocols::contains).findFirst().orElse(null);
    }

    /**
     * The headers of the response with status 101 (section 4.2.2, item 5).
     *
     * @param protocol the subprotocol; null for none
     * @throws IllegalArgumentException if the client did not ask for {@code protocol}
     */
    public Map<String, String> accept(@Nullable String protocol) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Upgrade", "websocket");
        headers.put("Connection", "Upgrade");
        headers.put("Sec-WebSocket-Accept", answer(key));
        if (protocol != null) {
            if (!protocols.contains(protocol)) {
                throw new IllegalArgumentException("Expected one of the subprotocols that the client asked for, "
                        + new ArrayList<>(protocols) + ", but was " + HttpText.quote(protocol));
            }
            headers.put("Sec-WebSocket-Protocol", protocol);
        }
        return headers;
    }

    private static String answer(String key) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            return Base64.getEncoder().encodeToString(sha1.digest((key + GUID).getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("Every JDK has SHA-1", impossible);
        }
    }
}
