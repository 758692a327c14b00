package dev.hawser.websocket;

/**
 * How one message is sent.
 *
 * @param compress whether an extension may compress it
 */
public record SendOptions(boolean compress) {

    /** As {@link WebSocket#send(String)} does it: compressed if that was agreed on and is worth it. */
    public static final SendOptions DEFAULT = new SendOptions(true);

    /** For what is compressed already, such as images, and for secrets beside what a stranger may have written. */
    public static final SendOptions UNCOMPRESSED = new SendOptions(false);
}
