package dev.hawser.websocket.handshake;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An extension that a client offers in {@code Sec-WebSocket-Extensions} (RFC 6455, section 9.1).
 *
 * @param name a token, such as {@code permessage-deflate}
 * @param parameters in their order; a name may come twice
 */
public record ExtensionOffer(String name, List<Parameter> parameters) {

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

    public ExtensionOffer {
        parameters = List.copyOf(parameters);
    }

    /** As it stands in the header. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name);
        parameters.forEach(parameter -> text.append("; ").append(parameter));
        return text.toString();
    }
}
