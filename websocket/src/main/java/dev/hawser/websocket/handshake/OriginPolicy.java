package dev.hawser.websocket.handshake;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which pages may connect (RFC 6455, section 10.2). A browser always tells the origin of the page; a request without an
 * {@code Origin} is not a page, and passes.
 */
public final class OriginPolicy {

    /** Only pages of the host that they connect to. */
    public static final OriginPolicy SAME_ORIGIN = allow(List.of());

    private static final String WILDCARD = "://*.";

    /** All hosts below one, such as {@code https://} and {@code .example.com}. */
    private record Subdomains(String scheme, String parent) {

        boolean contain(String origin) {
            int host = scheme.length();
            String label =
                    origin.startsWith(scheme) && origin.endsWith(parent) && origin.length() > host + parent.length()
                            ? origin.substring(host, origin.length() - parent.length())
                            : "";
            return !label.isEmpty() && label.chars().allMatch(OriginPolicy::isOfHost);
        }
    }

    private final boolean any;
    private final Set<String> allowed;
    private final List<Subdomains> patterns;

    private OriginPolicy(boolean any, Set<String> allowed, List<Subdomains> patterns) {
        this.any = any;
        this.allowed = Set.copyOf(allowed);
        this.patterns = List.copyOf(patterns);
    }

    /**
     * Pages of the same origin, and of these.
     *
     * @param origins such as {@code https://example.com} or {@code http://localhost:3000}; {@code https://*.example.com} for
     *     all hosts below that one, but not itself; {@code *} for any
     * @throws IllegalArgumentException if one is not an origin
     */
    public static OriginPolicy allow(List<String> origins) {
        Set<String> allowed = new HashSet<>();
        List<Subdomains> patterns = new ArrayList<>();
        for (String origin : origins) {
            if (!origin.equals("*")) {
                String exact = requireOrigin(origin);
                int wildcard = exact.indexOf(WILDCARD);
                if (wildcard < 0) {
                    allowed.add(exact);
                } else {
                    patterns.add(new Subdomains(
                            exact.substring(0, wildcard + 3), exact.substring(wildcard + WILDCARD.length() - 1)));
                }
            }
        }
        return new OriginPolicy(origins.contains("*"), allowed, patterns);
    }

    private static String requireOrigin(String origin) {
        String normal = normalise(origin);
        String plain = normal.replaceFirst("://\\*\\.", "://");
        int host = plain.indexOf("://") + 3;
        if (host < 4 || host == plain.length() || plain.indexOf('/', host) >= 0 || plain.indexOf('*') >= 0) {
            throw new IllegalArgumentException(
                    "Expected an origin such as https://example.com or https://*.example.com, or *, but was "
                            + HttpText.quote(origin));
        }
        return normal;
    }

    private static boolean isOfHost(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
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
        return allowed.contains(origin)
                || patterns.stream().anyMatch(pattern -> pattern.contain(origin))
                || origin.equals(normalise(request.scheme() + "://" + request.authority()));
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
