package dev.hawser.spring;

import dev.hawser.eventsource.EventSource;
import java.util.function.Consumer;
import java.util.function.Function;

/** A stream with a conversion. */
record ConvertedEventSource(EventSource events, Function<Object, String> writer) implements TypedEventSource {

    @Override
    public boolean send(Object data, Consumer<EventSource.Event> event) {
        return events.send(writer.apply(data), event);
    }
}
