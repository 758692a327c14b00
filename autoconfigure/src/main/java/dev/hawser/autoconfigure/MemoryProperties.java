package dev.hawser.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * Properties of the memory that connections take.
 *
 * @param limit How much all connections may hold together: unfinished messages, what waits to be sent, contexts of compression. A quarter of the heap if not set.
 */
@ConfigurationProperties("hawser.memory")
record MemoryProperties(@Nullable DataSize limit) {

    static final String LIMIT = "hawser.memory.limit";

    MemoryProperties {
        if (limit != null) {
            Check.size(LIMIT, limit, Long.MAX_VALUE);
        }
    }
}
