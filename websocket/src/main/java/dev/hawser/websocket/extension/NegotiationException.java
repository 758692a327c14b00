package dev.hawser.websocket.extension;

/** Parameters that an extension does not define, or an answer to a client that it must not accept (RFC 6455, section 9.1). */
public final class NegotiationException extends Exception {

    private static final long serialVersionUID = 1L;

    /** @param reason what was expected, and what came */
    public NegotiationException(String reason) {
        super(reason, null, false, false); // a peer may cause hundreds with one header: no stack traces
    }
}
