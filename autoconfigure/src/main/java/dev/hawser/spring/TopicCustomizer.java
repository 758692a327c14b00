package dev.hawser.spring;

import dev.hawser.topic.TopicOptions;

/** Gives single topics other options than {@code hawser.topics.*} do. A bean; on all nodes the same. */
@FunctionalInterface
public interface TopicCustomizer {

    /**
     * The options of a topic, such as {@code name.startsWith("chat/") ? options.withHistory(..) : options}. Asked often, by many
     * threads: it returns quickly, and always the same.
     *
     * @param name the topic's
     * @param options what the properties say, or the customizer before this
     */
    TopicOptions customize(String name, TopicOptions options);
}
