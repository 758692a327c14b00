package dev.hawser.websocket.handshake;

import java.util.List;

/** What a client's handshake needs to know of an HTTP response. Implemented over whatever parsed the response. */
public interface HandshakeResponse {

    /** The status, such as 101. */
    int status();

    /** All headers of this name, in any case; empty if there are none. */
    List<String> headers(String name);
}
