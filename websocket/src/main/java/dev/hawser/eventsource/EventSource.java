package dev.hawser.eventsource;

import java.security.Principal;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client that listens to events: the server's end of a browser's EventSource (WHATWG HTML, section 9.2).
 *
 * <p>Every method may be called from any thread, and none blocks. Listeners are called in order and never two at once, on
 * the executor of the connection. Each {@code on…} method adds a listener.
 */
public interface EventSource {

    /** The URL that the client asked for, such as {@code http://example.com/news}. */
    String url();

    /** The path pattern of the endpoint, such as {@code /news/{topic}}; the path itself where there is no pattern. */
    String endpoint();

    /** The id of the last event that the client received before it lost its connection; empty if it says none. */
    String lastEventId();

    /** Who made the request; null if nobody was logged in. */
    @Nullable
    Principal principal();

    /** The address of the client, as the container gives it. */
    String remoteAddress();

    /** Whether events can still be sent. */
    boolean isOpen();

    /** Sends an event of this data without name or id; see {@link #send(String, Consumer)}. */
    default boolean send(String data) {
        return send(data, event -> {});
    }

    /** Sends an event with a name and an id; see {@link #send(String, Consumer)}. */
    default boolean send(String data, String name, String id) {
        return send(data, event -> event.name(name).id(id));
    }

    /**
     * Sends an event.
     *
     * @param data the text; line breaks in it (CR, LF or both) arrive as LF
     * @param event sets the name, the id or the time to reconnect, such as {@code event -> event.name("tick").id("7")}
     * @return true: go on. False: either the connection has ended and nothing was sent, or the event is queued behind so
     *     much that you should wait for {@link #onDrain}
     * @throws IllegalArgumentException if the name or the id would break the stream
     */
    boolean send(String data, Consumer<Event> event);

    /**
     * Sends events that may go to many, in as few writes as that takes; none is encoded again. Of none, tells whether more may be sent.
     *
     * @return as {@link #send(String, Consumer)}, of the last; what follows one that was not sent is not sent either
     */
    boolean send(List<EncodedEvent> events);

    /** Sends a comment, which the client ignores: it keeps proxies from closing an idle connection. */
    boolean ping();

    /** Ends the stream, after what was sent before. The client will connect again, unless it is told not to. */
    void close();

    /** How many bytes are queued and not yet taken by the operating system. */
    long bufferedAmount();

    /** Called once, when the connection has ended, whoever ended it and however. */
    EventSource onClose(Runnable listener);

    /** Called when what was queued has been sent, after a {@code send} that returned false. */
    EventSource onDrain(Runnable listener);

    /** What an event carries besides its data. */
    interface Event {

        /**
         * The type of the event: {@code message} if it is not set.
         *
         * @throws IllegalArgumentException if it contains a line break
         */
        Event name(String name);

        /**
         * What the client will send as {@code Last-Event-ID} when it reconnects; an empty id makes it forget the last.
         *
         * @throws IllegalArgumentException if it contains a line break or NUL
         */
        Event id(String id);

        /** How long the client waits from now on before it reconnects. */
        Event retry(Duration delay);
    }
}
