package dev.hawser.websocket.client;

import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.ConnectionTracing;
import java.util.Map;

/**
 * Hears of the handshakes of one socket, which are several where it {@linkplain ClientOptions#reconnect() connects again}:
 * for tracing. Called on threads of the client, without any lock: return quickly and do not call the socket.
 */
public interface HandshakeObserver {

    /** Hears nothing. */
    HandshakeObserver NONE = new HandshakeObserver() {};

    /**
     * An attempt to connect begins. It ends before the next begins.
     *
     * @param hostAndPort what the socket was asked to connect to, such as {@code example.com:443}
     */
    default Handshake begin(String hostAndPort) {
        return Handshake.NONE;
    }

    /** What surrounds the listeners of the socket; asked for once, before the first attempt. */
    default ConnectionTracing tracing() {
        return ConnectionTracing.NONE;
    }

    /** One attempt: one of {@link #opened}, {@link #failed} and {@link #abandoned} is called, once. */
    interface Handshake {

        /** Hears nothing. */
        Handshake NONE = new Handshake() {};

        /**
         * Headers to add to the request, where the options have no such header. They follow a redirect within the same
         * origin, and go to no other.
         */
        default Map<String, String> headers() {
            return Map.of();
        }

        /**
         * The connection is open; its listeners are called after this.
         *
         * @param status the status of the response
         */
        default void opened(int status) {}

        /** There will be no connection. */
        default void failed(ConnectFailedException failure) {}

        /** Nobody wants the connection any more: the socket was closed meanwhile, or its client. */
        default void abandoned() {}
    }
}
