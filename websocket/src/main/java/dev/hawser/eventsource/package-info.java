/**
 * Server-sent events (WHATWG HTML, section 9.2): the stream that a browser's EventSource reads, from the side that
 * writes it. Start with {@link dev.hawser.eventsource.EventSource}.
 */
@NullMarked
package dev.hawser.eventsource;

import org.jspecify.annotations.NullMarked;
