package dev.hawser.eventsource;

import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import java.time.Duration;

/**
 * Hears what the event streams of one endpoint do, for metrics. Called on the threads of the connections, sometimes
 * under their locks: return quickly, throw nothing, and do not call the connection.
 */
public interface EventSourceObserver {

    /** Hears nothing. */
    EventSourceObserver NONE = new EventSourceObserver() {};

    /** A stream is open. Of {@code events} only what does not change may be asked here; the rest later, from any thread. */
    default void opened(EventSource events) {}

    /**
     * A stream that was open has ended.
     *
     * @param cause why; {@link CloseCause#PEER} where the client has gone, which nobody tells from a connection that was lost
     * @param open how long it was open
     */
    default void closed(EventSource events, CloseCause cause, Duration open) {}

    /** A request for a stream was refused. */
    default void refused(Cause cause) {}

    /**
     * An event is on its way.
     *
     * @param bytes how long it is on the wire
     */
    default void sent(int bytes) {}

    /** A listener of the application threw. */
    default void listenerFailed() {}

    /** The client read too slowly, and more than {@code max-buffered} bytes waited for it. */
    default void overflowed() {}

    /** All connections together held more memory than they may, and this one most: it is ended. */
    default void exhausted() {}
}
