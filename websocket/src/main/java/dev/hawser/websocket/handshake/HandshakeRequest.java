package dev.hawser.websocket.handshake;

import java.util.List;

/** What a handshake needs to know of an HTTP request. Implemented over whatever parsed the request. */
public interface HandshakeRequest {

    /** The method, such as {@code GET}. */
    String method();

    /** The HTTP version, such as {@code HTTP/1.1}. */
    String httpVersion();

    /** The scheme that the client used, as far as the container knows: {@code http} or {@code https}. */
    String scheme();

    /** The host and port that the client asked for, as far as the container knows; without the scheme's own port. */
    String authority();

    /** What the request line asks for: the path, and the query if there is one, as they came. */
    String target();

    /** All headers of this name, in any case; empty if there are none. */
    List<String> headers(String name);
}
