package dev.hawser.eventsource;

import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.Connection;
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
public interface EventSource extends Connection {

    /** The URL that the client asked for, such as {@code http://example.com/news}. */
    @Override
    String url();

    /** The path pattern of the endpoint, such as {@code /news/{topic}}; the path itself where there is no pattern. */
    @Override
    String endpoint();

    /**
     * The id of the last event that the client received before it lost its connection; empty if it says none. From the header
     * {@code Last-Event-ID}, or else the query's parameter that {@link EventSourceOptions} names. It may be anything that
     * could be an id, of at most 8 KB: clients can send what they like.
     */
    String lastEventId();

    /** Who made the request; null if nobody was logged in. */
    @Override
    @Nullable
    Principal principal();

    /** The address of the client, as the container gives it. */
    @Override
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

    /** Sends an empty comment: it keeps proxies from closing an idle connection. */
    default boolean ping() {
        return comment("");
    }

    /**
     * Sends a comment, which the client ignores, but those see who look at the stream.
     *
     * @param text several lines (CR, LF or both) become several comments
     * @return as {@link #send(String, Consumer)}
     */
    boolean comment(String text);

    /** Ends the stream, after what was sent before. The client will connect again, unless it is told not to. */
    default void close() {
        close(CloseCause.APPLICATION);
    }

    /** Ends the stream, as {@link #close()}; {@code cause} is what metrics and the log tell. */
    void close(CloseCause cause);

    /** How many bytes are queued and not yet taken by the operating system. */
    @Override
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
         * @throws IllegalArgumentException if it contains what cannot come back in that header: a line break, NUL or another
         *     control character but the tab, or half a surrogate pair
         */
        Event id(String id);

        /** How long the client waits from now on before it reconnects. */
        Event retry(Duration delay);
    }
}
