package dev.hawser.websocket.servlet;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A servlet request, as a handshake sees it. What proxies forwarded is the container's business. */
record ServletHandshakeRequest(HttpServletRequest request) implements RequestView {

    @Override
    public String method() {
        return request.getMethod();
    }

    @Override
    public String httpVersion() {
        return request.getProtocol();
    }

    @Override
    public String scheme() {
        return request.getScheme();
    }

    @Override
    public String authority() {
        int port = request.getServerPort();
        boolean implied = port == (request.getScheme().equals("https") ? 443 : 80);
        return implied ? request.getServerName() : request.getServerName() + ":" + port;
    }

    @Override
    public String target() {
        String query = request.getQueryString();
        return path() + (query == null ? "" : "?" + query);
    }

    @Override
    public String path() {
        return request.getRequestURI();
    }

    @Override
    public List<String> headers(String name) {
        return Collections.list(request.getHeaders(name));
    }

    @Override
    public Map<String, String> cookies() {
        Cookie[] all = request.getCookies();
        Map<String, String> cookies = new LinkedHashMap<>();
        for (Cookie cookie : all == null ? new Cookie[0] : all) {
            cookies.putIfAbsent(cookie.getName(), cookie.getValue());
        }
        return Collections.unmodifiableMap(cookies);
    }

    @Override
    public @Nullable Principal principal() {
        return request.getUserPrincipal();
    }

    @Override
    public String remoteAddress() {
        return request.getRemoteAddr();
    }

    /** The same, for later. */
    SavedRequest save() {
        Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        Collections.list(request.getHeaderNames()).forEach(name -> fields.put(name, headers(name)));
        return new SavedRequest(
                method(),
                httpVersion(),
                scheme(),
                authority(),
                target(),
                path(),
                fields,
                cookies(),
                principal(),
                remoteAddress());
    }

    /** The URL that the client asked for, with {@code scheme} for the request's own. */
    static String url(RequestView request, String scheme) {
        return scheme + "://" + request.authority() + request.target();
    }
}
