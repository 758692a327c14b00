package dev.hawser.autoconfigure;

import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.protocol.Framing;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Properties of WebSockets.
 *
 * @param maxLength Longest message that is accepted; a longer one closes the connection with 1009.
 * @param maxFrameLength Longest frame that is accepted; as max-length if not set.
 * @param maxFragments Most fragments of one message that are accepted.
 * @param assembleFragments Whether the fragments of a message are put together; otherwise onFrame hears of each frame.
 * @param fragmentThreshold Most payload of one frame that is sent; longer messages go in fragments. Not set: never.
 * @param autoPong Whether pings are answered by themselves.
 * @param ping How often a ping is sent to each client; 0 for never.
 * @param pingTimeout How long after a ping something must arrive before the connection is cut.
 * @param handshakeTimeout How long the application may take over a request whose decision it defers.
 * @param closeTimeout How long a closing handshake may take before the connection is cut.
 * @param maxBuffered How much may wait for a client that reads slowly before it is closed with 1013.
 * @param allowedOrigins Origins of pages that may connect besides those of the same origin, such as https://*.example.com; * for any.
 * @param allowDrafts Whether clients of the old drafts 75 and 76 are accepted.
 * @param autoAccept Whether handshakes are accepted that no controller or endpoint is there for.
 * @param shutdownSpread Within which all connections are told when the application stops.
 * @param protocols Subprotocols that are spoken, most wanted first.
 * @param headers Headers to add to the response of the handshake.
 * @param closeOnSessionEnd Whether a socket is closed with 1008 when the HTTP session ends that its handshake belonged to.
 * @param closeOnTokenExpiry Whether a socket is closed with 1008 when the bearer token of its handshake expires.
 */
@ConfigurationProperties("hawser.websocket")
public record WebSocketProperties(
        @DefaultValue("67108863B") DataSize maxLength,
        @Nullable DataSize maxFrameLength,
        @DefaultValue("131072") int maxFragments,
        @DefaultValue("true") boolean assembleFragments,
        @Nullable DataSize fragmentThreshold,
        @DefaultValue("true") boolean autoPong,
        @DefaultValue("30s") Duration ping,
        @DefaultValue("20s") Duration pingTimeout,
        @DefaultValue("10s") Duration handshakeTimeout,
        @DefaultValue("5s") Duration closeTimeout,
        @DefaultValue("16MB") DataSize maxBuffered,
        @DefaultValue List<String> allowedOrigins,
        @DefaultValue("false") boolean allowDrafts,
        @DefaultValue("false") boolean autoAccept,
        @DefaultValue("5s") Duration shutdownSpread,
        @DefaultValue List<String> protocols,
        @DefaultValue Map<String, String> headers,
        @DefaultValue("true") boolean closeOnSessionEnd,
        @DefaultValue("true") boolean closeOnTokenExpiry) {

    private static final String PREFIX = "hawser.websocket.";

    public WebSocketProperties {
        Check.socket(
                PREFIX,
                maxLength,
                maxFrameLength,
                maxFragments,
                fragmentThreshold,
                ping,
                pingTimeout,
                closeTimeout,
                maxBuffered);
        Check.origins(PREFIX + "allowed-origins", allowedOrigins);
        Check.positive(PREFIX + "handshake-timeout", handshakeTimeout);
        Check.notNegative(PREFIX + "shutdown-spread", shutdownSpread);
        Check.protocols(PREFIX + "protocols", protocols);
        Check.headers(PREFIX + "headers", headers);
    }

    WebSocketOptions toOptions(List<Extension> extensions) {
        Check.wholeMessages(PREFIX + "assemble-fragments", assembleFragments, extensions);
        return new WebSocketOptions(
                Check.limits(maxLength, maxFrameLength, maxFragments),
                new Framing(assembleFragments, Check.threshold(fragmentThreshold)),
                autoPong,
                ping,
                pingTimeout,
                handshakeTimeout,
                closeTimeout,
                (int) maxBuffered.toBytes(),
                Check.origins(PREFIX + "allowed-origins", allowedOrigins),
                allowDrafts,
                protocols,
                headers,
                extensions);
    }
}
