package dev.hawser.websocket;

import java.util.Locale;

/** Why a connection has ended: what its close code alone does not tell. The {@linkplain #id() names} are stable: they show in metrics and in the log. */
public enum CloseCause {
    /** The peer closed it, with a close frame where there are such. */
    PEER,
    /** The connection was lost: the peer or the network has gone without a word. */
    NETWORK,
    /** The peer broke a rule of the protocol. */
    VIOLATION,
    /** The peer sent more than a limit allows; or all connections together held more memory than they may, and this one most. */
    LIMIT,
    /** The peer answered no ping in time. */
    HEARTBEAT,
    /** The peer read too slowly, and more than {@code max-buffered} waited for it; or too much of a topic did. */
    SLOW_CONSUMER,
    /** What had allowed it has ended: its session, or its token. */
    AUTHENTICATION,
    /** The application closed it. */
    APPLICATION,
    /** A listener of the application, or an extension, threw. */
    FAILURE,
    /** Somebody who operates the application closed it. */
    OPERATOR,
    /** This process, or the client, shuts down. */
    SHUTDOWN;

    private final String id = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The name by which metrics and the log call this, such as {@code slow-consumer}. */
    public String id() {
        return id;
    }

    /** Who began to close the connection, as metrics and the log call it: {@code local}, {@code peer}, or {@code nobody} since it was lost. */
    public String initiator() {
        return this == PEER ? "peer" : this == NETWORK ? "nobody" : "local";
    }
}
