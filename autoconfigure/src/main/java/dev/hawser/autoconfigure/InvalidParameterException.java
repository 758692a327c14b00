package dev.hawser.autoconfigure;

import dev.hawser.websocket.handshake.HttpText;

/** A parameter of a request to the endpoint has a value that means nothing; the message says what it must be. */
final class InvalidParameterException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InvalidParameterException(String parameter, String value, String rule) {
        super("The parameter '" + parameter + "' " + rule + ", but is " + HttpText.quote(value));
    }

    InvalidParameterException(String message) {
        super(message);
    }
}
