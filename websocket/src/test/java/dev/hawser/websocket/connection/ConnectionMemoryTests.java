package dev.hawser.websocket.connection;

import static dev.hawser.websocket.protocol.Bytes.close;
import static dev.hawser.websocket.protocol.Bytes.frame;
import static dev.hawser.websocket.protocol.Bytes.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EncodedEvent;
import dev.hawser.eventsource.EventSourceObserver;
import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.CloseEvent;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocketException;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.extension.Negotiation;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.extension.TestExtension;
import dev.hawser.websocket.extension.deflate.PermessageDeflate;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.handshake.Version;
import dev.hawser.websocket.memory.MemoryBudget;
import dev.hawser.websocket.protocol.Bytes;
import dev.hawser.websocket.protocol.Driver;
import dev.hawser.websocket.protocol.HybiDriver;
import dev.hawser.websocket.protocol.ReadyState;
import dev.hawser.websocket.protocol.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What all connections hold together, and who has to go when that is too much. */
class ConnectionMemoryTests {

    private static final int KIB = 1024;
    private static final WebSocketOptions OPTIONS = WebSocketOptions.DEFAULT.with(
            options -> options.closeTimeout(Duration.ofSeconds(30)).maxBuffered(1 << 20));

    private final List<AutoCloseable> opened = new ArrayList<>();

    private static byte[] part(int bytes, int of) {
        byte[] whole = frame(0x82, new byte[of]);
        return Arrays.copyOf(whole, whole.length - of + bytes);
    }

    private ConnectionFixture open(MemoryBudget budget) {
        return open(budget, Pipeline.NONE);
    }

    private ConnectionFixture open(MemoryBudget budget, Pipeline pipeline) {
        Driver driver = new HybiDriver(Version.HYBI_13, OPTIONS.limits(), OPTIONS.framing(), pipeline);
        ConnectionFixture fixture = new ConnectionFixture(driver, OPTIONS, ConnectionGroup.create(budget)).open();
        opened.add(fixture);
        return fixture;
    }

    private static Pipeline deflate() {
        return Negotiation.accept(
                List.of(new PermessageDeflate()),
                List.of(new ExtensionHeader(PermessageDeflate.NAME, List.of())),
                OPTIONS.limits().maxLength(),
                Pipeline.Sizes.NONE);
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @Nested
    class Counts {

        private final MemoryBudget budget = MemoryBudget.of(1 << 30);

        @Test
        void nothingForThoseThatTalk() {
            ConnectionFixture peer = open(budget);
            peer.socket.onMessage(peer.socket::send);
            peer.receive(text("hello"), frame(0x82, new byte[100 * KIB]));
            assertThat(peer.events).hasSize(3);
            assertThat(budget.used()).isZero();
        }

        @Test
        void whatHasComeOfAMessage() {
            ConnectionFixture peer = open(budget);
            peer.receive(part(10, 40 * KIB));
            assertThat(budget.used()).isEqualTo(40 * KIB);
            peer.receive(new byte[40 * KIB - 10]);
            assertThat(budget.used()).isZero();
            peer.receive(frame(0x02, new byte[200 * KIB]));
            assertThat(budget.used()).isBetween(200L * KIB, 400L * KIB);
            peer.receive(frame(0x80, new byte[0]));
            assertThat(peer.events).hasSize(3);
            assertThat(budget.used()).isZero();
        }

        @Test
        void whatWasReadAndIsNotWantedYet() {
            ConnectionFixture peer = open(budget);
            peer.socket.onMessage(message -> peer.socket.pause());
            peer.receive(text("one"), text("two"), text("three"));
            assertThat(budget.used()).isEqualTo(text("two").length + text("three").length);
            peer.socket.resume();
            await().until(() -> peer.events.size() == 3);
            assertThat(budget.used()).isNotZero();
            peer.socket.resume();
            await().until(() -> budget.used() == 0);
        }

        @Test
        void whatWaitsToBeSent() {
            ConnectionFixture peer = open(budget);
            peer.pipe.limitRoom(1000);
            peer.socket.send(new byte[100 * KIB]);
            assertThat(budget.used()).isBetween(99L * KIB, 101L * KIB);
            peer.peerReads(1 << 20);
            assertThat(budget.used()).isZero();
        }

        /** It is there once, as are the bytes of an event. */
        @Test
        void whatWaitsForSeveralOnlyOnce() {
            Message message = Message.binary(new byte[100 * KIB]);
            List<ConnectionFixture> peers =
                    Stream.generate(() -> open(budget)).limit(3).toList();
            for (ConnectionFixture peer : peers) {
                peer.pipe.limitRoom(1000);
                peer.socket.send(message);
            }
            assertThat(budget.used()).isBetween(100L * KIB, 104L * KIB);
            peers.get(0).peerReads(1 << 20);
            peers.get(1).socket.terminate();
            await().untilAsserted(() -> assertThat(budget.used()).isBetween(100L * KIB, 102L * KIB));
            peers.get(2).peerReads(50 * KIB);
            assertThat(budget.used()).isBetween(100L * KIB, 102L * KIB); // the array is there until its end has left
            peers.get(2).peerReads(1 << 20);
            assertThat(budget.used()).isZero();

            EncodedEvent event = EncodedEvent.of("x".repeat(100 * KIB), fields -> {});
            List<EventSourceConnection> streams = Stream.generate(() -> stream(budget, EventSourceObserver.NONE))
                    .limit(3)
                    .toList();
            streams.forEach(stream -> stream.send(List.of(event)));
            assertThat(budget.used()).isBetween(100L * KIB, 104L * KIB);
            streams.forEach(stream -> stream.cut(CloseCause.APPLICATION));
            assertThat(budget.used()).isZero();
        }

        @Test
        void whatIsCollectedForAPeerThatTakesNothing() {
            ConnectionFixture peer = open(budget);
            peer.pipe.limitRoom(0);
            for (int i = 0; i < 10; i++) {
                peer.socket.send("x".repeat(1000));
            }
            assertThat(budget.used()).isBetween(10_000L, 20_000L);
        }

        @Test
        void manyThatWaitWhileTheFirstLeave() {
            ConnectionFixture peer = open(budget);
            peer.pipe.limitRoom(0);
            for (int i = 0; i < 40; i++) {
                peer.socket.send(new byte[5 * KIB]);
                peer.socket.send("small");
            }
            for (int i = 0; i < 40; i++) {
                long waiting = peer.socket.bufferedAmount();
                assertThat(budget.used()).isBetween(waiting, waiting + 50 * KIB);
                peer.peerReads(5 * KIB);
                peer.socket.send(new byte[KIB]);
            }
            peer.peerReads(1 << 20);
            assertThat(budget.used()).isZero();
        }

        @Test
        void whatWaitsForTheEndOfAMessageInParts() {
            ConnectionFixture peer = open(budget);
            peer.socket.sendFragment("Once", false);
            peer.socket.send(new byte[100 * KIB]);
            assertThat(budget.used()).isBetween(100L * KIB, 102L * KIB);
            peer.socket.sendFragment("upon", true);
            assertThat(budget.used()).isZero();
        }

        @Test
        void theContextsOfCompressionUntilTheEnd() {
            ConnectionFixture peer = open(budget, deflate());
            assertThat(budget.used()).isZero();
            peer.receive(frame(0xC1, compressed("hello hello hello".getBytes())));
            assertThat(peer.events).contains("message hello hello hello");
            long incoming = budget.used();
            assertThat(incoming).isBetween(30L * KIB, 100L * KIB);
            peer.socket.send("x".repeat(2000));
            assertThat(budget.used() - incoming).isBetween(250L * KIB, 300L * KIB);
            peer.receive(close(1000, ""));
            peer.assertClosed(1000, "");
            await().until(() -> budget.used() == 0);
        }

        /** Each direction is the thread's that works for it. */
        @Test
        void whatExtensionsHoldWhenTheyAreNotAtWork() {
            TestExtension slow = TestExtension.slow("slow");
            ConnectionFixture peer = open(budget, TestExtension.pipeline(slow));
            peer.socket.send("one");
            peer.socket.send("two");
            peer.socket.ping();
            slow.work.remove().run();
            peer.socket.ping();
            slow.work.remove().run();
            peer.receive(frame(0xC1, "three[slow]".getBytes()));
            await().until(() -> !slow.work.isEmpty());
            peer.socket.ping();
            slow.work.remove().run();
            await().until(() -> budget.used() == 2000);
            assertThat(slow.disturbed).isEmpty();
        }

        @Test
        void whatAnExtensionHasAskedForUntilItIsDone() {
            TestExtension slow = TestExtension.slow("slow");
            ConnectionFixture peer = open(budget, TestExtension.pipeline(slow));
            peer.receive(frame(0xC1, "grow[slow]".getBytes()));
            assertThat(slow.work).hasSize(1);
            assertThat(budget.used()).isEqualTo(500_000);
            slow.work.remove().run();
            await().until(() -> budget.used() == 1000);
        }

        @Test
        void noneThatIsOver() {
            ConnectionFixture cut = open(budget);
            cut.pipe.limitRoom(0);
            cut.socket.send(new byte[100 * KIB]);
            cut.receive(part(10, 40 * KIB));
            ConnectionFixture reset = open(budget);
            reset.receive(part(10, 40 * KIB));
            ConnectionFixture wrong = open(budget);
            wrong.receive(frame(0x02, new byte[100 * KIB]));
            assertThat(budget.used()).isGreaterThan(200 * KIB);
            cut.socket.terminate();
            reset.reset();
            wrong.receive(text("no continuation"));
            await().until(() -> budget.used() == 0);
        }

        /** A controller may send much before its request is answered. */
        @Test
        void whatWaitsForTheHandshake() {
            ConnectionFixture peer = new ConnectionFixture(OPTIONS, ConnectionGroup.create(budget));
            opened.add(peer);
            peer.socket.send(new byte[100 * KIB]);
            EventSourceConnection stream = stream(budget, EventSourceObserver.NONE);
            stream.send("x".repeat(100 * KIB));
            assertThat(budget.used()).isBetween(200L * KIB, 204L * KIB);
            peer.open();
            stream.close();
            assertThat(budget.used()).isBetween(100L * KIB, 102L * KIB);
            stream.onDisconnected();
            ConnectionFixture never = new ConnectionFixture(OPTIONS, ConnectionGroup.create(budget));
            opened.add(never);
            never.socket.send(new byte[100 * KIB]);
            never.socket.terminate();
            await().until(() -> budget.used() == 0);
        }

        @Test
        void eventStreams() {
            EventSourceConnection stream = stream(budget, EventSourceObserver.NONE);
            Pipe pipe = new Pipe();
            pipe.limitRoom(0);
            stream.open(pipe);
            stream.send("x".repeat(100 * KIB));
            assertThat(budget.used()).isBetween(100L * KIB, 102L * KIB);
            stream.close();
            stream.onDisconnected();
            assertThat(budget.used()).isZero();
        }
    }

    private static EventSourceConnection stream(MemoryBudget budget, EventSourceObserver observer) {
        return stream(budget, observer, ConnectionGroup.create(budget));
    }

    private static EventSourceConnection stream(
            MemoryBudget budget, EventSourceObserver observer, ConnectionGroup group) {
        return new EventSourceConnection(
                new EventSourceConnection.Client("http://test/", "/", "", null, "127.0.0.1", 0, 0),
                EventSourceOptions.DEFAULT,
                observer,
                group);
    }

    private static byte[] compressed(byte[] message) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(message);
        byte[] out = new byte[message.length / 100 + 1000];
        int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(out, length - 4);
    }

    @Nested
    class WhenItIsUsedUp {

        private final MemoryBudget budget = MemoryBudget.of(400 * KIB);
        private final AtomicBoolean release = new AtomicBoolean();

        @AfterEach
        void release() {
            release.set(true);
        }

        private void assertGone(ConnectionFixture peer) {
            String reason = "No memory to spare for this connection";
            peer.assertClosedAlone(1013, reason);
            assertThat(peer.ends)
                    .containsExactly(new CloseEvent(1013, reason, CloseCause.LIMIT, Violation.MEMORY_LIMIT));
            assertThat(peer.observed).contains("violated MEMORY_LIMIT");
            assertThat(peer.errors)
                    .singleElement()
                    .isInstanceOfSatisfying(WebSocketException.class, error -> assertThat(error.violation())
                            .isEqualTo(Violation.MEMORY_LIMIT));
        }

        @Test
        void theGreediestIsClosedWith1013AndTheOthersStay() {
            ConnectionFixture greedy = open(budget);
            ConnectionFixture modest = open(budget);
            ConnectionFixture last = open(budget);
            greedy.receive(frame(0x02, new byte[200 * KIB]));
            modest.receive(part(1, 60 * KIB));
            assertThat(budget.isNearlyUsedUp()).isFalse();
            last.receive(frame(0x02, new byte[100 * KIB]));
            await().until(() -> greedy.pipe.receivedBytes().length > 0);
            assertThat(Bytes.string(greedy.pipe.receivedBytes())).contains("No memory to spare for this connection");
            await().until(() -> budget.used() < 300 * KIB);
            greedy.receive(close(1013, ""));
            assertGone(greedy);
            modest.receive(new byte[60 * KIB - 1]);
            last.receive(frame(0x80, new byte[0]));
            assertThat(modest.events).hasSize(2);
            assertThat(last.events).hasSize(2);
            assertThat(budget.used()).isZero();
        }

        @Test
        void oneThatWouldBecomeTheGreediestDoesNotGetTheMemory() {
            ConnectionFixture modest = open(budget);
            modest.receive(part(1, 60 * KIB));
            ConnectionFixture greedy = open(budget);
            greedy.receive(part(600 * KIB, 1024 * KIB));
            await().until(() -> greedy.errors.size() == 1);
            assertThat(greedy.errors.get(0))
                    .isInstanceOfSatisfying(WebSocketException.class, error -> assertThat(error.violation())
                            .isEqualTo(Violation.MEMORY_LIMIT));
            assertThat(greedy.ends).isEmpty();
            greedy.reset();
            assertThat(greedy.ends)
                    .singleElement()
                    .satisfies(end -> assertThat(end.cause()).isEqualTo(CloseCause.LIMIT))
                    .satisfies(end -> assertThat(end.code()).isEqualTo(1013));
            await().until(() -> budget.used() == 60 * KIB);
            assertThat(modest.socket.state()).isEqualTo(ReadyState.OPEN);
        }

        /** A close frame could only follow all that waits. */
        @Test
        void aPeerThatDoesNotReadIsCut() {
            ConnectionFixture deaf = open(budget);
            deaf.pipe.limitRoom(1000);
            ConnectionFixture other = open(budget);
            other.pipe.limitRoom(1000);
            other.socket.send(new byte[30 * KIB]);
            deaf.socket.send(new byte[200 * KIB]);
            deaf.socket.send(new byte[200 * KIB]);
            assertGone(deaf);
            await().until(() -> budget.used() < 31 * KIB);
            assertThat(other.socket.state()).isEqualTo(ReadyState.OPEN);
        }

        /** CVE-2026-54490 (websocket-driver): within the limit of one message, but not within that of the process. */
        @Test
        void whatInflatesAsksFirst() {
            byte[] bomb = compressed(new byte[32 * 1024 * KIB]);
            ConnectionFixture peer = open(budget, deflate());
            peer.receive(frame(0xC2, bomb));
            assertThat(peer.observed).contains("violated MEMORY_LIMIT");
            assertThat(peer.events).doesNotContain("message");
            assertThat(peer.pipe.receivedBytes()).startsWith(0x88).contains(0x03, 0xF5);
            peer.reset();
            await().until(() -> budget.used() == 0);
        }

        @Test
        void oneWhoseListenerRunsIsClosedToo() throws Exception {
            ConnectionFixture busy = open(budget);
            busy.socket.onMessage(message -> {
                if (message.isText()) {
                    await().untilTrue(release);
                }
            });
            busy.receive(frame(0x02, new byte[200 * KIB]));
            busy.receive(frame(0x80, new byte[0]), part(1, 60 * KIB));
            busy.pipe.limitRoom(0);
            busy.socket.send(new byte[100 * KIB]);
            busy.receiveLater(new byte[60 * KIB - 1], text("wait"), part(1, 50 * KIB));
            await().until(() -> budget.used() >= 100 * KIB);
            busy.socket.send(new byte[300 * KIB]);
            await().until(() -> busy.pipe.isClosed());
            release.set(true);
            assertGone(busy);
            await().until(() -> budget.used() == 0);
        }

        @Test
        void anEventStreamEnds() {
            List<String> heard = new ArrayList<>();
            EventSourceConnection stream = stream(budget, new EventSourceObserver() {
                @Override
                public void exhausted() {
                    heard.add("exhausted");
                }

                @Override
                public void closed(dev.hawser.eventsource.EventSource events, CloseCause cause, Duration open) {
                    heard.add("closed " + cause.id());
                }
            });
            Pipe pipe = new Pipe();
            pipe.limitRoom(0);
            stream.open(pipe);
            stream.send("x".repeat(500 * KIB));
            await().until(() -> budget.used() == 0);
            assertThat(heard).containsExactly("exhausted", "closed limit");
            assertThat(pipe.isClosed()).isTrue();
        }

        /** The thread that ends those that hold most may come late where the processor has much else to do. */
        @Test
        void whoeverIsToGoTakesNoMore() {
            ConnectionFixture greedy = open(budget);
            ConnectionFixture other = open(budget);
            greedy.pipe.limitRoom(0);
            greedy.group.schedule(() -> await().untilTrue(release), Duration.ZERO);
            greedy.socket.send(new byte[300 * KIB]);
            other.receive(frame(0x02, new byte[120 * KIB]));
            assertThat(budget.used()).isGreaterThan(400 * KIB);
            assertThat(greedy.socket.send(new byte[100 * KIB])).isFalse();
            assertGone(greedy);
            assertThat(greedy.events).doesNotContain("drain");
            assertThat(budget.used()).isBetween(120L * KIB, 240L * KIB);
        }

        @Test
        void anEventStreamThatIsToGoTakesNoMore() {
            ConnectionFixture other = open(budget);
            EventSourceConnection stream = stream(budget, EventSourceObserver.NONE, other.group);
            Pipe deaf = new Pipe();
            deaf.limitRoom(0);
            stream.open(deaf);
            other.group.schedule(() -> await().untilTrue(release), Duration.ZERO);
            stream.send("x".repeat(300 * KIB));
            other.receive(frame(0x02, new byte[120 * KIB]));
            assertThat(budget.used()).isGreaterThan(400 * KIB);
            stream.send("x".repeat(100 * KIB));
            assertThat(deaf.isClosed()).isTrue();
            assertThat(budget.used()).isBetween(120L * KIB, 240L * KIB);
        }

        @Test
        void handshakesAreUnwantedBeforeAnybodyHasToGo() {
            ConnectionFixture peer = open(budget);
            peer.receive(frame(0x02, new byte[180 * KIB]));
            assertThat(budget.isNearlyUsedUp()).isFalse();
            peer.pipe.limitRoom(0);
            peer.socket.send(new byte[120 * KIB]);
            assertThat(budget.isNearlyUsedUp()).isTrue();
            assertThat(peer.socket.state()).isEqualTo(ReadyState.OPEN);
            peer.receive(frame(0x80, new byte[0]));
            assertThat(budget.isNearlyUsedUp()).isFalse();
        }
    }

    /** The listeners of whoever has to go may wait for whoever made it go. */
    @Test
    void nobodyIsEndedUnderTheLockOfAnother() {
        ConnectionGroup group = new ConnectionGroup(Runnable::run, MemoryBudget.of(400 * KIB));
        ConnectionFixture greedy = new ConnectionFixture(OPTIONS, group).open();
        ConnectionFixture other = new ConnectionFixture(OPTIONS, group).open();
        opened.add(greedy);
        opened.add(other);
        greedy.socket.onClose((code, reason) -> assertThat(CompletableFuture.supplyAsync(other.socket::bufferedAmount))
                .succeedsWithin(Duration.ofSeconds(5)));
        greedy.socket.onClose((code, reason) -> greedy.events.add("asked the other"));
        greedy.pipe.limitRoom(0);
        greedy.socket.send(new byte[300 * KIB]);
        other.pipe.limitRoom(0);
        other.socket.send(new byte[150 * KIB]);
        await().until(() -> greedy.events.contains("asked the other"));
        assertThat(greedy.events).contains("closed 1013 No memory to spare for this connection");
    }
}
