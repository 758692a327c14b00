package dev.hawser.websocket;

/**
 * What surrounds the listeners of one connection, and its messages: a trace, for instance, that the handshake belongs to.
 * Called without any lock, on the threads that call the listeners or send: return quickly, throw nothing, and do not call
 * the connection. What is opened is closed on the same thread.
 */
public interface ConnectionTracing {

    /** Surrounds nothing. */
    ConnectionTracing NONE = new ConnectionTracing() {};

    /** This thread is about to read from the connection, or to call its listeners: none, or many of them, one after the other. */
    default Scope enter() {
        return Scope.NONE;
    }

    /**
     * A whole message came, and its listeners are about to be called on this thread, within {@link #enter}.
     *
     * @param bytes the length of its payload
     */
    default Scope receiving(boolean text, int bytes) {
        return Scope.NONE;
    }

    /**
     * A whole message is about to be sent, by this thread.
     *
     * @param bytes the length of its payload
     */
    default Scope sending(boolean text, int bytes) {
        return Scope.NONE;
    }

    /** Lasts until it is closed. */
    interface Scope extends AutoCloseable {

        /** Nothing to close. */
        Scope NONE = new Scope() {};

        /** What is surrounded threw this. */
        default void failed(Throwable thrown) {}

        /** The message is not sent, since the connection is closing. */
        default void refused() {}

        @Override
        default void close() {}
    }
}
