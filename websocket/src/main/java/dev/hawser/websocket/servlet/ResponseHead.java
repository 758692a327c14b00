package dev.hawser.websocket.servlet;

import dev.hawser.websocket.handshake.HttpText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The head of a response that is written in the container's place (RFC 9112, section 4). */
final class ResponseHead {

    private final StringBuilder lines = new StringBuilder();

    ResponseHead(int status, String reasonPhrase) {
        lines.append("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(reasonPhrase)
                .append("\r\n");
    }

    ResponseHead add(Map<String, String> headers) {
        headers.forEach(this::add);
        return this;
    }

    /** Whatever stands in it, it is one line. */
    ResponseHead add(String name, String value) {
        lines.append(line(name, value));
        return this;
    }

    /** @param others whole lines */
    ResponseHead add(String others) {
        lines.append(others);
        return this;
    }

    static String line(String name, String value) {
        return HttpText.printable(name, ' ') + ": " + HttpText.printable(value, ' ') + "\r\n";
    }

    ByteBuffer bytes() {
        return ByteBuffer.wrap((lines + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }
}
