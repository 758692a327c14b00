package dev.hawser.websocket.handshake;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An extension as it stands in {@code Sec-WebSocket-Extensions} (RFC 6455, section 9.1): offered by a client, or agreed on.
 *
 * @param name a token, such as {@code permessage-deflate}
 * @param parameters in their order; a name may come twice
 */
public record ExtensionHeader(String name, List<Parameter> parameters) {

    /** The header's own name. */
    public static final String NAME = "Sec-WebSocket-Extensions";

    /**
     * A parameter of an extension.
     *
     * @param name a token
     * @param value a token, without the quotes that it may have had; null where there is none
     */
    public record Parameter(String name, @Nullable String value) {

        @Override
        public String toString() {
            return value == null ? name : name + "=" + value;
        }
    }

    public ExtensionHeader {
        parameters = List.copyOf(parameters);
    }

    /** The value of a header with all of these. */
    public static String list(List<ExtensionHeader> extensions) {
        return extensions.stream().map(ExtensionHeader::toString).collect(Collectors.joining(", "));
    }

    /** As it stands in the header. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name);
        parameters.forEach(parameter -> text.append("; ").append(parameter));
        return text.toString();
    }
}
