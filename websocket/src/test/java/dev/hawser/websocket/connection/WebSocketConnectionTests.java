package dev.hawser.websocket.connection;

import static dev.hawser.websocket.protocol.Bytes.close;
import static dev.hawser.websocket.protocol.Bytes.frame;
import static dev.hawser.websocket.protocol.Bytes.hex;
import static dev.hawser.websocket.protocol.Bytes.join;
import static dev.hawser.websocket.protocol.Bytes.text;
import static dev.hawser.websocket.protocol.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.CloseException;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketException;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.protocol.ReadyState;
import dev.hawser.websocket.protocol.Violation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A connection over an in-memory socket: what it tells, what it writes, and that it always ends. */
class WebSocketConnectionTests {

    private static final WebSocketOptions QUICK = WebSocketOptions.DEFAULT.with(ConnectionFixture.patience(150));
    private static final byte[] PING = frame(0x89, utf8("?"));

    private final List<ConnectionFixture> fixtures = new ArrayList<>();

    private ConnectionFixture connecting(WebSocketOptions options) {
        ConnectionFixture fixture = new ConnectionFixture(options);
        fixtures.add(fixture);
        return fixture;
    }

    private ConnectionFixture open(WebSocketOptions options) {
        return connecting(options).open();
    }

    private ConnectionFixture open() {
        return open(WebSocketOptions.DEFAULT);
    }

    @AfterEach
    void end() {
        fixtures.forEach(ConnectionFixture::close);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) {
                throw new AssertionError("Nobody came");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Nested
    class BeforeItIsOpen {

        private final ConnectionFixture peer = connecting(QUICK);

        @Test
        void whatIsSentWaitsInOrder() {
            assertThat(peer.socket.state()).isEqualTo(ReadyState.CONNECTING);
            assertThat(peer.socket.send("one")).isTrue();
            assertThat(peer.socket.send(utf8("two"))).isTrue();
            assertThat(peer.socket.send(ByteBuffer.wrap(utf8("three")))).isTrue();
            assertThat(peer.socket.send(Message.text("four"))).isTrue();
            assertThat(peer.socket.bufferedAmount()).isEqualTo(4 * 2 + 3 + 3 + 5 + 4);

            peer.open();

            assertThat(peer.pipe.received()).containsExactly("text one", "binary two", "binary three", "text four");
            assertThat(peer.events).containsExactly("open");
        }

        @Test
        void noPingIsSent() {
            assertThat(peer.socket.ping()).isFalse();
            peer.open();
            assertThat(peer.pipe.received()).isEmpty();
            assertThat(peer.socket.ping("now", () -> {})).isTrue();
            assertThat(peer.pipe.received()).containsExactly("ping now");
        }

        @Test
        void aCloseWaitsBehindWhatWasSent() {
            peer.socket.send("last words");
            peer.socket.close(3000, "bye");
            assertThat(peer.socket.send("too late")).isFalse();

            peer.open();
            assertThat(peer.pipe.received()).containsExactly("text last words", "close 3000 bye");
            peer.receive(close(3000, ""));
            peer.assertClosed(3000, "");
        }

        @Test
        void aCloseThatIsNeverAnsweredCutsTheConnectionAfterItOpened() {
            peer.socket.close();
            peer.open();
            peer.assertClosed(1006, "");
        }

        @Test
        void terminateIsToldOnceAndTheSocketIsClosedWhenItComes() {
            peer.socket.send("never sent");
            peer.socket.terminate();
            await().until(() -> peer.events.contains("closed 1006 "));

            peer.open();

            assertThat(peer.pipe.isClosed()).isTrue();
            assertThat(peer.pipe.received()).isEmpty();
            assertThat(peer.events).containsExactly("closed 1006 ");
            assertThat(peer.observed).containsExactly("sent 10");
            assertThat(peer.group.size()).isZero();
        }

        @Test
        void moreThanMaxBufferedClosesIt() {
            ConnectionFixture small = connecting(WebSocketOptions.DEFAULT.with(options -> options.maxBuffered(100)));
            assertThat(small.socket.send("x".repeat(101))).isFalse();
            assertThat(small.socket.send("one too many")).isFalse();
            assertThat(small.observed).contains("overflowed");
            small.open().receive(close(1013, ""));
            assertThat(small.pipe.received()).containsExactly("text " + "x".repeat(101), "close 1013 Reads too slowly");
            small.assertClosed(1013, "Reads too slowly");
        }
    }

    @Nested
    class WhileOpen {

        @Test
        void aMessageIsToldWithWhatCameBeforeIt() {
            ConnectionFixture peer = connecting(QUICK);
            peer.pipe.peerWrites(join(text("with the handshake"), frame(0x82, utf8("bytes")), PING));
            peer.open().receive(frame(0x8A, utf8("!")));
            assertThat(peer.events)
                    .containsExactly("open", "message with the handshake", "message bytes", "ping ?", "pong !");
            assertThat(peer.pipe.received()).containsExactly("pong ?");
        }

        @Test
        void allThatListenersSendDuringOneReadLeavesInOneFlush() {
            ConnectionFixture peer = open();
            peer.socket.onMessage(peer.socket::send);
            int before = peer.pipe.flushes();
            peer.receive(IntStream.range(0, 100).mapToObj(i -> text("m" + i)).toArray(byte[][]::new));
            assertThat(peer.pipe.received()).hasSize(100).startsWith("text m0").endsWith("text m99");
            assertThat(peer.pipe.flushes() - before).isEqualTo(1);
        }

        /** It is told the rest on whatever thread comes next, without anything more from the peer. */
        @Test
        void aPeerThatSendsWithoutEndKeepsNoThread() {
            ConnectionFixture peer = open();
            List<Thread> threads = new ArrayList<>();
            peer.socket.onMessage(message -> threads.add(Thread.currentThread()));
            byte[] message = text("x".repeat(1000));
            int here = 64 * 8192 / message.length;
            int count = 2 * here + 100;
            peer.pipe.peerWrites(
                    join(Stream.generate(() -> message).limit(count).toArray(byte[][]::new)));
            assertThat(peer.socket.onReadable()).isFalse();
            await().until(() -> peer.events.size() == count + 1);
            assertThat(threads.stream().filter(Thread.currentThread()::equals)).hasSize(here);
            assertThat(threads.stream().distinct()).hasSize(2);
        }

        @Test
        void aListenerThatIsAddedLateHearsOfTheOpeningOnce() {
            ConnectionFixture peer = connecting(QUICK);
            AtomicInteger late = new AtomicInteger();
            // at this moment the connection is open, and the open listeners have not run yet
            peer.pipe.onFlush(() -> peer.socket.onOpen(late::incrementAndGet));
            peer.socket.send("something to flush");
            peer.open();
            assertThat(late).hasValue(1);

            AtomicInteger later = new AtomicInteger();
            peer.socket.onOpen(later::incrementAndGet);
            await().until(() -> later.get() == 1);
            peer.receive(text("more"));
            assertThat(later).hasValue(1);
        }

        @Test
        void aListenerThatSendsClosesAndTerminatesFindsEverythingConsistent() {
            ConnectionFixture peer = open();
            peer.socket.onMessage(message -> {
                peer.socket.send("answer");
                peer.socket.close(4000, "enough");
                assertThat(peer.socket.state()).isEqualTo(ReadyState.CLOSING);
                assertThat(peer.socket.send("no more")).isFalse();
                peer.socket.terminate();
                assertThat(peer.socket.state()).isEqualTo(ReadyState.CLOSED);
            });
            peer.receive(text("one"), text("two"), PING);
            peer.assertClosed(1006, "");
            assertThat(peer.pipe.received()).containsExactly("text answer", "close 4000 enough");
            assertThat(peer.events).containsExactly("open", "message one", "closed 1006 ");
        }

        @Test
        void framesOfManyThreadsAreNeverMixedAndEachThreadsStayInOrder() throws Exception {
            ConnectionFixture peer = open(WebSocketOptions.DEFAULT.with(options -> options.maxBuffered(1 << 28)));
            ExecutorService threads = Executors.newFixedThreadPool(4);
            for (int thread = 0; thread < 4; thread++) {
                String name = Integer.toString(thread);
                threads.execute(() -> {
                    for (int i = 0; i < 500; i++) {
                        peer.socket.send(name + " " + i + " " + name.repeat(i * 10));
                    }
                });
            }
            threads.shutdown();
            assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
            int[] next = new int[4];
            for (String frame : peer.pipe.received()) {
                String[] words = frame.split(" ", 4);
                int thread = Integer.parseInt(words[1]);
                assertThat(words[2]).isEqualTo(Integer.toString(next[thread]));
                assertThat(words[3]).isEqualTo(words[1].repeat(next[thread] * 10));
                next[thread]++;
            }
            assertThat(next).containsOnly(500);
        }

        @Test
        void eventsAreToldInOrderAndNeverTwoAtOnce() throws Exception {
            ConnectionFixture peer = open();
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            Queue<String> messages = new ConcurrentLinkedQueue<>();
            Runnable check = () -> {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                Thread.yield();
                inside.decrementAndGet();
            };
            peer.socket.onMessage(message -> {
                check.run();
                messages.add(message.text());
            });
            peer.socket.onPing(data -> check.run());
            peer.socket.onDrain(check);
            peer.socket.onClose((code, reason) -> check.run());
            ExecutorService threads = Executors.newFixedThreadPool(3);
            AtomicInteger opens = new AtomicInteger();
            for (int thread = 0; thread < 3; thread++) {
                threads.execute(() -> {
                    for (int i = 0; i < 2000; i++) {
                        peer.socket.send("x");
                        peer.socket.onOpen(
                                () -> { // open already: an event from this thread
                                    check.run();
                                    opens.incrementAndGet();
                                });
                    }
                });
            }
            for (int i = 0; i < 2000; i++) {
                peer.receive(text("m" + i), PING);
            }
            threads.shutdown();
            assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
            await().until(() -> opens.get() == 6000 && messages.size() == 2000);
            assertThat(most).hasValue(1);
            assertThat(messages)
                    .containsExactlyElementsOf(
                            IntStream.range(0, 2000).mapToObj(i -> "m" + i).toList());
        }

        @Test
        void aReadThatFindsAListenerBusyElsewhereIsMadeUpFor() {
            ConnectionFixture peer = open();
            CountDownLatch running = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            peer.socket.onOpen(
                    () -> { // open already: called on the group's executor
                        running.countDown();
                        awaitQuietly(goOn);
                    });
            awaitQuietly(running);
            peer.receive(text("waits"));
            assertThat(peer.events).doesNotContain("message waits");
            goOn.countDown();
            await().until(() -> peer.events.contains("message waits"));
        }

        @Test
        void aViolationIsToldAndAnsweredWithItsCode() {
            ConnectionFixture peer = open();
            peer.receive(text("fine"), hex("83 80"), text("never read"));
            assertThat(peer.errors)
                    .singleElement()
                    .isInstanceOfSatisfying(WebSocketException.class, error -> assertThat(error.violation())
                            .isEqualTo(Violation.UNKNOWN_OPCODE));
            assertThat(peer.pipe.received()).containsExactly("close 1002 Opcode 3 is not defined");
            assertThat(peer.observed).contains("violated UNKNOWN_OPCODE");
            assertThat(peer.pipe.isOutputShut())
                    .as("the peer can see that nothing follows")
                    .isTrue();
            assertThat(peer.pipe.isClosed()).as("and has a moment to read why").isFalse();

            peer.receive(text("more that nobody reads")).endOfInput();
            peer.assertClosed(1002, "Opcode 3 is not defined");
            assertThat(peer.events)
                    .containsExactly("open", "message fine", "error", "closed 1002 Opcode 3 is not defined");
        }

        @Test
        void aPeerThatBrokeTheRulesAndDoesNotGoIsCut() {
            ConnectionFixture peer = open(QUICK);
            peer.receive(hex("83 80"));
            peer.assertClosed(1002, "Opcode 3 is not defined");
        }

        @Test
        void argumentsThatABrowserRefusesAreRefusedAndChangeNothing() {
            ConnectionFixture peer = open();
            for (int code : new int[] {0, 999, 1001, 1005, 1006, 1011, 2999, 5000}) {
                assertThatIllegalArgumentException().isThrownBy(() -> peer.socket.close(code));
            }
            assertThatIllegalArgumentException().isThrownBy(() -> peer.socket.close(1000, "ü".repeat(62)));
            assertThatIllegalArgumentException().isThrownBy(() -> peer.socket.ping("ü".repeat(63), () -> {}));
            assertThat(peer.socket.state()).isEqualTo(ReadyState.OPEN);
            assertThat(peer.pipe.received()).isEmpty();
        }

        @Test
        void whatIsSentCannotBeChangedAfterwards() {
            ConnectionFixture peer = connecting(QUICK);
            byte[] data = utf8("sent".repeat(2000)); // so long that the queue does not copy it
            ByteBuffer buffer = ByteBuffer.wrap(data);
            peer.socket.send(data);
            peer.socket.send(buffer);
            assertThat(buffer.position()).isZero();
            Arrays.fill(data, (byte) 'x');
            peer.open();
            assertThat(peer.pipe.received())
                    .containsExactly("binary " + "sent".repeat(2000), "binary " + "sent".repeat(2000));
        }

        @Test
        void aSendThatFindsTheConnectionBrokenSaysSo() {
            ConnectionFixture peer = open();
            peer.pipe.peerResets();
            assertThat(peer.socket.send("lost")).isFalse();
            peer.assertClosed(1006, "");
            assertThat(peer.errors).singleElement().isInstanceOf(IOException.class);
        }
    }

    @Nested
    class AListenerThatThrows {

        static Stream<Arguments> listeners() {
            byte[] pong = frame(0x8A, utf8("p"));
            return Stream.of(
                    listener("onOpen", (socket, now) -> socket.onOpen(now), new byte[0]),
                    listener("onMessage", (socket, now) -> socket.onMessage(message -> now.run()), text("m")),
                    listener("onPing", (socket, now) -> socket.onPing(data -> now.run()), PING),
                    listener("onPong", (socket, now) -> socket.onPong(data -> now.run()), pong),
                    listener("ping's onPong", (socket, now) -> socket.onOpen(() -> socket.ping("p", now)), pong),
                    listener("onDrain", (socket, now) -> socket.onDrain(now), new byte[0]));
        }

        private static Arguments listener(String name, BiConsumer<WebSocket, Runnable> add, byte[] cause) {
            return Arguments.argumentSet(name, add, cause);
        }

        @ParameterizedTest
        @MethodSource("listeners")
        void closesWith1011AndIsToldOnce(BiConsumer<WebSocket, Runnable> add, byte[] cause) {
            ConnectionFixture peer = connecting(WebSocketOptions.DEFAULT.with(options -> options.maxBuffered(64)));
            AssertionError thrown = new AssertionError("on purpose");
            add.accept(peer.socket, () -> {
                throw thrown;
            });
            peer.socket.send("x".repeat(20)); // above the high-water mark: a drain event follows
            peer.open().receive(cause, text("never told"), PING);

            assertThat(peer.pipe.received()).endsWith("close 1011 Internal error");
            assertThat(peer.errors).containsExactly(thrown);
            assertThat(peer.observed).containsOnlyOnce("listener failed");
            assertThat(peer.events).doesNotContain("message never told");
            peer.receive(close(1011, ""));
            peer.assertClosed(1011, "Internal error");
            assertThat(peer.events).endsWith("closed 1011 Internal error");
        }

        @ParameterizedTest
        @MethodSource("listeners")
        void aCloseExceptionClosesAsItSays(BiConsumer<WebSocket, Runnable> add, byte[] cause) {
            ConnectionFixture peer = connecting(WebSocketOptions.DEFAULT.with(options -> options.maxBuffered(64)));
            CloseException thrown = new CloseException(4001, "Too early", "told to us alone");
            add.accept(peer.socket, () -> {
                throw thrown;
            });
            peer.socket.send("x".repeat(20));
            peer.open().receive(cause, text("never told"), PING);

            assertThat(peer.pipe.received()).endsWith("close 4001 Too early");
            assertThat(peer.errors).containsExactly(thrown);
            assertThat(peer.observed).containsOnlyOnce("listener failed");
            assertThat(peer.events).doesNotContain("message never told");
            peer.receive(close(4001, ""));
            peer.assertClosed(4001, "Too early");
        }

        @Test
        void aCloseExceptionMustBeAsAFrameCanSayIt() {
            assertThatThrownBy(() -> new CloseException(1006, ""))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Close code must be 1000 to 1003, 1007 to 1014, or 3000 to 4999, but is 1006");
            assertThatThrownBy(() -> new CloseException(4000, "ä".repeat(62)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must be at most 123 bytes of UTF-8, but is 124");
            assertThat(new CloseException(4000, "Enough")).hasMessage("Closed with 4000: Enough");
            assertThat(new CloseException(4000, "")).hasMessage("Closed with 4000");
        }

        @Test
        void inOnCloseCostsNothingElse() {
            ConnectionFixture peer = connecting(QUICK);
            AtomicInteger others = new AtomicInteger();
            peer.socket.onClose((code, reason) -> {
                throw new IllegalStateException("on purpose");
            });
            peer.socket.onClose((code, reason) -> others.incrementAndGet());
            peer.open().receive(close(1000, "bye"));
            peer.assertClosed(1000, "bye");
            assertThat(others).hasValue(1);
            assertThat(peer.errors).singleElement().isInstanceOf(IllegalStateException.class);
        }

        @Test
        void inOnErrorStillEndsTheConnection() {
            ConnectionFixture peer = connecting(QUICK);
            peer.socket.onError(error -> {
                throw new IllegalStateException("on purpose");
            });
            peer.open().receive(hex("83 80")).endOfInput();
            peer.assertClosed(1002, "Opcode 3 is not defined");
        }

        /** CVE-2020-36048, CVE-2024-38355 (socket.io): whatever is thrown, wherever. */
        @Test
        void everywhereEndsItsOwnConnectionOnly() {
            ConnectionFixture bad = connecting(QUICK);
            ConnectionFixture good = new ConnectionFixture(QUICK, bad.group).open();
            Runnable fail = () -> {
                throw new StackOverflowError("on purpose");
            };
            bad.socket
                    .onOpen(fail)
                    .onMessage(message -> fail.run())
                    .onPing(data -> fail.run())
                    .onPong(data -> fail.run())
                    .onError(error -> fail.run())
                    .onDrain(fail)
                    .onClose((code, reason) -> fail.run());
            bad.open().receive(text("a"), PING, text("b"), close(1000, ""));
            await().until(() -> bad.group.size() == 1);
            assertThat(bad.pipe.isClosed()).isTrue();
            assertThat(bad.events.stream().filter(event -> event.startsWith("closed")))
                    .hasSize(1);

            good.socket.onMessage(good.socket::send);
            good.receive(text("still here"));
            assertThat(good.pipe.received()).containsExactly("text still here");
        }

        @Test
        void whileTheConnectionClosesDoesNotChangeHowItClosed() {
            ConnectionFixture peer = open();
            peer.socket.onMessage(message -> {
                throw new IllegalStateException("on purpose");
            });
            peer.socket.close(4000, "done");
            peer.receive(text("late"), close(4000, "done"));
            assertThat(peer.pipe.received()).containsExactly("close 4000 done");
            assertThat(peer.errors).hasSize(1);
            peer.assertClosed(4000, "done");
        }
    }

    @Nested
    class APeerThatReadsSlowly {

        private static final WebSocketOptions SMALL = QUICK.with(options -> options.maxBuffered(1600));

        @Test
        void makesSendersWaitAndTellsThemToGoOnOnce() {
            ConnectionFixture peer = open(SMALL);
            peer.pipe.limitRoom(0);
            assertThat(peer.socket.send("x".repeat(98)))
                    .as("at the high-water mark")
                    .isTrue();
            assertThat(peer.socket.send("")).as("above it").isFalse();
            assertThat(peer.socket.send("")).isFalse();
            assertThat(peer.socket.bufferedAmount()).isEqualTo(104);
            peer.peerReads(103);
            assertThat(peer.events).doesNotContain("drain");
            peer.peerReads(1);
            assertThat(peer.events).containsOnlyOnce("drain");
            assertThat(peer.socket.bufferedAmount()).isZero();
            assertThat(peer.socket.send("go on")).isTrue();
            peer.peerReads(1000);
            assertThat(peer.pipe.received()).hasSize(4).endsWith("text go on");
            assertThat(peer.events).containsExactly("open", "drain");
        }

        @Test
        void isNotToldOfADrainThatNobodyAwaits() {
            ConnectionFixture peer = open(SMALL);
            peer.pipe.limitRoom(0);
            assertThat(peer.socket.send("little")).isTrue();
            peer.peerReads(1000);
            assertThat(peer.pipe.received()).containsExactly("text little");
            assertThat(peer.events).containsExactly("open");
        }

        @Test
        void getsEverythingInOrderThroughANeedlesEye() {
            ConnectionFixture peer = open(WebSocketOptions.DEFAULT);
            peer.pipe.limitRoom(0);
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                String message = i + "x".repeat(i % 3 == 0 ? 6000 : i);
                peer.socket.send(message);
                expected.add("text " + message);
            }
            for (long read = 0; peer.socket.bufferedAmount() > 0; read += 997) {
                peer.peerReads(997);
                assertThat(read).isLessThan(200_000);
            }
            assertThat(peer.pipe.received()).isEqualTo(expected);
        }

        @Test
        void isClosedWith1013BeyondTheLimitAndThenCut() {
            ConnectionFixture peer = open(SMALL);
            peer.pipe.limitRoom(0);
            int sent = 0;
            while (peer.socket.state() == ReadyState.OPEN) {
                peer.socket.send("x".repeat(100));
                sent++;
                assertThat(sent).isLessThan(100);
            }
            assertThat(peer.socket.bufferedAmount()).isLessThan(1600 + 102 + 40);
            assertThat(peer.observed).containsOnlyOnce("overflowed");
            peer.assertClosed(1013, "Reads too slowly");
        }

        @Test
        void hearsWhyWhenItReadsAfterAll() {
            ConnectionFixture peer = open(SMALL);
            peer.pipe.limitRoom(0);
            peer.socket.send("x".repeat(2000));
            peer.socket.send("too much");
            peer.peerReads(10_000);
            assertThat(peer.pipe.received()).containsExactly("text " + "x".repeat(2000), "close 1013 Reads too slowly");
            peer.receive(close(1013, ""));
            peer.assertClosed(1013, "Reads too slowly");
        }

        /** CVE-2021-3690, CVE-2017-2670 (Undertow): pongs are output too. */
        @Test
        void andFloodsWithPingsIsClosedToo() {
            ConnectionFixture peer = open(SMALL);
            peer.pipe.limitRoom(0);
            byte[] ping = frame(0x89, new byte[125]);
            for (int i = 0; i < 100; i++) {
                peer.receive(ping, ping, ping);
            }
            assertThat(peer.socket.bufferedAmount()).isLessThan(1600 + 3 * 127 + 40);
            peer.assertClosed(1013, "Reads too slowly");
        }

        @Test
        void andIsPingedWithoutEndIsClosedToo() {
            ConnectionFixture peer = open(SMALL);
            peer.pipe.limitRoom(0);
            for (int i = 0; i < 10_000 && peer.socket.ping("x".repeat(125), () -> {}); i++) {
                assertThat(peer.socket.bufferedAmount()).isLessThan(1600 + 127 + 40);
            }
            peer.assertClosed(1013, "Reads too slowly");
        }
    }

    @Nested
    class Closing {

        @Test
        void thePeersCloseIsEchoedAndTold() {
            ConnectionFixture peer = open();
            peer.receive(text("last"), close(4001, "bye"), text("ignored"), PING);
            assertThat(peer.pipe.received()).containsExactly("close 4001 bye");
            peer.assertClosed(4001, "bye");
            assertThat(peer.events).containsExactly("open", "message last", "closed 4001 bye");
        }

        @Test
        void aCloseWithoutACodeIs1005() {
            ConnectionFixture peer = open();
            peer.receive(frame(0x88, new byte[0]));
            assertThat(peer.pipe.received()).containsExactly("close");
            peer.assertClosed(1005, "");
        }

        @Test
        void ourCloseFollowsWhatWasSentAndWaitsForItsAnswer() {
            ConnectionFixture peer = open();
            peer.socket.send("last");
            peer.socket.close(1000, "done");
            peer.socket.close(3000, "again");
            assertThat(peer.socket.state()).isEqualTo(ReadyState.CLOSING);
            assertThat(peer.pipe.received()).containsExactly("text last", "close 1000 done");
            peer.receive(close(1000, "done"));
            peer.assertClosed(1000, "done");
            assertThat(peer.pipe.received()).hasSize(2);
        }

        @Test
        void aPeerThatDoesNotAnswerIsCutAfterTheTimeout() {
            ConnectionFixture peer = open(QUICK);
            peer.socket.close(1000, "done");
            peer.assertClosed(1006, "");
            assertThat(peer.errors).isEmpty();
        }

        @Test
        void aPeerThatGoesOnTalkingIsCutAfterTheTimeoutToo() {
            ConnectionFixture peer = open(QUICK);
            peer.socket.close();
            await().atMost(Duration.ofSeconds(5)).until(() -> {
                peer.receive(text("talk"), PING);
                return peer.pipe.isClosed();
            });
            peer.assertClosed(1006, "");
        }

        @Test
        void aPeerThatShutItsSideStillGetsAllThatWaits() {
            ConnectionFixture peer = open();
            peer.socket.onMessage(peer.socket::send);
            peer.pipe.limitRoom(3);
            peer.receive(text("one"), text("two")).endOfInput();
            assertThat(peer.pipe.isClosed()).isFalse();
            peer.peerReads(1000);
            assertThat(peer.pipe.received()).containsExactly("text one", "text two");
            peer.assertClosed(1006, "");
            assertThat(peer.errors).isEmpty();
        }

        @Test
        void aPeerThatShutItsSideAndDoesNotReadIsCut() {
            ConnectionFixture peer = open(QUICK);
            peer.pipe.limitRoom(0);
            peer.socket.send("waits");
            peer.endOfInput();
            peer.assertClosed(1006, "");
        }

        @Test
        void aResetIsAnErrorAndThenTheEnd() {
            ConnectionFixture peer = open();
            peer.reset();
            peer.assertClosed(1006, "");
            assertThat(peer.events).containsExactly("open", "error", "closed 1006 ");
        }

        @Test
        void whatTheContainerReportsIsTheEnd() {
            ConnectionFixture peer = open();
            IOException cause = new IOException("gone");
            peer.disconnect(cause).disconnect(cause);
            peer.assertClosed(1006, "");
            assertThat(peer.errors).containsExactly(cause);
        }

        @Test
        void terminateFromAnotherThreadEndsItAtOnceEvenWhileAListenerRuns() {
            ConnectionFixture peer = open();
            CountDownLatch running = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            peer.socket.onMessage(message -> {
                running.countDown();
                awaitQuietly(goOn);
                assertThat(peer.socket.send("too late")).isFalse();
            });
            peer.receiveLater(text("one"), text("two"));
            awaitQuietly(running);
            peer.socket.terminate();
            assertThat(peer.pipe.isClosed()).isTrue();
            assertThat(peer.group.size()).isZero();
            assertThat(peer.events).as("not while another listener runs").doesNotContain("closed 1006 ");
            goOn.countDown();
            peer.assertClosed(1006, "");
            assertThat(peer.events).containsExactly("open", "message one", "closed 1006 ");
            assertThat(peer.errors).isEmpty();
        }

        @Test
        void aListenerThatComesWhenTheEndIsNotToldYetHearsOfItOnce() {
            Queue<Runnable> tasks = new ArrayDeque<>();
            ConnectionFixture peer = new ConnectionFixture(QUICK, new ConnectionGroup(tasks::add)).open();
            fixtures.add(peer);
            AtomicInteger heard = new AtomicInteger();
            peer.socket.terminate();
            peer.socket.onClose((code, reason) -> heard.incrementAndGet());
            while (!tasks.isEmpty()) {
                tasks.remove().run();
            }
            assertThat(heard).hasValue(1);
            peer.socket.onClose((code, reason) -> heard.addAndGet(code));
            tasks.remove().run();
            assertThat(heard).hasValue(1007);
            assertThat(peer.events).containsOnlyOnce("closed 1006 ");
        }

        @Test
        void manyEndsAtOnceAreOneEnd() throws Exception {
            ExecutorService threads = Executors.newFixedThreadPool(4);
            for (int round = 0; round < 200; round++) {
                ConnectionFixture peer = new ConnectionFixture(QUICK).open();
                CountDownLatch start = new CountDownLatch(1);
                for (Runnable end : List.<Runnable>of(
                        peer.socket::terminate,
                        peer.socket::close,
                        () -> peer.socket.send("x"),
                        () -> peer.socket.onClose((code, reason) -> peer.events.add("late")))) {
                    threads.execute(() -> {
                        awaitQuietly(start);
                        end.run();
                    });
                }
                start.countDown();
                peer.receive(text("m"), close(1000, "")).endOfInput();
                await().pollInterval(Duration.ofMillis(1)).until(() -> peer.events.contains("late"));
                await().pollInterval(Duration.ofMillis(1)).until(() -> peer.group.size() == 0);
                await().pollInterval(Duration.ofMillis(1))
                        .until(() -> peer.events.stream().anyMatch(event -> event.startsWith("closed")));
                assertThat(peer.events.stream().filter(event -> event.startsWith("closed")))
                        .hasSize(1);
                assertThat(peer.events).containsOnlyOnce("late");
                assertThat(peer.observed.stream().filter(event -> event.startsWith("closed")))
                        .hasSize(1);
                peer.close();
            }
            threads.shutdown();
        }
    }

    @Nested
    class KeepingAlive {

        private WebSocketOptions pinging(long interval, long timeout) {
            return WebSocketOptions.DEFAULT.with(
                    options -> options.ping(Duration.ofMillis(interval)).pingTimeout(Duration.ofMillis(timeout)));
        }

        @Test
        void aPeerThatSaysNothingAfterAPingIsDropped() {
            ConnectionFixture peer = open(pinging(50, 150));
            peer.assertClosed(1006, "");
            assertThat(peer.pipe.received()).first().isEqualTo("ping 1");
            assertThat(peer.events).containsExactly("open", "closed 1006 ");
        }

        @Test
        void anythingThatArrivesIsASignOfLife() {
            ConnectionFixture peer = open(pinging(50, 400));
            await().atMost(Duration.ofSeconds(10))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> {
                        peer.receive(text("no pong"));
                        return peer.pipe.received().contains("ping 20");
                    });
            assertThat(peer.socket.state()).isEqualTo(ReadyState.OPEN);
        }

        @Test
        void halfAFrameIsASignOfLifeToo() {
            ConnectionFixture peer = open(pinging(50, 400));
            byte[] slow = text("x".repeat(100));
            AtomicInteger at = new AtomicInteger();
            await().atMost(Duration.ofSeconds(10))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> {
                        peer.receive(new byte[] {slow[at.getAndIncrement()]});
                        return peer.pipe.received().contains("ping 15");
                    });
            assertThat(peer.socket.state()).isEqualTo(ReadyState.OPEN);
        }

        @Test
        void aListenerOfOursThatIsSlowDoesNotMakeThePeerDead() {
            ConnectionFixture peer = open(pinging(30, 60));
            CountDownLatch goOn = new CountDownLatch(1);
            peer.socket.onMessage(message -> awaitQuietly(goOn));
            peer.receiveLater(text("slow"));
            await().until(() -> peer.pipe.received().contains("ping 10"));
            peer.receiveLater(frame(0x8A, utf8("10")));
            assertThat(peer.socket.state()).isEqualTo(ReadyState.OPEN);
            goOn.countDown();
            await().until(() -> peer.events.contains("pong 10"));
        }

        @Test
        void aPongIsMeasured() {
            ConnectionFixture peer = open(pinging(50, 5000));
            await().until(() -> peer.pipe.received().contains("ping 1"));
            peer.receive(frame(0x8A, utf8("1")));
            assertThat(peer.observed).containsOnlyOnce("pong");
            assertThat(peer.events).contains("pong 1");
        }

        @Test
        void zeroMeansNever() {
            ConnectionFixture peer = open(WebSocketOptions.DEFAULT.with(
                    options -> options.ping(Duration.ZERO).pingTimeout(Duration.ofMillis(1))));
            await().during(Duration.ofMillis(200))
                    .until(() -> peer.pipe.received().isEmpty());
            assertThat(peer.socket.state()).isEqualTo(ReadyState.OPEN);
        }

        @Test
        void aPongAnswersItsPingAndThoseBefore() {
            ConnectionFixture peer = open();
            List<String> answered = new ArrayList<>();
            for (String name : List.of("a", "b", "c")) {
                peer.socket.ping(name, () -> answered.add(name));
            }
            peer.receive(frame(0x8A, utf8("unasked")));
            assertThat(answered).isEmpty();
            peer.receive(frame(0x8A, utf8("b")));
            assertThat(answered).containsExactly("a", "b");
            peer.receive(frame(0x8A, utf8("a")), frame(0x8A, utf8("c")), frame(0x8A, utf8("c")));
            assertThat(answered).containsExactly("a", "b", "c");
        }
    }
}
