package dev.hawser.topic;

import dev.hawser.eventsource.EncodedEvent;
import dev.hawser.websocket.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Messages that go to many members at once, in the forms in which they get them. Used by one thread. */
final class Batch {

    /** So many messages, and about so many bytes, go to one member before the next one gets them. */
    private static final int MOST_MESSAGES = 128;

    private static final int MOST_BYTES = 16 * 1024;

    private final List<TopicMessage> messages;
    private final boolean hasSenders;
    private final boolean hasIds;
    private @Nullable List<Message> contents;
    private @Nullable List<Message> envelopes;
    private @Nullable List<EncodedEvent> events;

    Batch(List<TopicMessage> messages) {
        this.messages = messages;
        this.hasSenders =
                messages.stream().anyMatch(message -> !message.sender().isEmpty());
        this.hasIds = messages.stream().anyMatch(message -> message.id() != null);
    }

    /** As many batches as it takes, none of them long. */
    static List<Batch> split(List<TopicMessage> messages) {
        List<Batch> batches = new ArrayList<>(1);
        int first = 0;
        long bytes = 0;
        for (int i = 0; i < messages.size(); i++) {
            bytes += messages.get(i).length();
            if (bytes >= MOST_BYTES || i + 1 - first == MOST_MESSAGES || i + 1 == messages.size()) {
                batches.add(new Batch(messages.subList(first, i + 1)));
                first = i + 1;
                bytes = 0;
            }
        }
        return batches;
    }

    List<TopicMessage> messages() {
        return messages;
    }

    /** Whether there is one that is not for all. */
    boolean hasSenders() {
        return hasSenders;
    }

    boolean hasIds() {
        return hasIds;
    }

    boolean isEmpty() {
        return messages.isEmpty();
    }

    int size() {
        return messages.size();
    }

    /** Those for which this holds; itself if it does for all. */
    Batch where(Predicate<TopicMessage> condition) {
        for (TopicMessage message : messages) { // for each member: no stream where none is left out
            if (!condition.test(message)) {
                return new Batch(messages.stream().filter(condition).toList());
            }
        }
        return this;
    }

    /** As they are. */
    List<Message> contents() {
        List<Message> known = contents;
        if (known == null) {
            known = messages.stream().map(TopicMessage::content).toList();
            contents = known;
        }
        return known;
    }

    /** With their ids, for WebSockets. */
    List<Message> envelopes(Positions.Tag tag) {
        List<Message> known = envelopes;
        if (known == null) {
            known = messages.stream().map(message -> message.envelope(tag)).toList();
            envelopes = known;
        }
        return known;
    }

    /** With their ids, for EventSources that are in no other topic. */
    List<EncodedEvent> events(Positions.Tag tag) {
        List<EncodedEvent> known = events;
        if (known == null) {
            known = messages.stream().map(message -> message.event(tag)).toList();
            events = known;
        }
        return known;
    }
}
