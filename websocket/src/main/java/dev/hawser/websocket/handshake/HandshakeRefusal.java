package dev.hawser.websocket.handshake;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/**
 * Why a handshake is refused, and the response that says so.
 *
 * @param cause for metrics: a fixed set of names
 * @param status the HTTP status, 300 to 599
 * @param reason one line without control characters, for the body
 * @param headers what the response needs besides
 */
public record HandshakeRefusal(Cause cause, int status, String reason, Map<String, String> headers) {

    /** The body of the response, as {@code text/plain}. */
    public byte[] body() {
        return (reason + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** The kinds of refusals. */
    public enum Cause {
        /** An ordinary request for a WebSocket endpoint. */
        NOT_A_WEBSOCKET,
        /** Not a GET, not HTTP/1.1, without a Host, or with a body. */
        BAD_REQUEST,
        /** No Sec-WebSocket-Key, two of them, or one that is not 16 bytes in Base64. */
        BAD_KEY,
        /** A version of the protocol that is not spoken here. */
        BAD_VERSION,
        /** A Sec-WebSocket-Protocol header that breaks its grammar. */
        BAD_PROTOCOL,
        /** A Sec-WebSocket-Extensions header that breaks its grammar. */
        BAD_EXTENSION,
        /** A page of another origin. */
        FORBIDDEN_ORIGIN,
        /** The application said no. */
        REJECTED,
        /** The application wanted to decide later, and did not in time. */
        UNDECIDED,
        /** All connections together hold nearly as much memory as they may. */
        MEMORY_LIMIT,
        /** The server is shutting down. */
        SHUTTING_DOWN;

        private final String id = name().toLowerCase(Locale.ROOT).replace('_', '-');

        /** The name by which metrics and the log call this, such as {@code bad-key}. */
        public String id() {
            return id;
        }
    }
}
