package dev.hawser.websocket.handshake;

/** A response to a client's handshake that will not do. */
public final class ClientHandshakeException extends Exception {

    private static final long serialVersionUID = 1L;

    private final ConnectFailure failure;

    ClientHandshakeException(ConnectFailure failure, String reason) {
        super(reason, null, false, false);
        this.failure = failure;
    }

    /** Which kind of failure. */
    public ConnectFailure failure() {
        return failure;
    }
}
