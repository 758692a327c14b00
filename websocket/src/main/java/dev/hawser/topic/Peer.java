package dev.hawser.topic;

import dev.hawser.websocket.CloseCause;

/** A connection of this node, as topics send to it. */
sealed interface Peer extends TopicMember permits SocketPeer, EventPeer {

    /** Whether it takes messages; false as from {@link #send}. */
    boolean takesMore();

    /** Sends messages; false if {@code onDrain} is to be awaited, or the connection has ended. */
    boolean send(Batch batch, Membership membership);

    /**
     * Notes how far this has come in a topic.
     *
     * @param tell whether to tell the connection, since no message does
     */
    void position(TopicId id, Membership membership, boolean tell);

    /** It has left a topic. */
    void left(Positions.Tag tag);

    /** Ends the connection, since it reads too slowly, or could not be sent what it missed. */
    void close(String reason, CloseCause cause);

    /** Calls one of these listeners when what waited was sent, the other when the connection has ended. */
    void listen(Runnable onDrain, Runnable onClose);
}
