package dev.hawser.topic;

import dev.hawser.eventsource.EncodedEvent;
import dev.hawser.websocket.Message;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A message of a topic. Immutable; what is sent to its members is made of it once, when the first needs it, and kept.
 */
public final class TopicMessage {

    private final @Nullable TopicId id;
    private final String name;
    private final Message content;
    private final String sender;

    /** Two threads may each make one, which is as good; so with the next. */
    private @Nullable EncodedEvent event;

    private @Nullable EncodedEvent eventWithId;
    private @Nullable Message envelope;

    /**
     * A message.
     *
     * @param id null where the topic keeps none
     * @param name the type of the event, without line breaks; empty for none
     * @param content what it says
     * @param sender what its node recognises the connection by that is not to get it; empty for none
     */
    public TopicMessage(@Nullable TopicId id, String name, Message content, String sender) {
        this.id = id;
        this.name = name;
        this.content = content;
        this.sender = sender;
    }

    /** Its number; null where the topic keeps no messages. */
    public @Nullable TopicId id() {
        return id;
    }

    /** The type of the event; empty for none. */
    public String name() {
        return name;
    }

    /** What it says. */
    public Message content() {
        return content;
    }

    /** What its node recognises the connection by that is not to get it; kept by stores as it is; empty for none. */
    public String sender() {
        return sender;
    }

    /** The length of its content in bytes. */
    public int length() {
        return content.length();
    }

    /** The same message, as a store has numbered it. */
    public TopicMessage withId(TopicId given) {
        return new TopicMessage(given, name, content, sender);
    }

    /** What is sent to an EventSource, without an id: binary content in Base64. */
    EncodedEvent event() {
        EncodedEvent known = event;
        if (known == null) {
            known = EncodedEvent.of(text(), fields -> {
                if (!name.isEmpty()) {
                    fields.name(name);
                }
            });
            event = known;
        }
        return known;
    }

    /** As {@link #event}, for those who know no other topic. */
    EncodedEvent event(Positions.Tag tag) {
        EncodedEvent known = eventWithId;
        if (known == null) {
            known = id == null ? event() : event().withId(tag.of(id));
            eventWithId = known;
        }
        return known;
    }

    /** What is sent to a WebSocket that wants to know the ids. */
    Message envelope(Positions.Tag tag) {
        Message known = envelope;
        if (known == null) {
            known = Message.text(Envelope.of(id == null ? "" : tag.of(id), name, text(), content.isText()));
            envelope = known;
        }
        return known;
    }

    private String text() {
        return content.isText()
                ? content.text()
                : new String(Base64.getEncoder().encode(content.unwrap()), StandardCharsets.US_ASCII);
    }

    /** Its id, and the type and length of its content; never what a peer said. */
    @Override
    public String toString() {
        return "topic message " + id + ", " + content;
    }
}
