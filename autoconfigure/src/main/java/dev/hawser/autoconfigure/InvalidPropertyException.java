package dev.hawser.autoconfigure;

import dev.hawser.websocket.handshake.HttpText;

/** A property with a value that cannot be used. */
final class InvalidPropertyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String property;
    private final String rule;
    private final String example;
    /** Whether the value as it was written must not be shown. */
    private final boolean secret;

    /**
     * Says what is wrong.
     *
     * @param rule what the value must be, such as "must not be negative"
     * @param example a value that would do
     */
    InvalidPropertyException(String property, String value, String rule, String example) {
        this(property, value, rule, example, false);
    }

    private InvalidPropertyException(String property, String value, String rule, String example, boolean secret) {
        super(description(property, rule, value));
        this.property = property;
        this.rule = rule;
        this.example = example;
        this.secret = secret;
    }

    /** As the constructor, but what was written is never shown, only {@code shown}. */
    static InvalidPropertyException secret(String property, String shown, String rule, String example) {
        return new InvalidPropertyException(property, shown, rule, example, true);
    }

    private static String description(String property, String rule, String value) {
        return "The property '" + property + "' " + rule + ", but is " + HttpText.quote(value);
    }

    String property() {
        return property;
    }

    /** The message, with the value as it was written. */
    String description(String written) {
        return secret ? String.valueOf(getMessage()) : description(property, rule, written);
    }

    String action() {
        return "Change the property '" + property + "', for example to '" + example
                + "', or remove it to get the default.";
    }
}
