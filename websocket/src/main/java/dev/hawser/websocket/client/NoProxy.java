package dev.hawser.websocket.client;

import dev.hawser.websocket.handshake.HttpText;
import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Hosts that are reached without a proxy: {@code *} for all, {@code example.com} or {@code .example.com} or {@code *.example.com} for a host and those below
 * it, an address, or a range of addresses such as {@code 10.0.0.0/8}; each may end with a port. Names are not resolved.
 */
final class NoProxy {

    private final List<Pattern> patterns;

    /**
     * One of them.
     *
     * @param host a name or an address, without what a pattern begins with; empty for all
     * @param port 0 for any
     */
    private record Pattern(String host, int port, @Nullable IpSubnetFilterRule range) {

        boolean matches(String to, int toPort) {
            if (port != 0 && port != toPort) {
                return false;
            }
            if (range != null) {
                return ClientUrl.isAddress(to) && range.matches(new InetSocketAddress(ClientUrl.address(to), 0));
            }
            if (ClientUrl.isAddress(host)) {
                return ClientUrl.isAddress(to) && ClientUrl.address(to).equals(ClientUrl.address(host));
            }
            return host.isEmpty() || to.equals(host) || (!ClientUrl.isAddress(to) && to.endsWith("." + host));
        }
    }

    /** @throws IllegalArgumentException if one is none of these */
    NoProxy(List<String> patterns) {
        this.patterns = patterns.stream().map(NoProxy::pattern).toList();
    }

    private static Pattern pattern(String text) {
        String pattern = text.strip().toLowerCase(Locale.ROOT);
        if (pattern.equals("*")) {
            return new Pattern("", 0, null);
        }
        try {
            int slash = pattern.indexOf('/');
            if (slash >= 0) {
                int bits = Integer.parseInt(pattern.substring(slash + 1));
                String first = bare(pattern.substring(0, slash));
                if (!ClientUrl.isAddress(first)) {
                    throw new IllegalArgumentException("no address");
                }
                return new Pattern(
                        first, 0, new IpSubnetFilterRule(ClientUrl.address(first), bits, IpFilterRuleType.ACCEPT));
            }
            String name = pattern.startsWith("*.") ? pattern.substring(2) : pattern;
            name = name.startsWith(".") ? name.substring(1) : name;
            if (ClientUrl.isAddress(bare(name))) {
                return new Pattern(bare(name), 0, null);
            }
            ClientUrl.Authority authority = ClientUrl.Authority.parse(name, 0);
            return new Pattern(authority.host(), authority.port(), null);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(
                    "Expected a host such as example.com, an address, a range such as 10.0.0.0/8, or *, but was "
                            + HttpText.quote(text),
                    wrong);
        }
    }

    private static String bare(String text) {
        return text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    }

    boolean matches(String host, int port) {
        return patterns.stream().anyMatch(pattern -> pattern.matches(host, port));
    }
}
