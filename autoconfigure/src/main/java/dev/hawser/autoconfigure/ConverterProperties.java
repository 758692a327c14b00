package dev.hawser.autoconfigure;

import dev.hawser.websocket.protocol.CloseCode;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Properties of messages that are objects, at both ends.
 *
 * @param mediaType Media type of messages that are objects.
 * @param unconvertible Code that closes a connection when a message cannot be converted: 1007 or 1003.
 */
@ConfigurationProperties("hawser.websocket")
record ConverterProperties(
        @DefaultValue("application/json") String mediaType,
        @DefaultValue("1007") int unconvertible) {

    static final String MEDIA_TYPE = "hawser.websocket.media-type";

    ConverterProperties {
        Check.that(
                unconvertible == CloseCode.INVALID_PAYLOAD || unconvertible == CloseCode.UNSUPPORTED_DATA,
                "hawser.websocket.unconvertible",
                unconvertible,
                "must be 1007 or 1003",
                "1007");
    }
}
