package dev.hawser.websocket;

import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.handshake.OriginPolicy;
import dev.hawser.websocket.protocol.Framing;
import dev.hawser.websocket.protocol.Limits;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How a connection is set up. Immutable; {@link #with} makes a changed copy.
 *
 * @param limits what a peer may make us hold
 * @param framing how messages are divided into frames
 * @param autoPong whether pings are answered by themselves; if not, {@link WebSocket#pong} is the application's to call
 * @param ping how often a ping is sent; zero for never
 * @param pingTimeout how long after a ping something must arrive, or the connection is cut
 * @param handshakeTimeout how long an application may take that {@linkplain WebSocketRequest#defer defers} its decision
 * @param closeTimeout how long a closing handshake may take before the connection is cut
 * @param maxBuffered when so many bytes wait to be sent, the connection is closed with 1013; a message is taken whole
 *     if less waits before it
 * @param origins which pages may connect
 * @param allowDrafts whether the old drafts 75 and 76 are accepted
 * @param protocols the subprotocols that are spoken here, most wanted first
 * @param headers headers to add to the response of the handshake
 * @param extensions what may be agreed on with a client, in the order in which messages pass them on their way out
 */
public record WebSocketOptions(
        Limits limits,
        Framing framing,
        boolean autoPong,
        Duration ping,
        Duration pingTimeout,
        Duration handshakeTimeout,
        Duration closeTimeout,
        int maxBuffered,
        OriginPolicy origins,
        boolean allowDrafts,
        List<String> protocols,
        Map<String, String> headers,
        List<Extension> extensions) {

    /** The defaults: a ping every 30 s, same origin, messages of up to 64 MiB. */
    public static final WebSocketOptions DEFAULT = new WebSocketOptions(
            Limits.DEFAULT,
            Framing.DEFAULT,
            true,
            Duration.ofSeconds(30),
            Duration.ofSeconds(20),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            16 * 1024 * 1024,
            OriginPolicy.SAME_ORIGIN,
            false,
            List.of(),
            Map.of(),
            List.of());

    public WebSocketOptions {
        if (ping.isNegative()) {
            throw new IllegalArgumentException("ping must not be negative, but is " + ping);
        }
        requirePositive("ping-timeout", pingTimeout);
        requirePositive("handshake-timeout", handshakeTimeout);
        requirePositive("close-timeout", closeTimeout);
        if (maxBuffered < 1) {
            throw new IllegalArgumentException("max-buffered must be 1 byte or more, but is " + maxBuffered);
        }
        protocols = List.copyOf(protocols);
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
        extensions = List.copyOf(extensions);
        if (!extensions.isEmpty() && !framing.assemble()) {
            throw new IllegalArgumentException(
                    framing.streaming()
                            ? "extensions must be none where streaming is on, such as by options.extensions(): they work on whole messages"
                            : "extensions need assemble-fragments: they work on whole messages");
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(name + " must be longer than zero, but is " + value);
        }
    }

    /** A copy with changes, such as {@code options.with(o -> o.ping(Duration.ofSeconds(5)))}. */
    public WebSocketOptions with(Consumer<Builder> changes) {
        Builder builder = new Builder(this);
        changes.accept(builder);
        return builder.build();
    }

    /** Collects changes; each method is named after what it changes. */
    public static final class Builder {

        private Limits limits;
        private Framing framing;
        private boolean autoPong;
        private Duration ping;
        private Duration pingTimeout;
        private Duration handshakeTimeout;
        private Duration closeTimeout;
        private int maxBuffered;
        private OriginPolicy origins;
        private boolean allowDrafts;
        private List<String> protocols;
        private Map<String, String> headers;
        private List<Extension> extensions;

        private Builder(WebSocketOptions from) {
            limits = from.limits;
            framing = from.framing;
            autoPong = from.autoPong;
            ping = from.ping;
            pingTimeout = from.pingTimeout;
            handshakeTimeout = from.handshakeTimeout;
            closeTimeout = from.closeTimeout;
            maxBuffered = from.maxBuffered;
            origins = from.origins;
            allowDrafts = from.allowDrafts;
            protocols = from.protocols;
            headers = from.headers;
            extensions = from.extensions;
        }

        public Builder limits(Limits limits) {
            this.limits = limits;
            return this;
        }

        /** Whether the fragments of a message are put together; otherwise {@link WebSocket#onFrame} hears of each. */
        public Builder assembleFragments(boolean assemble) {
            this.framing = new Framing(assemble, framing.threshold());
            return this;
        }

        /**
         * Whether messages are handed on while they come, however long they and their frames are: for {@code
         * WebSocketStream}, and for {@link WebSocket#onFrame}, which hears of pieces as if they were fragments; {@link
         * WebSocket#onMessage} hears nothing then. Goes with {@code assembleFragments(false)}, and without
         * it when it is switched off; the last call of the two counts. It needs {@link #extensions} to be none. Of the
         * limits, only {@link #maxStreamLength} counts, and {@code maxFragments} for empty frames in a row.
         */
        public Builder streaming(boolean streaming) {
            this.framing = new Framing(
                    !streaming, framing.threshold(), streaming, streaming ? framing.maxStreamLength() : Long.MAX_VALUE);
            return this;
        }

        /**
         * {@link #streaming} of messages of so many bytes at most; a longer one closes the connection with 1009.
         *
         * @param bytes 1 or more; without limit unless this is called
         */
        public Builder maxStreamLength(long bytes) {
            this.framing = new Framing(false, framing.threshold(), true, bytes);
            return this;
        }

        /** The most payload of one frame, in bytes: longer messages are sent in fragments. */
        public Builder fragmentThreshold(int threshold) {
            this.framing = new Framing(framing.assemble(), threshold, framing.streaming(), framing.maxStreamLength());
            return this;
        }

        public Builder autoPong(boolean autoPong) {
            this.autoPong = autoPong;
            return this;
        }

        public Builder ping(Duration ping) {
            this.ping = ping;
            return this;
        }

        public Builder pingTimeout(Duration pingTimeout) {
            this.pingTimeout = pingTimeout;
            return this;
        }

        public Builder handshakeTimeout(Duration handshakeTimeout) {
            this.handshakeTimeout = handshakeTimeout;
            return this;
        }

        public Builder closeTimeout(Duration closeTimeout) {
            this.closeTimeout = closeTimeout;
            return this;
        }

        public Builder maxBuffered(int maxBuffered) {
            this.maxBuffered = maxBuffered;
            return this;
        }

        public Builder origins(OriginPolicy origins) {
            this.origins = origins;
            return this;
        }

        /** The pages that may connect besides those of the same origin; see {@link OriginPolicy#allow}. */
        public Builder origins(String... origins) {
            return origins(OriginPolicy.allow(List.of(origins)));
        }

        public Builder allowDrafts(boolean allowDrafts) {
            this.allowDrafts = allowDrafts;
            return this;
        }

        public Builder protocols(String... protocols) {
            this.protocols = List.of(protocols);
            return this;
        }

        public Builder headers(Map<String, String> headers) {
            this.headers = headers;
            return this;
        }

        /** Instead of those that were there. */
        public Builder extensions(Extension... extensions) {
            this.extensions = List.of(extensions);
            return this;
        }

        private WebSocketOptions build() {
            return new WebSocketOptions(
                    limits,
                    framing,
                    autoPong,
                    ping,
                    pingTimeout,
                    handshakeTimeout,
                    closeTimeout,
                    maxBuffered,
                    origins,
                    allowDrafts,
                    protocols,
                    headers,
                    extensions);
        }
    }
}
