package dev.hawser.websocket.handshake;

import java.util.Locale;

/**
 * Why a client's connection could not be opened: a fixed set of names. The last eight are for {@link ClientHandshake} to find; those before
 * belong to whoever looks up hosts, speaks TLS and HTTP, and goes through proxies.
 */
public enum ConnectFailure {
    /** The host, or the proxy's, has no address. */
    UNKNOWN_HOST,
    /** No connection to the host, or to the proxy. */
    UNREACHABLE,
    /** No connection within {@code connect-timeout}. */
    CONNECT_TIMEOUT,
    /** No response within {@code handshake-timeout}. */
    HANDSHAKE_TIMEOUT,
    /** The connection ended before the response. */
    DISCONNECTED,
    /** TLS failed: a certificate that is not trusted, or of another host, or nothing in common. */
    TLS_FAILED,
    /** The proxy said no. */
    PROXY_REFUSED,
    /** The proxy wants a user and a password, or others: status 407, for instance. */
    PROXY_AUTHENTICATION,
    /** Not an HTTP response, or one with too long headers. */
    BAD_RESPONSE,
    /** A redirect without a Location, or to what is not to be followed. */
    BAD_REDIRECT,
    /** More than {@code max-redirects}. */
    TOO_MANY_REDIRECTS,
    /** A status other than 101. */
    UNEXPECTED_STATUS,
    /** No Upgrade header, or one that is not {@code websocket}. */
    WRONG_UPGRADE,
    /** No Connection header, or one without {@code Upgrade}. */
    WRONG_CONNECTION,
    /** No Sec-WebSocket-Accept, two of them, or one that does not answer the key. */
    WRONG_ACCEPT,
    /** A subprotocol that was not asked for, or more than one. */
    UNASKED_PROTOCOL,
    /** No subprotocol, though some were asked for; see {@code require-protocol}. */
    NO_PROTOCOL,
    /** An extension that was not offered. */
    UNASKED_EXTENSION,
    /** A Sec-WebSocket-Extensions header that breaks its grammar, or parameters that were not offered. */
    BAD_EXTENSION;

    private final String id = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The name by which errors, metrics and the log call this, such as {@code wrong-accept}. */
    public String id() {
        return id;
    }
}
