package dev.hawser.websocket.connection;

import dev.hawser.websocket.Message;
import dev.hawser.websocket.SendOptions;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.protocol.Outgoing;
import dev.hawser.websocket.protocol.ReadyState;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A WebSocket that sends every kind of whole message in one way. */
interface WholeMessages extends WebSocket {

    /** Sends a message, as {@link #send(String)}. */
    boolean send(Outgoing message);

    @Override
    default boolean send(String text) {
        return send(text, SendOptions.DEFAULT);
    }

    @Override
    default boolean send(byte[] data) {
        return send(data, SendOptions.DEFAULT);
    }

    @Override
    default boolean send(ByteBuffer data) {
        return send(data, SendOptions.DEFAULT);
    }

    @Override
    default boolean send(Message message) {
        return send(message.outgoing());
    }

    @Override
    default boolean send(List<Message> messages) {
        boolean more = true;
        for (Message message : messages) {
            more = send(message);
            if (!more && state() != ReadyState.OPEN && state() != ReadyState.CONNECTING) {
                return false;
            }
        }
        return more;
    }

    @Override
    default boolean send(String text, SendOptions options) {
        return send(new Outgoing(true, text.getBytes(StandardCharsets.UTF_8), options.compress()));
    }

    @Override
    default boolean send(byte[] data, SendOptions options) {
        return send(new Outgoing(false, data.clone(), options.compress()));
    }

    @Override
    default boolean send(ByteBuffer data, SendOptions options) {
        return send(new Outgoing(false, WebSocketConnection.copy(data), options.compress()));
    }

    @Override
    default boolean send(Message message, SendOptions options) {
        return options.compress() ? send(message) : send(new Outgoing(message.isText(), message.unwrap(), false));
    }
}
