package dev.hawser.websocket.handshake;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A valid handshake request, as in RFC 6455, section 1.2, to be spoilt by tests. */
public final class RequestFixture implements HandshakeRequest {

    private record Header(String name, String value) {}

    private final List<Header> headers = new ArrayList<>(List.of(
            new Header("Host", "example.com"),
            new Header("Upgrade", "websocket"),
            new Header("Connection", "Upgrade"),
            new Header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            new Header("Origin", "http://example.com"),
            new Header("Sec-WebSocket-Protocol", "chat, superchat"),
            new Header("Sec-WebSocket-Version", "13")));

    private String method = "GET";
    private String version = "HTTP/1.1";
    private String scheme = "http";
    private String authority = "example.com";
    private String target = "/chat";

    /** A request without keys, as in draft-75; with these headers, it may be of another version. */
    public static RequestFixture of(Map<String, String> headers) {
        RequestFixture request = new RequestFixture()
                .without("Sec-WebSocket-Version")
                .without("Sec-WebSocket-Key")
                .without("Sec-WebSocket-Protocol");
        headers.forEach(request::with);
        return request;
    }

    public RequestFixture method(String value) {
        method = value;
        return this;
    }

    public RequestFixture version(String value) {
        version = value;
        return this;
    }

    /** The URL asked for, without the path. */
    public RequestFixture at(String url) {
        scheme = url.substring(0, url.indexOf(':'));
        authority = url.substring(url.indexOf("//") + 2);
        return this;
    }

    public RequestFixture target(String value) {
        target = value;
        return this;
    }

    public RequestFixture without(String name) {
        headers.removeIf(header -> header.name.equalsIgnoreCase(name));
        return this;
    }

    public RequestFixture with(String name, String... values) {
        without(name);
        for (String value : values) {
            headers.add(new Header(name, value));
        }
        return this;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String httpVersion() {
        return version;
    }

    @Override
    public String scheme() {
        return scheme;
    }

    @Override
    public String authority() {
        return authority;
    }

    @Override
    public String target() {
        return target;
    }

    @Override
    public List<String> headers(String name) {
        return headers.stream()
                .filter(header -> header.name.equalsIgnoreCase(name))
                .map(Header::value)
                .toList();
    }
}
