package dev.hawser.websocket.connection;

import static dev.hawser.websocket.protocol.Bytes.close;
import static dev.hawser.websocket.protocol.Bytes.frame;
import static dev.hawser.websocket.protocol.Bytes.hex;
import static dev.hawser.websocket.protocol.Bytes.join;
import static dev.hawser.websocket.protocol.Bytes.text;
import static dev.hawser.websocket.protocol.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.Message;
import dev.hawser.websocket.SendOptions;
import dev.hawser.websocket.WebSocketException;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.extension.ExtensionMessage;
import dev.hawser.websocket.extension.Negotiation;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.extension.TestExtension;
import dev.hawser.websocket.extension.deflate.DeflateOptions;
import dev.hawser.websocket.extension.deflate.PermessageDeflate;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.handshake.Version;
import dev.hawser.websocket.protocol.Framing;
import dev.hawser.websocket.protocol.HybiDriver;
import dev.hawser.websocket.protocol.Limits;
import dev.hawser.websocket.protocol.ReadyState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Connections whose messages pass extensions: quick ones, slow ones on threads of their own, and broken ones. */
class ExtensionConnectionTests {

    private final List<ConnectionFixture> fixtures = new ArrayList<>();
    private final ExecutorService workers = Executors.newFixedThreadPool(4);

    private ConnectionFixture open(WebSocketOptions options, Pipeline pipeline) {
        ConnectionFixture fixture = new ConnectionFixture(options, pipeline);
        fixtures.add(fixture);
        return fixture.open();
    }

    private ConnectionFixture open(Extension... extensions) {
        return open(WebSocketOptions.DEFAULT, TestExtension.pipeline(extensions));
    }

    @AfterEach
    void end() {
        fixtures.forEach(ConnectionFixture::close);
        workers.shutdownNow();
    }

    private static byte[] sent(int first, String payload) {
        return join(new byte[] {(byte) first, (byte) payload.length()}, utf8(payload));
    }

    @Nested
    class Slow {

        private final TestExtension slow = TestExtension.slow("slow");
        private final ConnectionFixture peer = open(slow);

        private void work() {
            await().until(() -> !slow.work.isEmpty());
            workers.execute(slow.work.remove());
        }

        @Test
        void deliversWhatOthersHaveFinishedAndReadsOn() {
            peer.receive(frame(0xC1, utf8("1[slow]")), frame(0x89, utf8("?")));
            peer.receive(text("2"));
            assertThat(peer.events).containsExactly("open");
            work();
            await().until(() -> peer.events.contains("ping ?"));
            assertThat(peer.events).containsExactly("open", "message 1", "ping ?");
            work();
            await().until(() -> peer.events.contains("message 2"));
            assertThat(peer.pipe.receivedBytes()).isEqualTo(hex("8a 01 3f"));
        }

        @Test
        void keepsWhatTheyHaveFinishedWhileItIsPaused() {
            peer.receive(frame(0xC1, utf8("1[slow]")), frame(0x89, utf8("?")));
            peer.socket.pause();
            work();
            peer.receive(text("2"));
            assertThat(peer.events).containsExactly("open");
            peer.socket.resume();
            await().until(() -> peer.events.contains("ping ?"));
            work();
            await().until(() -> peer.events.contains("message 2"));
            assertThat(peer.events).containsExactly("open", "message 1", "ping ?", "message 2");
        }

        @Test
        void readsNothingMeanwhileSoThatThePeerWaits() {
            peer.receive(frame(0xC1, utf8("1")));
            peer.receive(text("2"));
            assertThat(peer.pipe.hasInput()).isTrue();
            work();
            await().until(() -> !peer.pipe.hasInput());
        }

        @Test
        void sendsInOrderAndTheCloseFrameLast() {
            peer.socket.send("1");
            peer.socket.send("2");
            peer.socket.close(1000, "bye");
            assertThat(peer.socket.bufferedAmount()).isGreaterThanOrEqualTo(2);
            peer.receive(close(1000, "bye"));
            assertThat(peer.pipe.isClosed()).isFalse();
            work();
            work();
            peer.assertClosed(1000, "bye");
            assertThat(peer.pipe.receivedBytes())
                    .isEqualTo(join(sent(0xC1, "1[slow]"), sent(0xC1, "2[slow]"), hex("88 05 03 e8 62 79 65")));
            await().until(() -> slow.calls.contains("close"));
            assertThat(slow.calls).containsOnlyOnce("close");
        }

        @Test
        void isClosedWhenItHasFinishedAfterTheConnectionWasCut() {
            peer.socket.send("1");
            peer.receive(frame(0xC1, utf8("2")));
            peer.socket.terminate();
            peer.assertClosed(1006, "");
            assertThat(slow.calls).doesNotContain("close");
            work();
            work();
            await().until(() -> slow.calls.contains("close"));
            assertThat(slow.calls).containsOnlyOnce("close");
            assertThat(peer.events).doesNotContain("message 2");
        }

        @Test
        void thatFailsAfterTheConnectionWasCutIsNotHeardOf() {
            peer.socket.send("invalid");
            peer.socket.terminate();
            peer.assertClosed(1006, "");
            work();
            await().until(() -> slow.calls.contains("close"));
            assertThat(peer.errors).isEmpty();
            assertThat(peer.observed).doesNotContain("violated EXTENSION_FAILED");
        }

        @Test
        void doesNotKeepADroppedConnectionFromHearingThatThePeerHasGone() {
            peer.receive(frame(0xC1, utf8("1")), text("2"));
            peer.socket.drop(1008, "Enough");
            work();
            peer.endOfInput();
            await().until(peer.pipe::isEndRead);
            peer.assertClosed(1008, "Enough");
        }

        @Test
        void thatFailsLaterClosesTheConnectionWith1011() {
            peer.socket.send("invalid");
            peer.socket.send("2");
            work();
            peer.endOfInput();
            peer.assertClosed(1011, "Internal error");
            assertThat(peer.errors)
                    .singleElement()
                    .isInstanceOf(WebSocketException.class)
                    .asInstanceOf(InstanceOfAssertFactories.THROWABLE)
                    .hasMessage("extension-failed (1011): invalid");
            assertThat(peer.pipe.receivedBytes()).isEqualTo(join(hex("88 10 03 f3"), utf8("Internal error")));
        }

        @Test
        void countsWhatWaitsForIt() {
            ConnectionFixture small =
                    open(WebSocketOptions.DEFAULT.with(o -> o.maxBuffered(100)), TestExtension.pipeline(slow));
            small.socket.send("y".repeat(99));
            assertThat(small.socket.send("z".repeat(99))).isFalse();
            assertThat(small.socket.sendFragment("part", true)).isFalse();
            assertThat(small.observed).contains("overflowed");
        }

        @Test
        void keepsItsOwnDelayFromBeingTakenForSilence() {
            ConnectionFixture pinging = open(
                    WebSocketOptions.DEFAULT.with(
                            o -> o.ping(Duration.ofMillis(40)).pingTimeout(Duration.ofMillis(60))),
                    TestExtension.pipeline(slow));
            pinging.receive(text("1"));
            await().during(Duration.ofMillis(400))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> pinging.socket.state() == ReadyState.OPEN);
        }
    }

    /** The timer's thread is that of all connections. */
    @Test
    void aMessageThatTakesLongToCompressHoldsUpItsOwnConnectionOnly() throws Exception {
        CountDownLatch compressing = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        TestExtension busy = new TestExtension("busy", Extension.RSV1, true) {
            @Override
            protected void doWork(Runnable todo) {
                compressing.countDown();
                assertThatNoException().isThrownBy(done::await);
                todo.run();
            }
        };
        WebSocketOptions pinging = WebSocketOptions.DEFAULT.with(o -> o.ping(Duration.ofMillis(20)));
        ConnectionFixture peer = open(pinging, TestExtension.pipeline(busy));
        workers.execute(() -> peer.socket.send("long"));
        compressing.await();
        ConnectionFixture other = new ConnectionFixture(pinging, peer.group);
        fixtures.add(other);
        other.open();
        try {
            await().until(() -> other.pipe.received().contains("ping 1"));
            CompletableFuture.runAsync(() -> {
                        assertThat(peer.socket.send("next")).isTrue();
                        assertThat(peer.socket.state()).isEqualTo(ReadyState.OPEN);
                        assertThat(peer.socket.bufferedAmount()).isEqualTo(8);
                        peer.group.goAway();
                    })
                    .get(10, TimeUnit.SECONDS);
            assertThat(other.socket.state()).isEqualTo(ReadyState.CLOSING);
        } finally {
            done.countDown();
        }
        byte[] all = join(sent(0xC1, "long[busy]"), sent(0xC1, "next[busy]"), hex("88 0c 03 e9"), utf8("Going away"));
        await().untilAsserted(() -> assertThat(peer.pipe.receivedBytes()).endsWith(all));
    }

    @Test
    void whatIsSentWhileAnExtensionIsCalledFollows() {
        AtomicReference<ConnectionFixture> fixture = new AtomicReference<>();
        TestExtension chatty = new TestExtension("x", Extension.RSV1, false) {
            @Override
            protected void doWork(Runnable todo) {
                if (calls.size() == 1) {
                    fixture.get().socket.send("B");
                }
                todo.run();
            }
        };
        fixture.set(open(chatty));
        fixture.get().socket.send("A");
        fixture.get().socket.send("C");
        assertThat(fixture.get().pipe.receivedBytes())
                .isEqualTo(join(sent(0xC1, "A[x]"), sent(0xC1, "B[x]"), sent(0xC1, "C[x]")));
    }

    /** "before this returns or later, on any thread". */
    @Test
    void aResultMayComeOnAnotherThreadBeforeTheCallReturns() throws Exception {
        TestExtension joining = new TestExtension("x", Extension.RSV1, false) {
            @Override
            protected void doWork(Runnable todo) {
                assertThatNoException()
                        .isThrownBy(() -> workers.submit(todo).get(10, TimeUnit.SECONDS)); // in vain under a lock
            }
        };
        ConnectionFixture peer = open(joining);
        assertThat(peer.socket.send("A")).isTrue();
        peer.receive(frame(0xC1, utf8("B")));
        await().untilAsserted(() -> assertThat(peer.pipe.receivedBytes()).isEqualTo(sent(0xC1, "A[x]")));
        await().until(() -> peer.events.contains("message B"));
    }

    @Test
    void aPeerThatIsDroppedWhileAnExtensionIsCalledGetsItsMomentToReadWhy() {
        AtomicReference<ConnectionFixture> fixture = new AtomicReference<>();
        TestExtension slow = new TestExtension("slow", Extension.RSV1, true) {
            @Override
            protected void doWork(Runnable todo) {
                assertThatNoException().isThrownBy(() -> workers.submit(
                                () -> fixture.get().socket.drop(1008, "Enough"))
                        .get(10, TimeUnit.SECONDS));
                super.doWork(todo);
            }
        };
        fixture.set(open(slow));
        fixture.get().receive(text("1"), text("2"));
        assertThat(fixture.get().pipe.isOutputShut()).isTrue();
        assertThat(fixture.get().pipe.isClosed()).isFalse();
    }

    @Test
    void aConnectionThatHasFailedHasNoMessagesWorkedOn() {
        TestExtension one = TestExtension.quick("one", Extension.RSV1);
        ConnectionFixture peer = open(one);
        peer.socket.onMessage(message -> {
            throw new IllegalStateException("thrown");
        });
        peer.receive(frame(0xC1, utf8("1")));
        peer.receive(frame(0xC1, utf8("2")), close(1011, ""));
        peer.assertClosed(1011, "Internal error");
        assertThat(one.calls).containsExactly("in 1", "close");
    }

    /** Whatever the threads do, order stays and nothing is lost. */
    @RepeatedTest(20)
    void resultsMayComeOnAnyThread() {
        TestExtension slow = TestExtension.slow("slow");
        ConnectionFixture peer = open(TestExtension.quick("quick", Extension.RSV2), slow);
        for (int i = 0; i < 2; i++) {
            workers.execute(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    Runnable next = slow.work.poll();
                    if (next != null) {
                        next.run();
                    }
                }
            });
        }
        List<String> heard = new ArrayList<>();
        peer.socket.onMessage(message -> {
            heard.add(message.text());
            peer.socket.send("re: " + message.text());
        });
        IntStream.range(0, 200).forEach(i -> peer.receiveLater(frame(0xE1, utf8(i + "[quick][slow]"))));
        await().until(() -> heard.size() == 200);
        assertThat(heard)
                .containsExactlyElementsOf(
                        IntStream.range(0, 200).mapToObj(Integer::toString).toList());
        byte[] expected = join(IntStream.range(0, 200)
                .mapToObj(i -> sent(0xE1, "re: " + i + "[quick][slow]"))
                .toArray(byte[][]::new));
        await().until(() -> peer.pipe.receivedBytes().length >= expected.length);
        assertThat(peer.pipe.receivedBytes()).isEqualTo(expected);
        peer.socket.terminate();
        await().until(() -> slow.calls.contains("close"));
        assertThat(slow.calls).containsOnlyOnce("close");
    }

    @Nested
    class Broken {

        private final ConnectionFixture peer = open(TestExtension.quick("one", Extension.RSV1));

        @Test
        void onTheWayOutItClosesTheConnection() {
            assertThat(peer.socket.send("throw")).isFalse();
            peer.endOfInput();
            peer.assertClosed(1011, "Internal error");
            assertThat(peer.observed).contains("violated EXTENSION_FAILED");
            assertThat(peer.errors).singleElement().satisfies(error -> assertThat(error)
                    .hasMessage("extension-failed (1011): Extension one failed")
                    .hasRootCauseMessage("thrown"));
        }

        @Test
        void onTheWayInItClosesTheConnection() {
            peer.receive(text("throw")).endOfInput();
            peer.assertClosed(1011, "Extension one failed");
            assertThat(peer.errors)
                    .singleElement()
                    .isInstanceOfSatisfying(WebSocketException.class, error -> assertThat(error)
                            .hasMessage("extension-failed (1011): Extension one failed")
                            .hasRootCauseMessage("thrown"));
        }

        @Test
        void thatThrowsWhenItIsClosedIsToldOfBeforeTheEnd() {
            TestExtension good = TestExtension.quick("good", Extension.RSV2);
            ConnectionFixture peer = open(TestExtension.quick("unclosable", Extension.RSV1), good);
            peer.socket.terminate();
            peer.assertClosed(1006, "");
            assertThat(peer.events).containsExactly("open", "error", "closed 1006 ");
            assertThat(good.calls).containsExactly("close");
        }

        @Test
        void aPeerThatSendsNonsenseIsClosedWith1007() {
            peer.receive(text("invalid")).endOfInput();
            peer.assertClosed(1007, "invalid");
            assertThat(peer.observed).contains("violated INVALID_EXTENSION_DATA");
        }
    }

    /**
     * A compressor and a decompressor hold about 300 KiB outside the heap, of which the garbage collector knows nothing: ten
     * thousand that were not ended would be 3 GB.
     */
    @Test
    @EnabledOnOs(OS.LINUX)
    void connectionsThatHaveEndedHoldNoNativeMemory() throws IOException {
        PermessageDeflate deflate = new PermessageDeflate(DeflateOptions.DEFAULT.with(o -> o.threshold(0)));
        try (ConnectionGroup group = new ConnectionGroup(Runnable::run)) {
            comeAndGo(deflate, group, 500);
            long before = residentMebibytes();
            comeAndGo(deflate, group, 10_000);
            assertThat(residentMebibytes() - before).isLessThan(200);
        }
    }

    private static void comeAndGo(PermessageDeflate deflate, ConnectionGroup group, int connections) {
        byte[] hello = frame(0xC1, hex("f2 48 cd c9 c9 07 00"));
        for (int i = 0; i < connections; i++) {
            Pipeline pipeline = Negotiation.accept(
                    List.of(deflate),
                    List.of(new ExtensionHeader(PermessageDeflate.NAME, List.of())),
                    1000,
                    Pipeline.Sizes.NONE);
            Pipe pipe = new Pipe();
            WebSocketConnection socket = new WebSocketConnection(
                    new HybiDriver(Version.HYBI_13, Limits.DEFAULT, Framing.DEFAULT, pipeline),
                    new WebSocketConnection.Peer("ws://test/", "/", "", pipeline.agreed(), null, "127.0.0.1"),
                    WebSocketOptions.DEFAULT,
                    WebSocketObserver.NONE,
                    group);
            socket.onMessage(socket::send);
            socket.open(pipe);
            pipe.peerWrites(hello);
            socket.onReadable();
            assertThat(pipe.receivedBytes()).startsWith(hex("c1 07 f2 48"));
            socket.terminate();
        }
    }

    private static long residentMebibytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    /** Whatever the application's observer does, no message gets lost that the peer's window must have. */
    @Test
    void anObserverThatThrowsEndsTheConnectionAndDoesNotSilenceIt() {
        Pipeline pipeline = Negotiation.accept(
                List.of(TestExtension.quick("one", Extension.RSV1)),
                List.of(new ExtensionHeader("one", List.of())),
                1000,
                (incoming, length, onWire) -> {
                    throw new IllegalStateException("thrown");
                });
        ConnectionFixture peer = open(WebSocketOptions.DEFAULT, pipeline);
        assertThat(peer.socket.send("1")).isFalse();
        assertThat(peer.socket.send("2")).isFalse();
        assertThat(peer.pipe.receivedBytes()).isEqualTo(join(hex("88 10 03 f3"), utf8("Internal error")));
    }

    @Nested
    class Compressed {

        private static final String LONG = "to and fro, ".repeat(20);

        private Pipeline deflate(PermessageDeflate deflate, List<String> sizes) {
            return Negotiation.accept(
                    List.of(deflate),
                    List.of(new ExtensionHeader(PermessageDeflate.NAME, List.of())),
                    1000,
                    (incoming, length, onWire) -> sizes.add(incoming + " " + length + " " + onWire));
        }

        private Pipeline deflate(PermessageDeflate deflate) {
            return deflate(deflate, new ArrayList<>());
        }

        private final PermessageDeflate forgetful = new PermessageDeflate(
                DeflateOptions.DEFAULT.with(o -> o.threshold(0).serverNoContextTakeover(true)));

        private byte first(ConnectionFixture peer) {
            return peer.pipe.receivedBytes()[0];
        }

        @Test
        void aMessageMayStayUncompressed() {
            ConnectionFixture peer = open(WebSocketOptions.DEFAULT, deflate(forgetful));
            peer.socket.send(LONG);
            assertThat(first(peer)).isEqualTo((byte) 0xC1);
            for (Runnable send : List.<Runnable>of(
                    () -> peer.socket.send(LONG, SendOptions.UNCOMPRESSED),
                    () -> peer.socket.send(Message.text(LONG), SendOptions.UNCOMPRESSED))) {
                peer.pipe.forgetReceived();
                send.run();
                assertThat(peer.pipe.receivedBytes())
                        .startsWith(hex("81 7e 00 f0"))
                        .endsWith(utf8("fro, "));
            }
            for (Runnable send : List.<Runnable>of(
                    () -> peer.socket.send(utf8(LONG), SendOptions.UNCOMPRESSED),
                    () -> peer.socket.send(ByteBuffer.wrap(utf8(LONG)), SendOptions.UNCOMPRESSED))) {
                peer.pipe.forgetReceived();
                send.run();
                assertThat(peer.pipe.receivedBytes())
                        .startsWith(hex("82 7e 00 f0"))
                        .endsWith(utf8("fro, "));
            }
            peer.pipe.forgetReceived();
            peer.socket.send(Message.text(LONG), SendOptions.DEFAULT);
            assertThat(first(peer)).isEqualTo((byte) 0xC1);
        }

        @Test
        void aBroadcastIsCompressedOnce() {
            Message message = Message.text(LONG);
            List<String> sizes = new ArrayList<>();
            byte[] before = null;
            for (int i = 0; i < 3; i++) {
                ConnectionFixture peer = open(WebSocketOptions.DEFAULT, deflate(forgetful, sizes));
                peer.socket.send(message);
                assertThat(before == null || java.util.Arrays.equals(before, peer.pipe.receivedBytes()))
                        .isTrue();
                before = peer.pipe.receivedBytes();
                assertThat(peer.observed).contains("sent 240");
            }
            assertThat(message.outgoing()).isSameAs(message.outgoing());
            assertThat(sizes).hasSize(3).containsOnly("false 240 " + (before.length - 2));
        }

        @Test
        void aBombClosesItsConnectionWith1009() {
            ConnectionFixture peer = open(WebSocketOptions.DEFAULT, deflate(forgetful));
            ExtensionMessage zeros = deflate(new PermessageDeflate(DeflateOptions.DEFAULT.with(o -> o.threshold(0))))
                    .outgoing()
                    .process(new ExtensionMessage(false, 0, new byte[1001], true));
            assertThat(zeros).isNotNull();
            peer.receive(frame(0xC2, zeros.data())).endOfInput();
            peer.assertClosed(1009, "Message inflates to more than max-length (1000 bytes)");
            assertThat(peer.observed).contains("violated MESSAGE_TOO_LONG");
        }
    }
}
