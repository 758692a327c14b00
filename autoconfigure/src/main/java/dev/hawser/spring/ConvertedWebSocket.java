package dev.hawser.spring;

import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import java.util.function.Consumer;
import java.util.function.Function;

/** A socket with a conversion for each direction. */
record ConvertedWebSocket<T>(WebSocket socket, Function<Message, T> reader, Function<Object, Message> writer)
        implements TypedWebSocket<T> {

    @Override
    public TypedWebSocket<T> onMessage(Consumer<? super T> listener) {
        socket.onMessage(message -> listener.accept(reader.apply(message)));
        return this;
    }

    @Override
    public boolean send(Object message) {
        return socket.send(writer.apply(message));
    }
}
