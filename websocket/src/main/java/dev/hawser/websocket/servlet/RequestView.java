package dev.hawser.websocket.servlet;

import dev.hawser.websocket.handshake.HandshakeRequest;
import java.security.Principal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an application may want to know of a request besides what the handshake needs. */
interface RequestView extends HandshakeRequest {

    String path();

    Map<String, String> cookies();

    @Nullable
    Principal principal();

    String remoteAddress();
}
