package dev.hawser.websocket.extension;

/** A server's answer to the extensions that a client offered which the client must not accept (RFC 6455, section 9.1). */
public final class NegotiationException extends Exception {

    private static final long serialVersionUID = 1L;

    /** @param reason what was expected, and what came */
    public NegotiationException(String reason) {
        super(reason);
    }
}
