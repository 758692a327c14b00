package dev.hawser.topic;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Topics without threads: what may happen at any time happens in an order that a seed gives. Whoever comes back with
 * the id of the last that it got has each message once and in order.
 */
class TopicInterleavingTests {

    private static final int SEEDS = 40;

    private static final History ALL = new History(100_000, 1 << 30, Duration.ofHours(1));

    private static void check(TopicOptions options, boolean evicts, int part) {
        for (long seed = part * SEEDS; seed < (part + 1L) * SEEDS; seed++) {
            new TopicSimulation(seed, options, evicts).run();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void eachOnceAndInOrder(int part) {
        check(TopicOptions.DEFAULT.withHistory(ALL), false, part);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void eachOnceAndInOrderWhenThoseThatReadSlowlyAreClosed(int part) {
        check(TopicOptions.DEFAULT.withHistory(ALL).withMaxQueued(600), false, part);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6})
    void whatIsEvictedIsMissingAfterAResetOnly(int part) {
        check(TopicOptions.DEFAULT.withHistory(new History(60, 1 << 30, Duration.ofHours(1))), true, part);
    }

    /** So that what they find is not nothing. */
    @Test
    void muchHappensInIt() {
        TopicSimulation simulation = new TopicSimulation(1, TopicOptions.DEFAULT.withHistory(ALL), false);
        simulation.run();
        assertThat(simulation.received()).isGreaterThan(1000);
    }
}
