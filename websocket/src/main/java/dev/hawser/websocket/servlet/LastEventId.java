package dev.hawser.websocket.servlet;

import dev.hawser.eventsource.EventIds;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What a client says it has received last (WHATWG HTML, section 9.2.4). */
final class LastEventId {

    /** More characters than containers take of a header, unless they are told to take more. */
    private static final int MOST = 8 * 1024;

    private LastEventId() {}

    /**
     * The id in the header, or else in this parameter of the query; empty if there is none.
     *
     * @throws IllegalArgumentException if no event can have had it
     */
    static String of(HttpServletRequest request, String parameter) {
        String header = request.getHeader("Last-Event-ID");
        if (header != null && !header.isEmpty()) {
            return require("Last-Event-ID", unicode(header));
        }
        return require(parameter, parameter.isEmpty() ? "" : parameter(request.getQueryString(), parameter));
    }

    private static String require(String what, String id) {
        if (id.length() > MOST) {
            throw new IllegalArgumentException(
                    "Expected a " + what + " of at most " + MOST + " characters but it has " + id.length());
        }
        if (!EventIds.isId(id)) {
            throw new IllegalArgumentException("Expected a " + what + " without control characters");
        }
        return id;
    }

    /** Clients send UTF-8, of which containers make a character for each byte. */
    private static String unicode(String header) {
        if (header.chars().allMatch(c -> c < 128) || header.chars().anyMatch(c -> c > 255)) {
            return header;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(header.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException otherwise) {
            return header;
        }
    }

    /** The parameter's first value; not asked of the container, which would look for it in the body of a POST, too. */
    private static String parameter(@Nullable String query, String name) {
        for (String pair : query == null ? new String[0] : query.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0 && decode(pair.substring(0, equals)).equals(name)) {
                return decode(pair.substring(equals + 1));
            }
        }
        return "";
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return text;
        }
    }
}
