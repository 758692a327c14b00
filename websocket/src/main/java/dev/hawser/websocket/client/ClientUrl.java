package dev.hawser.websocket.client;

import dev.hawser.websocket.handshake.HttpText;
import io.netty.util.NetUtil;
import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a client connects to (RFC 6455, section 3): {@code ws}, {@code wss}, and {@code ws+unix:PATH:/TARGET} for a socket in
 * the file system.
 *
 * @param host in ASCII and lower case, an IPv6 address without brackets; {@code localhost} for a socket in the file system
 * @param target what to ask for: path and query
 * @param authorization what the user and password in the URL make of it; null for none
 * @param socketPath null but for {@code ws+unix}
 */
record ClientUrl(
        boolean secure,
        String host,
        int port,
        String target,
        @Nullable String authorization,
        @Nullable String socketPath) {

    private static final String UNIX = "ws+unix:";

    /** @throws IllegalArgumentException with what is wrong, without a user and password */
    static ClientUrl parse(String url) {
        String lower = url.toLowerCase(Locale.ROOT);
        if (lower.startsWith(UNIX)) {
            return unix(url);
        }
        boolean secure = lower.startsWith("wss://");
        if (!secure && !lower.startsWith("ws://")) {
            throw wrong("Expected a URL that begins with ws://, wss:// or ws+unix: but was ", url);
        }
        requireNoFragment(url);
        int start = url.indexOf("//") + 2;
        int end = start;
        while (end < url.length() && url.charAt(end) != '/' && url.charAt(end) != '?') {
            end++;
        }
        String authority = url.substring(start, end);
        int at = authority.lastIndexOf('@');
        if (at < 0 && url.indexOf('@', end) >= 0 && authority.indexOf(':') >= 0) { // which may be a password
            try {
                Authority.parse(authority, 80);
            } catch (IllegalArgumentException hidden) {
                throw new IllegalArgumentException(
                        "Expected a URL in whose user and password / and ? are percent-encoded");
            }
        }
        Authority parsed = Authority.parse(authority.substring(at + 1), secure ? 443 : 80);
        String authorization = at < 0 ? null : basic(authority.substring(0, at));
        return new ClientUrl(secure, parsed.host(), parsed.port(), target(url.substring(end)), authorization, null);
    }

    /**
     * A host and a port.
     *
     * @param host as in {@link ClientUrl}
     */
    record Authority(String host, int port) {

        static Authority parse(String text, int defaultPort) {
            int colon = text.lastIndexOf(':');
            boolean bracketed = text.startsWith("[");
            boolean hasPort = colon > text.lastIndexOf(']') && (bracketed || colon == text.indexOf(':'));
            String name = hasPort ? text.substring(0, colon) : text;
            String port = hasPort ? text.substring(colon + 1) : "";
            return new Authority(host(name), port.isEmpty() ? defaultPort : port(port));
        }

        private static int port(String text) {
            if (text.matches("[0-9]{1,5}")) {
                int port = Integer.parseInt(text);
                if (port >= 1 && port <= 65535) {
                    return port;
                }
            }
            throw new IllegalArgumentException("Expected a port, 1 to 65535, but was " + HttpText.quote(text));
        }

        private static String host(String text) {
            if (text.startsWith("[") && text.endsWith("]")) {
                String address = text.substring(1, text.length() - 1);
                if (!NetUtil.isValidIpV6Address(address) || address.indexOf('%') >= 0) {
                    throw wrong("Expected an IPv6 address in brackets but was ", text);
                }
                return address.toLowerCase(Locale.ROOT);
            }
            String ascii;
            try {
                ascii = IDN.toASCII(text).toLowerCase(Locale.ROOT);
            } catch (IllegalArgumentException notAName) {
                throw wrong("Expected a host but was ", text);
            }
            boolean allowed = !ascii.isEmpty()
                    && ascii.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '-' || c == '.' || c == '_');
            if (!allowed || ascii.startsWith(".")) {
                throw wrong("Expected a host but was ", text);
            }
            return ascii;
        }
    }

    /** Whether a host is an address, and no name. */
    static boolean isAddress(String host) {
        return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
    }

    /** The address that a host {@linkplain #isAddress is}. */
    static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal); // a literal is not looked up
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }

    private static ClientUrl unix(String url) {
        requireNoFragment(url);
        String rest = url.substring(UNIX.length());
        rest = rest.startsWith("//") ? rest.substring(2) : rest;
        int colon = rest.indexOf(':');
        String path = colon < 0 ? rest : rest.substring(0, colon);
        if (path.isEmpty() || path.indexOf('\0') >= 0) {
            throw wrong("Expected the path of a socket, as in ws+unix:/run/app.sock:/chat, but was ", url);
        }
        return new ClientUrl(false, "localhost", 80, target(colon < 0 ? "" : rest.substring(colon + 1)), null, path);
    }

    /** "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used" (section 3). */
    private static void requireNoFragment(String url) {
        int fragment = url.indexOf('#');
        if (fragment >= 0) {
            throw wrong("Expected a URL without a fragment but was one with ", url.substring(fragment));
        }
    }

    /** Path and query with everything escaped that may not stand in a request line. */
    private static String target(String text) {
        StringBuilder target = new StringBuilder(text.length() + 1);
        if (!text.startsWith("/")) {
            target.append('/');
        }
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            int c = octet & 0xFF;
            if (c < ' ' || c == 127) {
                throw wrong("Expected a URL without control characters but was one with ", text);
            }
            if (c == ' ' || c == '"' || c == '<' || c == '>' || c == '\\' || c == '^' || c == '`' || c == '{'
                    || c == '|' || c == '}' || c > 127) {
                target.append('%').append("%02X".formatted(c));
            } else {
                target.append((char) c);
            }
        }
        return target.toString();
    }

    /** RFC 7617; in UTF-8, as its section 2.1 has it. */
    static String basic(String userinfo) {
        int colon = userinfo.indexOf(':');
        String user = decode(colon < 0 ? userinfo : userinfo.substring(0, colon));
        String password = colon < 0 ? "" : decode(userinfo.substring(colon + 1));
        return basic(user, password);
    }

    static String basic(String user, String password) {
        if (user.indexOf(':') >= 0 || (user + password).chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "Expected a user without a colon, and neither control characters in it nor in the password");
        }
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    /** Undoes percent-encoding; what is not one stays as it is. */
    static String decode(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] decoded = new byte[bytes.length];
        int length = 0;
        for (int i = 0; i < bytes.length; i++) {
            boolean escape = bytes[i] == '%' && i + 2 < bytes.length;
            int high = escape ? Character.digit(bytes[i + 1], 16) : -1;
            int low = escape ? Character.digit(bytes[i + 2], 16) : -1;
            if (high >= 0 && low >= 0) {
                decoded[length++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                decoded[length++] = bytes[i];
            }
        }
        return new String(decoded, 0, length, StandardCharsets.UTF_8);
    }

    private static IllegalArgumentException wrong(String expected, String was) {
        // Whatever stands before an @ may be a password.
        return new IllegalArgumentException(expected + HttpText.quote(was.substring(was.lastIndexOf('@') + 1)));
    }

    /**
     * Where a redirect leads.
     *
     * @throws IllegalArgumentException if it leads nowhere, or from TLS to where there is none
     */
    ClientUrl resolve(String location) {
        if (location.chars().anyMatch(c -> c < ' ' || c == 127)) {
            throw wrong("Expected a Location on one line but was ", location);
        }
        String absolute = absolute(location);
        int fragment = absolute.indexOf('#');
        String plain = fragment < 0 ? absolute : absolute.substring(0, fragment);
        String lower = plain.toLowerCase(Locale.ROOT);
        boolean nextSecure = lower.startsWith("https://") || lower.startsWith("wss://");
        if (socketPath != null || !(nextSecure || lower.startsWith("http://") || lower.startsWith("ws://"))) {
            throw wrong("Expected a Location of http, https, ws or wss but was ", location);
        }
        if (secure && !nextSecure) {
            throw wrong("Expected a Location with TLS, as it was before, but was ", location);
        }
        ClientUrl next = parse((nextSecure ? "wss" : "ws") + plain.substring(plain.indexOf("://")));
        return new ClientUrl(
                nextSecure, next.host, next.port, next.target, next.isSameOrigin(this) ? authorization : null, null);
    }

    /** RFC 3986, section 5.2.2. */
    private String absolute(String location) {
        String scheme = secure ? "wss:" : "ws:";
        if (location.matches("[A-Za-z][A-Za-z0-9+.-]*:.*")) {
            return location;
        } else if (location.startsWith("//")) {
            return scheme + location;
        } else if (location.startsWith("/")) {
            return scheme + "//" + authority() + withoutDots(location);
        } else if (location.startsWith("?")) {
            return scheme + "//" + authority() + path() + location;
        } else if (location.isEmpty() || location.startsWith("#")) {
            return scheme + "//" + authority() + target;
        }
        return scheme + "//" + authority() + withoutDots(path().substring(0, path().lastIndexOf('/') + 1) + location);
    }

    /** Section 5.2.4. */
    private static String withoutDots(String target) {
        int end = 0;
        while (end < target.length() && target.charAt(end) != '?' && target.charAt(end) != '#') {
            end++;
        }
        ArrayDeque<String> segments = new ArrayDeque<>();
        String[] parts = target.substring(1, end).split("/", -1);
        for (int i = 0; i < parts.length; i++) {
            boolean last = i == parts.length - 1;
            if (parts[i].equals("..")) {
                segments.pollLast();
            } else if (!parts[i].equals(".")) {
                segments.addLast(parts[i]);
                continue;
            }
            if (last) {
                segments.addLast("");
            }
        }
        return "/" + String.join("/", segments) + target.substring(end);
    }

    boolean isSameOrigin(ClientUrl other) {
        return secure == other.secure
                && port == other.port
                && host.equals(other.host)
                && socketPath == null
                && other.socketPath == null;
    }

    /** The host and, unless the scheme implies it, the port, for the Host header. */
    String authority() {
        return port == (secure ? 443 : 80) ? bracketed() : hostAndPort();
    }

    /** The host with its port. */
    String hostAndPort() {
        return bracketed() + ":" + port;
    }

    private String bracketed() {
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }

    /** What is asked for without the query. */
    String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** The URL without a user and password. */
    @Override
    public String toString() {
        return socketPath != null
                ? UNIX + socketPath + ":" + target
                : (secure ? "wss://" : "ws://") + authority() + target;
    }
}
