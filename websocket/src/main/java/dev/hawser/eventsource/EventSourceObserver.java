package dev.hawser.eventsource;

import java.time.Duration;

/**
 * Hears what the event streams of one endpoint do, for metrics. Called on the threads of the connections, sometimes
 * under their locks: return quickly, throw nothing, and do not call the connection.
 */
public interface EventSourceObserver {

    /** Hears nothing. */
    EventSourceObserver NONE = new EventSourceObserver() {};

    /** A stream is open. */
    default void opened() {}

    /** A stream that was open has ended, after so long. */
    default void closed(Duration open) {}

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
}
