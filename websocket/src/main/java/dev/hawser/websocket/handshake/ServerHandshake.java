package dev.hawser.websocket.handshake;

import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import java.nio.ByteBuffer;
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

/**
 * The server's side of the opening handshake, in all versions (RFC 6455, section 4.2; draft-76, section 5; draft-75,
 * section 4). The version is chosen by the request's headers alone:
 *
 * <pre>
 *   Sec-WebSocket-Version: 13, 8 or 7       hybi-13, hybi-8, hybi-7
 *   Sec-WebSocket-Key1, Sec-WebSocket-Key2  hixie-76
 *   none of them                            hixie-75
 * </pre>
 */
public final class ServerHandshake {

    /** Appended to the client's key (section 1.3). */
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private static final String SUPPORTED = "13, 8, 7";

    private final Version version;
    private final @Nullable String origin;
    /** What the response says, but for the subprotocol. */
    private final Map<String, String> headers;

    private final String protocolHeader;
    private final List<String> protocols;
    private final List<ExtensionHeader> extensions;
    /** What the keys of draft-76 hide; empty in the other versions. */
    private final byte[] challenge;

    private ServerHandshake(
            Version version,
            @Nullable String origin,
            Map<String, String> headers,
            String protocolHeader,
            List<String> protocols,
            List<ExtensionHeader> extensions,
            byte[] challenge) {
        this.version = version;
        this.origin = origin;
        this.headers = headers;
        this.protocolHeader = protocolHeader;
        this.protocols = protocols;
        this.extensions = extensions;
        this.challenge = challenge;
    }

    /** Whether the request asks for a WebSocket at all, well or badly. */
    public static boolean isWebSocket(HandshakeRequest request) {
        return HttpText.listContains(request.headers("Upgrade"), "websocket")
                && HttpText.listContains(request.headers("Connection"), "upgrade");
    }

    /**
     * Checks a request.
     *
     * @param allowDrafts whether draft-76 and draft-75 are accepted
     * @throws HandshakeException if it is not a valid handshake of a version that is spoken here, or its origin is not
     *     allowed
     */
    public static ServerHandshake check(HandshakeRequest request, OriginPolicy origins, boolean allowDrafts)
            throws HandshakeException {
        checkRequest(request);
        Version version = version(request, allowDrafts);
        return version.isHixie() ? checkHixie(version, request, origins) : checkHybi(version, request, origins);
    }

    /** What has to be right in all versions. */
    private static void checkRequest(HandshakeRequest request) throws HandshakeException {
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
    }

    private static boolean hasBody(HandshakeRequest request) {
        return !request.headers("Transfer-Encoding").isEmpty()
                || request.headers("Content-Length").stream()
                        .anyMatch(length -> !length.strip().equals("0"));
    }

    private static Version version(HandshakeRequest request, boolean allowDrafts) throws HandshakeException {
        List<String> versions = request.headers("Sec-WebSocket-Version");
        if (!versions.isEmpty() || !request.headers("Sec-WebSocket-Key").isEmpty()) {
            return switch (String.join(",", versions).strip()) {
                case "13" -> Version.HYBI_13;
                case "8" -> Version.HYBI_8;
                case "7" -> Version.HYBI_7;
                default ->
                    throw new HandshakeException(
                            Cause.BAD_VERSION,
                            426,
                            "Expected one Sec-WebSocket-Version of " + SUPPORTED + " but was "
                                    + HttpText.quote(String.join(",", versions)),
                            Map.of(
                                    "Sec-WebSocket-Version",
                                    SUPPORTED,
                                    "Upgrade",
                                    "websocket",
                                    "Connection",
                                    "Upgrade"));
            };
        }
        boolean keys = !request.headers("Sec-WebSocket-Key1").isEmpty()
                || !request.headers("Sec-WebSocket-Key2").isEmpty();
        Version version = keys ? Version.HIXIE_76 : Version.HIXIE_75;
        if (!allowDrafts) {
            throw new HandshakeException(
                    Cause.BAD_VERSION,
                    400,
                    "Expected a Sec-WebSocket-Version of " + SUPPORTED + " but there was none, as in " + version
                            + ", which is not allowed here (hawser.websocket.allow-drafts)",
                    Map.of("Sec-WebSocket-Version", SUPPORTED));
        }
        return version;
    }

    private static ServerHandshake checkHybi(Version version, HandshakeRequest request, OriginPolicy policy)
            throws HandshakeException {
        String key = checkKey(request.headers("Sec-WebSocket-Key"));
        List<String> protocols = checkProtocols("Sec-WebSocket-Protocol", request);
        List<ExtensionHeader> extensions = ExtensionParser.parse(request.headers(ExtensionHeader.NAME));
        List<String> origins = new ArrayList<>(request.headers("Origin"));
        if (version != Version.HYBI_13) { // drafts 7 to 10 have a name of their own for it, 11 and 12 that of HTTP
            request.headers("Sec-WebSocket-Origin").stream()
                    .filter(origin -> !origins.contains(origin))
                    .forEach(origins::add);
        }
        checkOrigin(request, policy, origins);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Upgrade", "websocket");
        headers.put("Connection", "Upgrade");
        headers.put("Sec-WebSocket-Accept", answer(key));
        return new ServerHandshake(
                version, first(origins), headers, "Sec-WebSocket-Protocol", protocols, extensions, new byte[0]);
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

    /** What the server makes of the key, to show that it has understood (section 4.2.2, item 5.4). */
    static String answer(String key) {
        return Base64.getEncoder().encodeToString(sha1().digest((key + GUID).getBytes(StandardCharsets.US_ASCII)));
    }

    private static MessageDigest sha1() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("Every JDK has SHA-1", impossible);
        }
    }

    /** The drafts 76 and 75, whose responses repeat the origin and the URL for the client to compare. */
    private static ServerHandshake checkHixie(Version version, HandshakeRequest request, OriginPolicy policy)
            throws HandshakeException {
        byte[] challenge = new byte[0];
        String prefix = "";
        if (version == Version.HIXIE_76) {
            prefix = "Sec-";
            challenge = ByteBuffer.allocate(8)
                    .putInt(Draft76Key.number("Sec-WebSocket-Key1", request.headers("Sec-WebSocket-Key1")))
                    .putInt(Draft76Key.number("Sec-WebSocket-Key2", request.headers("Sec-WebSocket-Key2")))
                    .array();
        }
        String protocolHeader = prefix + "WebSocket-Protocol";
        List<String> protocols = checkHixieProtocol(protocolHeader, request);
        List<String> origins = request.headers("Origin");
        checkOrigin(request, policy, origins);
        String location =
                (request.scheme().equals("https") ? "wss://" : "ws://") + request.authority() + request.target();
        Map<String, String> headers = new LinkedHashMap<>(); // draft-75 compares the first two in this order and case
        headers.put("Upgrade", "WebSocket");
        headers.put("Connection", "Upgrade");
        String origin = first(origins);
        if (origin != null) {
            headers.put(prefix + "WebSocket-Origin", repeatable("Origin", origin));
        }
        headers.put(prefix + "WebSocket-Location", repeatable("URL", location));
        return new ServerHandshake(version, origin, headers, protocolHeader, protocols, List.of(), challenge);
    }

    /** One name at most, which may hold whatever is printable (draft-76, section 4.1). */
    private static List<String> checkHixieProtocol(String name, HandshakeRequest request) throws HandshakeException {
        List<String> protocols = request.headers(name);
        for (String protocol : protocols) {
            if (protocols.size() > 1
                    || protocol.isEmpty()
                    || !HttpText.printable(protocol, '?').equals(protocol)) {
                throw new HandshakeException(
                        Cause.BAD_PROTOCOL,
                        400,
                        "Expected one name of printable ASCII in " + name + " but was "
                                + (protocols.size() > 1 ? "more than one" : "another"));
            }
        }
        return List.copyOf(protocols);
    }

    /** Refuses what must not be put into a response: all but printable ASCII. */
    private static String repeatable(String what, String text) throws HandshakeException {
        if (!HttpText.printable(text, '?').equals(text)) {
            throw new HandshakeException(
                    Cause.BAD_REQUEST, 400, "Expected printable ASCII in " + what + " but was " + HttpText.quote(text));
        }
        return text;
    }

    private static void checkOrigin(HandshakeRequest request, OriginPolicy policy, List<String> origins)
            throws HandshakeException {
        if (!policy.allows(request, origins)) {
            throw new HandshakeException(
                    Cause.FORBIDDEN_ORIGIN,
                    403,
                    "Origin " + HttpText.quote(String.join(",", origins))
                            + " is not allowed here (hawser.websocket.allowed-origins)");
        }
    }

    private static @Nullable String first(List<String> headers) {
        return headers.isEmpty() ? null : headers.get(0);
    }

    /** "MUST all be unique strings", tokens (section 4.1, item 10). None is ever shown: it may be a bearer token. */
    private static List<String> checkProtocols(String name, HandshakeRequest request) throws HandshakeException {
        Set<String> protocols = new LinkedHashSet<>();
        for (String header : request.headers(name)) {
            for (String protocol : HttpText.split(header)) {
                if (!HttpText.isToken(protocol) || !protocols.add(protocol)) {
                    throw new HandshakeException(
                            Cause.BAD_PROTOCOL,
                            400,
                            "Expected different tokens in " + name + " but number " + (protocols.size() + 1)
                                    + (protocols.contains(protocol) ? " came before" : " is none"));
                }
            }
        }
        return List.copyOf(protocols);
    }

    /** The version that the client speaks. */
    public Version version() {
        return version;
    }

    /** The origin of the page that connects; null if none was told. */
    public @Nullable String origin() {
        return origin;
    }

    /** The subprotocols that the client asks for, most wanted first. */
    public List<String> protocols() {
        return protocols;
    }

    /** The extensions that the client offers, most wanted first. */
    public List<ExtensionHeader> extensions() {
        return extensions;
    }

    /** The first of {@code supported} that the client asks for; null if there is none. */
    public @Nullable String choose(List<String> supported) {
        return supported.stream().filter(protocols::contains).findFirst().orElse(null);
    }

    /**
     * The reason phrase of the response with status 101. It means nothing (RFC 9112, section 4), but clients of draft-75
     * compare it byte by byte.
     */
    public String reasonPhrase() {
        return switch (version) {
            case HIXIE_75 -> "Web Socket Protocol Handshake";
            case HIXIE_76 -> "WebSocket Protocol Handshake";
            default -> "Switching Protocols";
        };
    }

    /**
     * The headers of the response with status 101 (section 4.2.2, item 5), in the order in which draft-75 wants them. If
     * extensions are agreed on, {@link ExtensionHeader#NAME} goes with them.
     *
     * @param protocol the subprotocol; null for none
     * @throws IllegalArgumentException if the client did not ask for {@code protocol}
     */
    public Map<String, String> accept(@Nullable String protocol) {
        Map<String, String> answer = new LinkedHashMap<>(headers);
        if (protocol != null) {
            if (!protocols.contains(protocol)) {
                throw new IllegalArgumentException("Expected a subprotocol of those that the client asked for ("
                        + protocols.size() + ") but was " + HttpText.quote(protocol));
            }
            answer.put(protocolHeader, protocol);
        }
        return answer;
    }

    /**
     * What the keys of draft-76 hide, eight bytes: together with the eight bytes that follow the request's headers they
     * make the answer that follows the response's. Empty in the other versions.
     */
    public byte[] challenge() {
        return challenge.clone();
    }
}
