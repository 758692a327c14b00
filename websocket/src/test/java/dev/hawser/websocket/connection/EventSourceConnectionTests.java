package dev.hawser.websocket.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.eventsource.EventSourceObserver;
import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.ConnectionStatistics;
import dev.hawser.websocket.protocol.Bytes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** An event stream over an in-memory socket. */
class EventSourceConnectionTests {

    private static final EventSourceOptions QUIET = options(Duration.ZERO, 1600);

    private final Pipe pipe = new Pipe();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final List<CloseCause> causes = new CopyOnWriteArrayList<>();
    private final List<String> observed = new CopyOnWriteArrayList<>();
    private ConnectionGroup group = ConnectionGroup.create();
    private EventSourceConnection stream = stream(QUIET);

    private static EventSourceOptions options(Duration ping, int maxBuffered) {
        return new EventSourceOptions(Duration.ofSeconds(3), ping, maxBuffered, Map.of());
    }

    private EventSourceConnection stream(EventSourceOptions options) {
        EventSourceConnection made = new EventSourceConnection(
                new EventSourceConnection.Client("http://test/", "/", "", null, "127.0.0.1", 0, 0),
                options,
                new Observer(),
                group);
        made.onClose(() -> events.add("closed"));
        made.onDrain(() -> events.add("drain"));
        return made;
    }

    private String received() {
        return Bytes.string(pipe.receivedBytes());
    }

    private void assertClosed() {
        await().until(() -> events.contains("closed"));
        await().until(() -> group.size() == 0);
        assertThat(events).containsOnlyOnce("closed");
        assertThat(observed).containsOnlyOnce("closed");
        assertThat(pipe.isClosed()).isTrue();
        assertThat(stream.isOpen()).isFalse();
        assertThat(stream.bufferedAmount()).isZero();
        assertThat(stream.send("too late")).isFalse();
        assertThat(stream.ping()).isFalse();
        ConnectionStatistics end = stream.statistics();
        assertThat(stream.statistics()).isEqualTo(end); // it grows no older
    }

    @AfterEach
    void end() {
        group.close();
    }

    @Test
    void clientsOfAServerThatGoesAwayComeBackAtDifferentTimes() {
        Set<Integer> delays = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            Pipe response = new Pipe();
            stream(QUIET).open(response);
            group.goAway();
            Matcher last =
                    Pattern.compile("retry: 3000\n\nretry: (\\d+)\n\n").matcher(Bytes.string(response.receivedBytes()));
            assertThat(last.matches()).isTrue();
            delays.add(Integer.parseInt(last.group(1)));
            assertThat(response.isClosed()).isTrue();
            group.comeBack();
        }
        assertThat(delays).allMatch(delay -> delay >= 3000 && delay <= 6000).hasSizeGreaterThan(1);
    }

    @Nested
    class BeforeItIsOpen {

        @Test
        void whatIsSentFollowsTheTimeToReconnect() {
            assertThat(stream.send("one", "tick", "1")).isTrue();
            assertThat(stream.ping()).isTrue();
            stream.open(pipe);
            assertThat(received()).isEqualTo("retry: 3000\n\nevent: tick\nid: 1\ndata: one\n\n:\n\n");
            assertThat(observed).containsExactly("sent", "opened");
            assertThat(group.size()).isEqualTo(1);
        }

        @Test
        void aCloseWaitsBehindWhatWasSent() {
            stream.send("last");
            stream.close();
            assertThat(stream.send("too late")).isFalse();
            stream.open(pipe);
            assertThat(received()).isEqualTo("retry: 3000\n\ndata: last\n\n");
            assertClosed();
        }

        @Test
        void terminateIsToldOnceAndCountsNothing() {
            stream.cut(CloseCause.APPLICATION);
            await().until(() -> events.contains("closed"));
            stream.open(pipe);
            assertThat(pipe.isClosed()).isTrue();
            assertThat(received()).isEmpty();
            assertThat(events).containsExactly("closed");
            assertThat(observed).isEmpty();
            assertThat(group.size()).isZero();
        }
    }

    @Nested
    class WhileOpen {

        @Test
        void eachEventIsOneWriteAndOneEvent() {
            stream.open(pipe);
            int before = pipe.flushes();
            stream.send("a\r\nb\rc\nd");
            assertThat(received()).endsWith("\n\ndata: a\ndata: b\ndata: c\ndata: d\n\n");
            assertThat(pipe.flushes() - before).isEqualTo(1);
        }

        @Test
        void aNameThatWouldBreakTheStreamIsRefusedAndNothingIsSent() {
            stream.open(pipe);
            assertThatIllegalArgumentException().isThrownBy(() -> stream.send("x", "a\ndata: evil", "1"));
            assertThatIllegalArgumentException().isThrownBy(() -> stream.send("x", "a", "1\r"));
            assertThat(received()).isEqualTo("retry: 3000\n\n");
            assertThat(stream.isOpen()).isTrue();
        }

        @Test
        void eventsOfManyThreadsAreNeverMixed() throws Exception {
            stream = stream(options(Duration.ZERO, 1 << 28));
            stream.open(pipe);
            ExecutorService threads = Executors.newFixedThreadPool(4);
            for (int thread = 0; thread < 4; thread++) {
                String line = Integer.toString(thread).repeat(100 + 3000 * thread);
                threads.execute(() -> {
                    for (int i = 0; i < 250; i++) {
                        stream.send(line + "\n" + line);
                    }
                });
            }
            threads.shutdown();
            assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
            String[] blocks = received().split("\n\n");
            assertThat(blocks).hasSize(1 + 1000);
            for (int i = 1; i < blocks.length; i++) {
                assertThat(blocks[i]).matches("data: (\\d)\\1+\ndata: \\1+");
            }
        }

        @Test
        void aSilentStreamIsPinged() {
            stream = stream(options(Duration.ofMillis(30), 1600));
            stream.open(pipe);
            await().until(() -> received().endsWith("\n\n:\n\n:\n\n:\n\n"));
        }

        /** So a proxy that gives up after ten seconds never sees more than ten seconds of silence. */
        @Test
        void silenceIsNeverMuchLongerThanThePingInterval() {
            stream = stream(options(Duration.ofSeconds(1), 1600));
            stream.open(pipe);
            await().pollDelay(Duration.ofMillis(100)).until(() -> stream.send("an event"));
            long sent = System.nanoTime();
            await().pollInterval(Duration.ofMillis(5)).until(() -> received().endsWith(":\n\n"));
            assertThat(Duration.ofNanos(System.nanoTime() - sent))
                    .isBetween(Duration.ofMillis(900), Duration.ofMillis(1600));
        }

        @Test
        void aClientThatVanishedIsNoticedAtTheNextPing() {
            stream = stream(options(Duration.ofMillis(50), 1600));
            stream.open(pipe);
            pipe.peerResets();
            assertClosed();
        }
    }

    @Nested
    class AClientThatReadsSlowly {

        @Test
        void makesSendersWaitAndTellsThemToGoOnOnce() {
            stream.open(pipe);
            pipe.limitRoom(0);
            assertThat(stream.send("x".repeat(92))).as("at the high-water mark").isTrue();
            assertThat(stream.send("")).as("above it").isFalse();
            assertThat(stream.bufferedAmount()).isEqualTo(100 + 8);
            assertThat(pipe.makeRoom(1000)).isTrue();
            stream.onWritable();
            await().until(() -> events.contains("drain"));
            assertThat(stream.bufferedAmount()).isZero();
            assertThat(events).containsExactly("drain");
        }

        @Test
        void isCutBeyondTheLimit() {
            stream.open(pipe);
            pipe.limitRoom(0);
            for (int i = 0; i < 100 && stream.isOpen(); i++) {
                stream.send("x".repeat(100));
                assertThat(stream.bufferedAmount()).isLessThan(1600 + 110);
            }
            assertThat(observed).containsOnlyOnce("overflowed");
            assertClosed();
        }

        @Test
        void getsWhatWaitsBeforeTheStreamEnds() {
            stream.open(pipe);
            pipe.limitRoom(10);
            stream.send("a longer event than fits");
            stream.close();
            assertThat(pipe.isClosed()).isFalse();
            assertThat(events).isEmpty();
            pipe.makeRoom(1000);
            stream.onWritable();
            assertThat(received()).endsWith("data: a longer event than fits\n\n");
            assertClosed();
        }
    }

    @Nested
    class Ending {

        @Test
        void closeEndsTheResponse() {
            stream.open(pipe);
            stream.close();
            stream.close();
            assertClosed();
        }

        @Test
        void whatTheContainerReportsIsToldOnce() {
            stream.open(pipe);
            stream.onDisconnected();
            stream.onDisconnected();
            stream.cut(CloseCause.APPLICATION);
            assertClosed();
        }

        @Test
        void aSendThatFindsTheClientGoneSaysSo() {
            stream.open(pipe);
            pipe.peerResets();
            assertThat(stream.send("lost")).isFalse();
            assertClosed();
        }

        @Test
        void aListenerThatThrowsEndsItsStreamAndOthersAreToldNevertheless() {
            AtomicInteger others = new AtomicInteger();
            stream.onDrain(() -> {
                throw new StackOverflowError("on purpose");
            });
            stream.onClose(() -> {
                throw new IllegalStateException("on purpose");
            });
            stream.onClose(others::incrementAndGet);
            stream.send("x".repeat(200)); // above the high-water mark: a drain event follows
            stream.open(pipe);
            assertClosed();
            await().until(() -> others.get() == 1);
            await().until(() ->
                    observed.stream().filter("listener failed"::equals).count() == 2);
        }

        @Test
        void aListenerThatComesLateIsToldOnce() {
            group.close();
            Queue<Runnable> tasks = new ArrayDeque<>();
            group = new ConnectionGroup(tasks::add);
            stream = stream(QUIET);
            stream.open(pipe);
            stream.cut(CloseCause.APPLICATION);
            AtomicInteger heard = new AtomicInteger();
            stream.onClose(heard::incrementAndGet);
            while (!tasks.isEmpty()) {
                tasks.remove().run();
            }
            assertThat(heard).hasValue(1);
            assertThat(events).containsExactly("closed");
        }

        /** Listeners run without the lock even where the executor takes nothing any more and the timer's thread must do. */
        @Test
        void aListenerNeverRunsUnderTheLock() {
            group.close();
            group = new ConnectionGroup(Runnable::run);
            stream = stream(options(Duration.ofMillis(50), 1600));
            AtomicInteger asked = new AtomicInteger();
            stream.onClose(() -> CompletableFuture.supplyAsync(stream::isOpen)
                    .orTimeout(5, TimeUnit.SECONDS)
                    .thenRun(asked::incrementAndGet)
                    .join());
            stream.open(pipe);
            pipe.peerResets();
            await().until(() -> asked.get() == 1);
        }
    }

    private final class Observer implements EventSourceObserver {

        @Override
        public void opened(EventSource events) {
            observed.add("opened");
        }

        @Override
        public void closed(EventSource events, CloseCause cause, Duration open) {
            observed.add("closed");
            causes.add(cause);
        }

        @Override
        public void sent(int bytes) {
            observed.add("sent");
        }

        @Override
        public void listenerFailed() {
            observed.add("listener failed");
        }

        @Override
        public void overflowed() {
            observed.add("overflowed");
        }
    }
}
