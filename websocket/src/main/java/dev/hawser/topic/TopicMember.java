package dev.hawser.topic;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.WebSocket;
import java.security.Principal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A connection of this node that has joined a topic: what conditions see of it. */
public interface TopicMember {

    /** The path pattern of its endpoint; see {@link WebSocket#endpoint()}. */
    String endpoint();

    /** Who made the request; null if nobody was logged in. */
    @Nullable
    Principal principal();

    /** The member itself, if it is one. */
    Optional<WebSocket> webSocket();

    /** The member itself, if it is one. */
    Optional<EventSource> eventSource();
}
