package dev.hawser.topic;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import java.util.function.Predicate;

/**
 * A name under which WebSockets and EventSources, on this node and others, get the same messages in the same order.
 *
 * <p>May be used from any thread; nothing here waits. A connection that ends leaves every topic.
 */
public interface Topic {

    /** What an event is called that tells a member that some of what it missed is kept no more; its data is the topic's name. */
    String RESET = "hawser.reset";

    /** The id to join from for all that is kept. */
    String BEGINNING = "0";

    /** What it is called. */
    String name();

    /**
     * Sends the socket what is sent to this topic from now on, as it is. Once it has joined, joining again does nothing.
     *
     * @throws IllegalStateException if it has joined too many topics already
     */
    void join(WebSocket socket);

    /**
     * Sends the socket what came after a message, and then what is sent from now on, each once: as text messages like {@code
     * {"id":"1y2p0ij32e8e7-mb2x81qd-1k","event":"name","data":"text"}}, where {@code event} is missing for messages without a name, and
     * binary ones have {@code base64} instead of {@code data}. Who gets nothing at once gets an id alone. If some of it is kept no more, or the id is none of this topic, {@link #RESET}
     * comes first, then all that is kept. Without a history nothing has an id, and nothing is kept.
     *
     * @param fromId the last id that the peer has seen; empty for nothing that was sent before; {@link #BEGINNING} for all
     *     that is kept
     * @throws IllegalStateException as {@link #join(WebSocket)}
     */
    void join(WebSocket socket, String fromId);

    /**
     * Sends the client what it has missed since it lost its connection, as its {@link EventSource#lastEventId()} says, and then
     * what is sent from now on, each once. As {@link #join(EventSource, String)}.
     */
    default void join(EventSource events) {
        join(events, events.lastEventId());
    }

    /**
     * Sends the client what came after an event, and then what is sent from now on, each once, with an id if the topic has a
     * history. If some of it is kept no more, or the id is none of this topic, an event {@link #RESET} comes first, then all that
     * is kept. The ids tell of all topics that a client has joined; an event of your own with an id makes it forget them.
     *
     * @param fromId the id of an event; empty for nothing that was sent before; {@link #BEGINNING} for all that is kept
     * @throws IllegalStateException as {@link #join(WebSocket)}
     */
    void join(EventSource events, String fromId);

    /** Sends the socket nothing more, but what is on its way. */
    void leave(WebSocket socket);

    /** Sends the client nothing more, but what is on its way. */
    void leave(EventSource events);

    /** How many members there are on this node. */
    int members();

    /** Sends a text to all members; see {@link #send(Message, String)}. */
    default boolean send(String text) {
        return send(Message.text(text));
    }

    /** Sends a message to all members; see {@link #send(Message, String)}. */
    default boolean send(Message message) {
        return send(message, "");
    }

    /** Sends a text with a name to all members; see {@link #send(Message, String)}. */
    default boolean send(String text, String name) {
        return send(Message.text(text), name);
    }

    /**
     * Sends a message to all members, on all nodes. It is encoded once.
     *
     * @param message EventSources get a binary one as Base64, since their streams are text
     * @param name the type of the event; empty for none. WebSockets that joined without an id do not see it
     * @return false if it was not sent, since too much waits to be sent already: to the other nodes, or to members here
     * @throws IllegalArgumentException if the name contains a line break
     */
    boolean send(Message message, String name);

    /**
     * All members but one: those that a message of its is for. It is kept in the history, where that one finds it, too, if it comes
     * back with another connection.
     */
    Recipients except(WebSocket socket);

    /** All members but one, as {@link #except(WebSocket)}. */
    Recipients except(EventSource events);

    /**
     * The members on this node for which a condition holds. What is sent to them alone is not kept and has no id. For some on all
     * nodes, have them join a topic of their own.
     *
     * @param condition called on another thread; returns quickly
     */
    Recipients where(Predicate<TopicMember> condition);

    /** Some members of a topic. */
    interface Recipients {

        /** Sends them a text; see {@link Topic#send(Message, String)}. */
        default boolean send(String text) {
            return send(Message.text(text));
        }

        /** Sends them a message; see {@link Topic#send(Message, String)}. */
        default boolean send(Message message) {
            return send(message, "");
        }

        /** Sends them a message with a name; see {@link Topic#send(Message, String)}. */
        boolean send(Message message, String name);
    }
}
