/**
 * Messages for many: WebSockets and EventSources join topics, and what is sent to a topic reaches all of its members, on
 * this node and on others. Start with {@link dev.hawser.topic.Topics}; who wants another store than memory or Redis starts with
 * {@link dev.hawser.topic.TopicStore}.
 *
 * <pre>
 *   Topic.send ──► TopicStore.append ──► Listener.received ──► members of this node
 *                    │ numbers it         (on every node)
 *                    │ and keeps it
 *                    └──► TopicStore.read ──► a member that comes back
 * </pre>
 *
 * <p>A topic without members on this node costs it nothing, whatever its name was used for. All members of a topic are sent
 * to by one thread at a time, so that all see the same order; what a member does not take waits for it in a queue of its own.
 */
@NullMarked
package dev.hawser.topic;

import org.jspecify.annotations.NullMarked;
