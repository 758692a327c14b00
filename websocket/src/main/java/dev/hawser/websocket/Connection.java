package dev.hawser.websocket;

import java.security.Principal;
import org.jspecify.annotations.Nullable;

/** What WebSockets and event streams have in common, for those who look at them from outside. Every method may be called from any thread. */
public interface Connection {

    /** What the log calls this connection; no other of this process has the same. */
    String id();

    /** The URL that the client asked for. Its query may hold what is nobody's business. */
    String url();

    /** The path pattern of the endpoint; the path itself where there is none. */
    String endpoint();

    /** Who made the request; null if nobody was logged in. */
    @Nullable
    Principal principal();

    /** The address of the peer. */
    String remoteAddress();

    /** How many bytes are queued and not yet taken by the operating system. */
    long bufferedAmount();

    /** What has gone over it, as of now. */
    ConnectionStatistics statistics();
}
