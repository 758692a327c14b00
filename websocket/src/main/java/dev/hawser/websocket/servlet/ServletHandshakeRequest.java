package dev.hawser.websocket.servlet;

import dev.hawser.websocket.handshake.HandshakeRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;

/** A servlet request, as a handshake sees it. What proxies forwarded is the container's business. */
final class ServletHandshakeRequest implements HandshakeRequest {

    private final HttpServletRequest request;

    ServletHandshakeRequest(HttpServletRequest request) {
        this.request = request;
    }

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
        return request.getRequestURI() + (query == null ? "" : "?" + query);
    }

    @Override
    public List<String> headers(String name) {
        return Collections.list(request.getHeaders(name));
    }

    /** The URL that the client asked for, with {@code scheme} for the request's own. */
    String url(String scheme) {
        return scheme + "://" + authority() + target();
    }
}
