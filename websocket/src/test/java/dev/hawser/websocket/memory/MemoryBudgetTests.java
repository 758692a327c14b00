package dev.hawser.websocket.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hawser.websocket.memory.MemoryBudget.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Bookings, and who is told to give up. */
class MemoryBudgetTests {

    private final MemoryBudget budget = MemoryBudget.of(1000);
    private final List<String> told = new ArrayList<>();

    private Share share(String name) {
        return budget.open(() -> told.add(name));
    }

    @Test
    void aBudgetHasAPositiveLimit() {
        assertThat(MemoryBudget.of(1).limit()).isEqualTo(1);
        assertThat(MemoryBudget.ofHeap().limit()).isEqualTo(Runtime.getRuntime().maxMemory() / 4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MemoryBudget.of(0))
                .withMessage("Expected a positive number of bytes, but was 0");
    }

    @Test
    void aShareIsWhatComesAndWhatGoes() {
        Share share = share("it");
        share.incoming(100);
        share.outgoing(200);
        share.incoming(50);
        assertThat(budget.used()).isEqualTo(250);
        share.close();
        assertThat(budget.used()).isZero();
    }

    @Test
    void whatIsBookedAfterTheEndIsNotHeld() {
        Share share = share("it");
        share.incoming(500);
        share.close();
        assertThat(share.incoming(100)).isFalse();
        assertThat(share.outgoing(100)).isFalse();
        assertThat(share.hold(new byte[100])).isFalse();
        assertThat(budget.used()).isZero();
    }

    @Nested
    class WhatWaitsForSeveral {

        private final Share one = share("one");
        private final Share two = share("two");
        private final byte[] message = new byte[100];

        @Test
        void countsOnceUntilTheLastLetsGo() {
            one.hold(message);
            two.hold(message);
            two.hold(message);
            assertThat(budget.used()).isEqualTo(100);
            two.letGo();
            one.letGo();
            assertThat(budget.used()).isEqualTo(100);
            two.letGo();
            assertThat(budget.used()).isZero();
            two.letGo();
            assertThat(budget.used()).isZero();
        }

        @Test
        void isTheSameArrayNotAnEqualOne() {
            one.hold(message);
            two.hold(message.clone());
            assertThat(budget.used()).isEqualTo(200);
        }

        @Test
        void isLetGoInOrder() {
            one.hold(message);
            one.hold(new byte[300]);
            one.letGo();
            assertThat(budget.used()).isEqualTo(300);
        }

        @Test
        void isLetGoAtTheEnd() {
            one.hold(message);
            two.hold(message);
            two.hold(new byte[300]);
            two.close();
            assertThat(budget.used()).isEqualTo(100);
            one.close();
            assertThat(budget.used()).isZero();
        }
    }

    @Nested
    class BeyondTheLimit {

        private final Share greedy = share("greedy");
        private final Share other = share("other");

        @Test
        void theGreediestIsToldUntilAnEighthIsFree() {
            assertThat(greedy.outgoing(600)).isTrue();
            assertThat(other.incoming(400)).isTrue();
            assertThat(told).isEmpty();
            assertThat(other.incoming(401)).isTrue();
            assertThat(told).containsExactly("greedy");
            share("third").outgoing(1); // beyond still, but the greedy one is about to go
            assertThat(told).containsExactly("greedy");
        }

        @Test
        void nobodyElseIsToldWhileThoseThatAreToGoAreEnough() {
            greedy.outgoing(600);
            other.outgoing(401);
            assertThat(other.outgoing(900)).isTrue();
            assertThat(told).containsExactly("greedy");
            assertThat(greedy.outgoing(0)).isTrue();
            greedy.close();
            assertThat(other.outgoing(1000)).isTrue();
            assertThat(told).containsExactly("greedy");
        }

        /** One that was told and has given up may stay a while, since its peer does not go. */
        @Test
        void nothingIsExpectedOfThoseThatHaveGivenUpAlready() {
            greedy.outgoing(300);
            greedy.hold(new byte[300]);
            other.outgoing(401);
            assertThat(told).containsExactly("greedy");
            greedy.outgoing(0);
            greedy.letGo();
            assertThat(other.outgoing(1001)).isFalse();
            assertThat(told).containsExactly("greedy", "other");
        }

        @Test
        void whatTheLastHoldersKeepIsSeenWhenOthersHaveGone() {
            byte[] message = new byte[900];
            greedy.hold(message);
            other.hold(message);
            assertThat(share("third").outgoing(101)).isTrue();
            assertThat(told).hasSize(1);
            (told.contains("greedy") ? greedy : other).close();
            assertThat(told).containsExactlyInAnyOrder("greedy", "other");
        }

        @Test
        void everyoneHoldsAPartHoweverSmall() {
            byte[][] messages = Stream.generate(() -> new byte[3]).limit(340).toArray(byte[][]::new);
            List<Share> readers = Stream.of("a", "b", "c", "d")
                    .map(MemoryBudgetTests.this::share)
                    .toList();
            for (byte[] message : messages) {
                readers.forEach(reader -> reader.hold(message));
            }
            assertThat(budget.used()).isEqualTo(1020);
            assertThat(told).isNotEmpty();
        }

        @Test
        void asManyAreToldAsItTakes() {
            greedy.outgoing(400);
            Share third = share("third");
            third.outgoing(300);
            Share fourth = share("fourth");
            fourth.outgoing(250);
            assertThat(other.incoming(500)).isFalse();
            assertThat(told).containsExactly("other", "greedy");
        }

        @Test
        void whoeverWasToldGetsNoMore() {
            greedy.outgoing(600);
            other.outgoing(401);
            assertThat(greedy.outgoing(500)).isTrue();
            assertThat(greedy.outgoing(501)).isFalse();
            assertThat(greedy.incoming(1)).isFalse();
            assertThat(greedy.hold(new byte[1])).isFalse();
            assertThat(told).containsExactly("greedy");
        }

        @Test
        void whoeverAsksForMoreIsToldWhenThoseThatAreToGoHoldHalfAsMuchAgain() {
            greedy.outgoing(900);
            assertThat(other.outgoing(200)).isTrue();
            Share third = share("third");
            assertThat(third.outgoing(300)).isTrue();
            assertThat(told).containsExactly("greedy");
            assertThat(third.outgoing(401)).isFalse();
            assertThat(told).containsExactly("greedy", "third");
        }

        /** What the greedy one held is not expected to become free again and again. */
        @Test
        void whoeverHasGoneIsForgotten() {
            greedy.outgoing(600);
            other.outgoing(401);
            greedy.close();
            assertThat(share("third").outgoing(600)).isFalse();
            assertThat(told).containsExactly("greedy", "third");
        }

        /** A broadcast that waits for many slow readers is not theirs alone. */
        @Test
        void everyoneHoldsAPartOfWhatWaitsForSeveral() {
            byte[] message = new byte[600];
            Stream.of("a", "b", "c").map(MemoryBudgetTests.this::share).forEach(reader -> reader.hold(message));
            greedy.outgoing(300);
            assertThat(other.outgoing(150)).isTrue();
            assertThat(told).containsExactly("greedy");
        }
    }

    /** Many threads, each with shares of its own, and arrays for all: nobody is told twice, and in the end nothing is held. */
    @Test
    void nothingIsLostWhereManyBookAtOnce() throws Exception {
        List<byte[]> messages = Stream.generate(() -> new byte[20]).limit(20).toList();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<Future<?>> done = new ArrayList<>();
        for (int thread = 0; thread < 8; thread++) {
            SplittableRandom random = new SplittableRandom(thread);
            done.add(threads.submit(() -> {
                for (int round = 0; round < 200; round++) {
                    bookAtRandom(random, messages);
                }
            }));
        }
        for (Future<?> each : done) {
            each.get();
        }
        threads.shutdown();
        assertThat(budget.used()).isZero();
        assertThat(share("last").outgoing(1001)).as("nothing is expected").isFalse();
    }

    private void bookAtRandom(SplittableRandom random, List<byte[]> messages) {
        List<Share> shares = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            AtomicBoolean before = new AtomicBoolean();
            shares.add(budget.open(() -> {
                if (before.getAndSet(true)) {
                    throw new AssertionError("Told twice");
                }
            }));
        }
        for (int i = 0; i < 200; i++) {
            Share share = shares.get(random.nextInt(20));
            switch (random.nextInt(4)) {
                case 0 -> share.incoming(random.nextInt(10));
                case 1 -> share.outgoing(random.nextInt(10));
                case 2 -> share.hold(messages.get(random.nextInt(20)));
                default -> share.letGo();
            }
        }
        shares.forEach(Share::close);
    }
}
