package dev.hawser.websocket.stream;

/**
 * How parts leave: as messages, or as fragments of one.
 *
 * @param <P> {@code byte[]} or {@code String}
 */
interface PartSender<P> {

    /**
     * Sends one, as {@link dev.hawser.websocket.WebSocket#send(String)}.
     *
     * @param last whether none follows
     */
    boolean send(P part, boolean last);
}
