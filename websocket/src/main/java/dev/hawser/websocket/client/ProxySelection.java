package dev.hawser.websocket.client;

import java.net.Authenticator;
import java.net.Authenticator.RequestorType;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Chooses the proxy for a connection. Called for each, on a thread that may block. */
@FunctionalInterface
public interface ProxySelection {

    /** No proxy. */
    ProxySelection NONE = (secure, host, port) -> null;

    /**
     * The proxy for this server.
     *
     * @param secure whether TLS is to be spoken with it
     * @return null for none
     */
    @Nullable
    ProxyOptions select(boolean secure, String host, int port);

    /** One proxy for all but its {@link ProxyOptions#noProxy()}. */
    static ProxySelection of(ProxyOptions proxy) {
        NoProxy except = new NoProxy(proxy.noProxy());
        return (secure, host, port) -> except.matches(host, port) ? null : proxy;
    }

    /**
     * What the JVM says: {@link ProxySelector#getDefault()}, which knows {@code https.proxyHost}, {@code http.nonProxyHosts} and so
     * on, and {@link Authenticator#getDefault()} for credentials. Asked as for {@code https} and {@code http}.
     */
    static ProxySelection jvm() {
        return (secure, host, port) -> {
            ProxySelector selector = ProxySelector.getDefault();
            String bracketed = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
            URI uri = URI.create((secure ? "https://" : "http://") + bracketed + ":" + port + "/");
            List<Proxy> proxies = selector == null ? List.of() : selector.select(uri);
            return proxies.isEmpty() ? null : jvm(proxies.get(0));
        };
    }

    private static @Nullable ProxyOptions jvm(Proxy proxy) {
        if (!(proxy.address() instanceof InetSocketAddress address)) {
            return null;
        }
        boolean socks = proxy.type() == Proxy.Type.SOCKS;
        String host = address.getHostString();
        PasswordAuthentication known = Authenticator.requestPasswordAuthentication(
                host,
                address.getAddress(),
                address.getPort(),
                socks ? "SOCKS5" : "http",
                "",
                socks ? "" : "basic",
                null,
                RequestorType.PROXY);
        return new ProxyOptions(
                socks ? ProxyOptions.Type.SOCKS5 : ProxyOptions.Type.HTTP,
                host,
                address.getPort(),
                known == null ? null : known.getUserName(),
                known == null ? null : new String(known.getPassword()),
                Map.of(),
                TlsOptions.DEFAULT,
                List.of());
    }

    /**
     * What the environment says, in lower or upper case, as curl reads it: {@code https_proxy} for {@code wss}, {@code http_proxy} for {@code ws} (in lower case only:
     * CGI makes the other of a stranger's header), {@code all_proxy} for both, {@code no_proxy} for exceptions.
     *
     * @param variables such as {@link System#getenv()}
     * @throws IllegalArgumentException if one is wrong
     */
    static ProxySelection environment(Map<String, String> variables) {
        String all = variable(variables, "all_proxy");
        String https = variable(variables, "https_proxy");
        String http = variables.getOrDefault("http_proxy", "");
        String[] except = Stream.of(variable(variables, "no_proxy").split("[,\\s]+"))
                .filter(pattern -> !pattern.isEmpty())
                .toArray(String[]::new);
        ProxySelection forTls = environment(https.isEmpty() ? all : https, except);
        ProxySelection plain = environment(http.isEmpty() ? all : http, except);
        return (secure, host, port) -> (secure ? forTls : plain).select(secure, host, port);
    }

    private static ProxySelection environment(String url, String[] except) {
        if (url.isEmpty()) {
            return NONE;
        }
        ProxyOptions proxy = ProxyOptions.of(url.contains("://") ? url : "http://" + url);
        return of(proxy.withNoProxy(except));
    }

    private static String variable(Map<String, String> variables, String name) {
        return variables.getOrDefault(name, variables.getOrDefault(name.toUpperCase(Locale.ROOT), ""));
    }
}
