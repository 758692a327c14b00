package dev.hawser.autoconfigure;

import dev.hawser.spring.WebSocketConverter;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.http.MediaType;

/**
 * Properties of messages that are objects, at both ends.
 *
 * @param mediaType Media type of messages that are objects.
 * @param unconvertible Code that closes a connection when a message cannot be converted: 1007 or 1003.
 */
@ConfigurationProperties("hawser.websocket")
record ConverterProperties(
        @DefaultValue("application/json") String mediaType,
        @DefaultValue("1007") String unconvertible) {

    private static final String PREFIX = "hawser.websocket.";

    WebSocketConverter apply(WebSocketConverter converter) {
        return withCode(withMediaType(converter));
    }

    private WebSocketConverter withMediaType(WebSocketConverter converter) {
        try {
            return converter.mediaType(MediaType.parseMediaType(mediaType));
        } catch (IllegalArgumentException wrong) {
            throw new InvalidPropertyException(
                    PREFIX + "media-type",
                    mediaType,
                    "must be a media type, without a wildcard and in UTF-8 if it is text",
                    MediaType.APPLICATION_JSON_VALUE);
        }
    }

    /** Not read as a number by Spring Boot, which would suggest any. */
    private WebSocketConverter withCode(WebSocketConverter converter) {
        try {
            return converter.unconvertible(Integer.parseInt(unconvertible));
        } catch (IllegalArgumentException wrong) {
            throw new InvalidPropertyException(PREFIX + "unconvertible", unconvertible, "must be 1007 or 1003", "1007");
        }
    }
}
