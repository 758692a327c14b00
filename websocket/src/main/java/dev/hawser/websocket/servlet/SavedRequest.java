package dev.hawser.websocket.servlet;

import java.security.Principal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What remains of a request whose thread has gone on: the container uses its own for the next one.
 *
 * @param fields all headers, by names in whatever case
 */
record SavedRequest(
        String method,
        String httpVersion,
        String scheme,
        String authority,
        String target,
        String path,
        Map<String, List<String>> fields,
        Map<String, String> cookies,
        @Nullable Principal principal,
        String remoteAddress)
        implements RequestView {

    @Override
    public List<String> headers(String name) {
        return fields.getOrDefault(name, List.of());
    }
}
