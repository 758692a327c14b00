package dev.hawser.demo;

import dev.hawser.eventsource.EventSource;
import dev.hawser.spring.TopicCustomizer;
import dev.hawser.spring.WebSocketConverter;
import dev.hawser.topic.History;
import dev.hawser.topic.Topic;
import dev.hawser.topic.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.annotation.RegisterReflectionForBinding;
import org.springframework.context.annotation.Bean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Tells those who watch once a second what the meters of this node say. The topic keeps the last minutes, for those who come
 * later or come back. Nothing is measured when nobody has watched for as long. All but {@link #join} is for one thread.
 */
@Component
@RegisterReflectionForBinding(Sample.class)
class Live {

    private static final String NAMES = "live/";

    /** Samples, so seconds. */
    static final int KEPT = 300;

    private final Topic topic;
    private final WebSocketConverter converter;
    private final MeterRegistry meters;
    private final Clock clock = Clock.systemUTC();

    private int left;
    private @Nullable Totals before;

    Live(Topics topics, WebSocketConverter converter, MeterRegistry meters) {
        this.topic =
                topics.topic(NAMES + UUID.randomUUID()); // where nodes share topics, the figures of each stay its own
        this.converter = converter;
        this.meters = meters;
    }

    @Bean
    static TopicCustomizer liveHistory() {
        History history = new History(KEPT, 1024 * 1024, Duration.ofSeconds(KEPT));
        return (name, options) -> name.startsWith(NAMES) ? options.withHistory(history) : options;
    }

    /** @param fromId as {@link Topic#join(EventSource, String)} */
    void join(EventSource events, String fromId) {
        topic.join(events, fromId);
    }

    @Scheduled(fixedRate = 1000)
    void sample() {
        left = topic.members() > 0 ? KEPT : left - 1;
        if (left <= 0) {
            left = 0;
            before = null;
            return;
        }
        Totals now = Totals.read(meters, System.nanoTime());
        if (before != null) {
            topic.send(converter.message(Sample.between(before, now, clock.millis())), "sample");
        }
        before = now;
    }
}
