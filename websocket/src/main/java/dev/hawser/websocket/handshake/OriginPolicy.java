package dev.hawser.websocket.handshake;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which pages may connect (RFC 6455, section 10.2). A browser always tells the origin of the page; a request without an
 * {@code Origin} is not a page, and passes.
 */
public final class OriginPolicy {

    /** Only pages of the host that they connect to. */
    public static final OriginPolicy SAME_ORIGIN = new OriginPolicy(false, Set.of());

    private final boolean any;
    private final Set<String> allowed;

    private OriginPolicy(boolean any, Set<String> allowed) {
        this.any = any;
        this.allowed = allowed;
    }

    /**
     * Pages of the same origin, and of these.
     *
     * @param origins such as {@code https://example.com} or {@code http://localhost:3000}; {@code *} for any
     * @throws IllegalArgumentException if one is not an origin
     */
    public static OriginPolicy allow(List<String> origins) {
        Set<String> allowed = origins.stream()
                .filter(origin -> !origin.equals("*"))
                .map(OriginPolicy::requireOrigin)
                .collect(Collectors.toUnmodifiableSet());
        return new OriginPolicy(origins.contains("*"), allowed);
    }

    private static String requireOrigin(String origin) {
        String normal = normalise(origin);
        int host = normal.indexOf("://") + 3;
        if (host < 4 || host == normal.length() || normal.indexOf('/', host) >= 0 || normal.indexOf('*') >= 0) {
            throw new IllegalArgumentException(
                    "Expected an origin such as https://example.com, or *, but was " + HttpText.quote(origin));
        }
        return normal;
    }

    /** Whether the request's {@code Origin} lets it pass. */
    public boolean allows(HandshakeRequest request) {
        return allows(request, request.headers("Origin"));
    }

    /** Whether a request passes that comes from {@code origins}, of which there is at most one in a good request. */
    boolean allows(HandshakeRequest request, List<String> origins) {
        if (origins.isEmpty() || any) {
            return true;
        }
        if (origins.size() > 1) {
            return false;
        }
        String origin = normalise(origins.get(0));
        return allowed.contains(origin) || origin.equals(normalise(request.scheme() + "://" + request.authority()));
    }

    /** Lower case, and without the port that the scheme implies. */
    private static String normalise(String origin) {
        String lower = origin.toLowerCase(Locale.ROOT);
        if (lower.startsWith("http://") && lower.endsWith(":80")) {
            return lower.substring(0, lower.length() - 3);
        }
        if (lower.startsWith("https://") && lower.endsWith(":443")) {
            return lower.substring(0, lower.length() - 4);
        }
        return lower;
    }
}
