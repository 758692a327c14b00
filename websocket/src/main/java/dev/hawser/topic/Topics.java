package dev.hawser.topic;

/**
 * All topics. May be used from any thread; nothing here waits.
 *
 * <pre>{@code
 * Topic topic = topics.topic("chat/" + room);
 * topic.join(socket);
 * socket.onMessage(message -> topic.send(message));
 * }</pre>
 */
public interface Topics {

    /**
     * A topic. It is there as soon as somebody joins it, and costs nothing before and afterwards, but for its history.
     *
     * @param name 1 to 200 characters, none of them a control character or half of a surrogate pair
     * @throws IllegalArgumentException if it is not; {@link #isName} tells before
     */
    Topic topic(String name);

    /** Whether a topic can be called so: for names that a client gives. */
    static boolean isName(String name) {
        return !name.isEmpty()
                && name.length() <= 200
                && name.codePoints()
                        .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE);
    }

    /** How many topics have members on this node. */
    int count();

    /** How many members all topics have on this node; one that has joined two counts twice. */
    int members();
}
