package dev.hawser.websocket.servlet;

import dev.hawser.websocket.handshake.HttpText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The head of a response that is written in the container's place (RFC 9112, section 4). Whatever stands in a header, it is one line. */
final class ResponseHead {

    private final StringBuilder lines = new StringBuilder();
    private final Set<String> own = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

    /** @param headers those that come first, in their order, and whose place no others take */
    ResponseHead(int status, String reasonPhrase, Map<String, String> headers) {
        lines.append("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(reasonPhrase)
                .append("\r\n");
        own.addAll(headers.keySet());
        headers.forEach(this::append);
    }

    /** Adds what the application and its filters have set. */
    ResponseHead add(String name, Collection<String> values) {
        if (!own.contains(name)) {
            values.forEach(value -> append(name, value));
        }
        return this;
    }

    private void append(String name, String value) {
        lines.append(HttpText.printable(name, ' '))
                .append(": ")
                .append(HttpText.printable(value, ' '))
                .append("\r\n");
    }

    ByteBuffer bytes() {
        return ByteBuffer.wrap((lines + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }
}
