package dev.hawser.topic;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.protocol.CloseCode;
import java.security.Principal;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A WebSocket in topics. */
record SocketPeer(WebSocket socket) implements Peer {

    @Override
    public boolean takesMore() {
        return socket.send(List.of());
    }

    @Override
    public boolean send(Batch batch, Membership membership) {
        return socket.send(membership.showsIds() ? batch.envelopes(membership.tag()) : batch.contents());
    }

    @Override
    public void position(TopicId id, Membership membership, boolean tell) {
        if (tell && membership.showsIds()) {
            socket.send(Message.text(Envelope.position(membership.tag().of(id))));
        }
    }

    @Override
    public void left(Positions.Tag tag) {
        // Every message tells of its own topic only.
    }

    @Override
    public void close(String reason, CloseCause cause) {
        socket.drop(CloseCode.TRY_AGAIN_LATER, reason, cause);
    }

    @Override
    public void listen(Runnable onDrain, Runnable onClose) {
        socket.onDrain(onDrain);
        socket.onClose((code, reason) -> onClose.run());
    }

    @Override
    public String endpoint() {
        return socket.endpoint();
    }

    @Override
    public @Nullable Principal principal() {
        return socket.principal();
    }

    @Override
    public Optional<WebSocket> webSocket() {
        return Optional.of(socket);
    }

    @Override
    public Optional<EventSource> eventSource() {
        return Optional.empty();
    }
}
