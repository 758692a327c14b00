package dev.hawser.topic;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How far one EventSource has come in each of its topics: the id of each of its events, since a client tells but the last one
 * when it returns. Such as {@code 1y2p0ij32e8e7-mb2x81qd-1k.3w5e11264sgsf-mb2x9c0e-7}. Not thread-safe.
 */
final class Positions {

    private static final int MOST = 100;

    private final Map<Tag, TopicId> positions = new LinkedHashMap<>(2);

    /** @param eventId what a client told; what is none of ours in it is left out */
    Positions(String eventId) {
        for (String part : parts(eventId)) {
            int dash = part.indexOf('-');
            if (dash > 0 && positions.size() < MOST) {
                Tag tag = new Tag(part.substring(0, dash));
                tag.find(part).filter(id -> tag.isPlain()).ifPresent(id -> positions.put(tag, id));
            }
        }
    }

    private static String[] parts(String eventId) {
        return eventId.split("\\.", MOST);
    }

    /** A topic, as it stands in an id. */
    record Tag(String text) {

        /** 64 bits of a digest: nobody finds a name that is taken for another's. */
        static Tag ofTopic(String name) {
            byte[] digest = sha256().digest(name.getBytes(StandardCharsets.UTF_8));
            return new Tag(Long.toUnsignedString(ByteBuffer.wrap(digest).getLong(), Character.MAX_RADIX));
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException("Every JDK has SHA-256", impossible);
            }
        }

        String of(TopicId id) {
            return text + '-' + id;
        }

        /** Whether this may be a topic's. */
        boolean isPlain() {
            return text.length() <= 13 && text.chars().allMatch(c -> Character.digit(c, Character.MAX_RADIX) >= 0);
        }

        /** Where this topic stands in the id of an event; empty if it does not, or that is none of ours. */
        Optional<TopicId> find(String eventId) {
            String start = text + '-';
            for (String part : parts(eventId)) {
                if (part.startsWith(start)) {
                    return TopicId.parse(part.substring(start.length()));
                }
            }
            return Optional.empty();
        }
    }

    void put(Tag tag, TopicId id) {
        positions.put(tag, id);
    }

    void remove(Tag tag) {
        positions.remove(tag);
    }

    /** Whether an id of {@code tag}'s topic says it all. */
    boolean isOnly(Tag tag) {
        return positions.size() == 1 && positions.containsKey(tag);
    }

    @Override
    public String toString() {
        return positions.entrySet().stream()
                .map(entry -> entry.getKey().of(entry.getValue()))
                .collect(Collectors.joining("."));
    }
}
