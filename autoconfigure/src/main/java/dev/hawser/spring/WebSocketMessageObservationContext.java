package dev.hawser.spring;

import io.micrometer.observation.Observation;

/** What is known of one message of a WebSocket while it is observed. */
public final class WebSocketMessageObservationContext extends Observation.Context {

    private final String uri;
    private final Direction direction;
    private final boolean text;
    private final int length;

    /** Which way a message goes. */
    public enum Direction {
        /** It was received: the observation spans the call of the listeners. */
        INBOUND,
        /** It was sent: the observation spans the call of {@code send}, not the time that the message waits in a queue. */
        OUTBOUND
    }

    /**
     * A message.
     *
     * @param uri the endpoint's path pattern; for the client's connections {@code client}, or the name of their options
     * @param text whether it is text, or else binary
     * @param length of its payload, in bytes
     */
    public WebSocketMessageObservationContext(String uri, Direction direction, boolean text, int length) {
        this.uri = uri;
        this.direction = direction;
        this.text = text;
        this.length = length;
    }

    /** The endpoint's path pattern; for the client's connections {@code client}, or the name of their options. */
    public String uri() {
        return uri;
    }

    public Direction direction() {
        return direction;
    }

    /** Whether it is text, or else binary. */
    public boolean isText() {
        return text;
    }

    /** The length of its payload, in bytes. */
    public int length() {
        return length;
    }
}
