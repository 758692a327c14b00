package dev.hawser.websocket.protocol;

/** The state of a connection, as the {@code readyState} of a browser's WebSocket. */
public enum ReadyState {
    /** The handshake is not finished; what is sent is queued. */
    CONNECTING,
    /** Messages flow in both directions. */
    OPEN,
    /** A close frame was sent or received; nothing more can be sent. */
    CLOSING,
    /** The connection is gone. */
    CLOSED;

    /** Whether a message sent now can still reach the peer. */
    public boolean canSend() {
        return this == CONNECTING || this == OPEN;
    }
}
