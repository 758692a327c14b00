package dev.hawser.spring;

import dev.hawser.eventsource.EventSource;
import java.util.function.Consumer;

/**
 * An event stream whose data are objects, converted as Spring MVC converts the bodies of responses. A controller method may take
 * one as its parameter, a {@link WebSocketConverter} makes one of any EventSource. Every method may be called from any thread.
 */
public interface TypedEventSource {

    /** Sends an object without name or id; see {@link #send(Object, Consumer)}. */
    default boolean send(Object data) {
        return send(data, event -> {});
    }

    /** Sends an object with a name and an id; see {@link #send(Object, Consumer)}. */
    default boolean send(Object data, String name, String id) {
        return send(data, event -> event.name(name).id(id));
    }

    /**
     * Sends an object, converted on this thread.
     *
     * @param data of any type that can be converted
     * @param event as for {@link EventSource#send(String, Consumer)}
     * @return as {@link EventSource#send(String, Consumer)}
     * @throws IllegalArgumentException if the object cannot be converted to text, or the name or the id would break the
     *     stream; nothing is sent then
     */
    boolean send(Object data, Consumer<EventSource.Event> event);

    /** The stream itself, for everything else. */
    EventSource events();
}
