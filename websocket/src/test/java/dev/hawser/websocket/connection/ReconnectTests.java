package dev.hawser.websocket.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.CloseException;
import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.ConnectFailedException.Response;
import dev.hawser.websocket.Reconnect;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.connection.WebSocketConnection.Peer;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.handshake.Version;
import dev.hawser.websocket.memory.MemoryBudget;
import dev.hawser.websocket.protocol.Bytes;
import dev.hawser.websocket.protocol.Driver;
import dev.hawser.websocket.protocol.Frame;
import dev.hawser.websocket.protocol.Opcode;
import dev.hawser.websocket.protocol.ReadyState;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client's socket over connections in memory, which come, fail and break when a test says so. */
class ReconnectTests {

    private static final Reconnect QUICKLY =
            new Reconnect(Duration.ofMillis(1), Duration.ofMinutes(1), 1, 0, Integer.MAX_VALUE);

    private final MemoryBudget budget = MemoryBudget.of(1_000_000);
    private final ConnectionGroup group = ConnectionGroup.create(budget);
    private final BlockingQueue<ClientConnection.Attempt> dialed = new LinkedBlockingQueue<>();
    private final AtomicInteger cancelled = new AtomicInteger();
    private final List<String> events = new CopyOnWriteArrayList<>();

    @AfterEach
    void end() {
        group.close();
    }

    private ClientConnection socket(@Nullable Reconnect reconnect, int maxBuffered) {
        ClientConnection socket = new ClientConnection(
                attempt -> {
                    dialed.add(attempt);
                    return cancelled::incrementAndGet;
                },
                new Peer("ws://test/", "/", "", List.of(), null, ""),
                Version.HYBI_13,
                WebSocketOptions.DEFAULT.with(
                        options -> options.maxBuffered(maxBuffered).closeTimeout(Duration.ofMillis(300))),
                WebSocketObserver.NONE,
                group,
                reconnect);
        socket.onReconnecting((attempt, delay, cause) ->
                events.add("reconnecting " + attempt + " " + delay.toMillis() + " " + cause.getMessage()));
        socket.onReconnect(() -> events.add("reconnect"));
        socket.onOpen(() -> events.add("open"));
        socket.onMessage(message -> events.add("message " + message.text()));
        socket.onError(error -> events.add("error " + error.getMessage()));
        socket.onDrain(() -> events.add("drain"));
        socket.onClose((code, reason) -> events.add("closed " + code + " " + reason));
        socket.start();
        return socket;
    }

    private ClientConnection socket(@Nullable Reconnect reconnect) {
        return socket(reconnect, 1 << 20);
    }

    private ClientConnection.Attempt dialed() throws InterruptedException {
        ClientConnection.Attempt attempt = dialed.poll(10, TimeUnit.SECONDS);
        assertThat(attempt).as("another attempt").isNotNull();
        return attempt;
    }

    /** The next attempt succeeds; the peer's end of it. */
    private Line connect() throws InterruptedException {
        return connect(new Line());
    }

    private Line connect(Line line) throws InterruptedException {
        Driver driver = Driver.forClient(
                Version.HYBI_13,
                WebSocketOptions.DEFAULT.limits(),
                WebSocketOptions.DEFAULT.framing(),
                Pipeline.NONE,
                () -> 0);
        Peer peer = new Peer("ws://test/", "/", "chat", List.of(), null, "127.0.0.1");
        WebSocketConnection connection =
                dialed().connected(driver, peer, new Response(101, Map.of(), new byte[0]), line.pipe);
        assertThat(connection).isNotNull();
        line.connection = connection;
        connection.open(line.pipe);
        return line;
    }

    private static ConnectFailedException failure(
            ConnectFailure failure, int status, Map<String, List<String>> headers) {
        return new ConnectFailedException(failure, "for a test", null, new Response(status, headers, new byte[0]));
    }

    /** One connection, as its peer sees it. */
    private static final class Line {

        private final Pipe pipe = new Pipe();
        private @Nullable WebSocketConnection connection;

        Line withRoom(long bytes) {
            pipe.limitRoom(bytes);
            return this;
        }

        void breaks() {
            pipe.peerResets();
            connection.onReadable();
        }

        void receives(String... frames) {
            for (String frame : frames) {
                pipe.peerWrites(Bytes.hex(frame));
            }
            connection.onReadable();
        }

        void endsInput() {
            pipe.peerShutsOutput();
            connection.onReadable();
        }

        /** The payload of each frame that came whole; a client's frames, with masks of zero. */
        List<String> received() {
            List<String> texts = new ArrayList<>();
            ByteBuffer in = ByteBuffer.wrap(pipe.receivedBytes());
            while (in.remaining() >= 6) {
                in.get();
                int length = in.get() & 0x7F;
                if (length == 126) {
                    length = in.getShort() & 0xFFFF;
                }
                in.getInt();
                if (in.remaining() < length) {
                    break;
                }
                byte[] payload = new byte[length];
                in.get(payload);
                texts.add(Bytes.string(payload));
            }
            return texts;
        }
    }

    private void awaitEvent(String event) {
        await().atMost(Duration.ofSeconds(10)).until(() -> events.contains(event));
    }

    @Test
    void whatIsSentBeforeItIsOpenLeavesFirst() throws Exception {
        ClientConnection socket = socket(null);
        assertThat(socket.send("one")).isTrue();
        assertThat(socket.send(new byte[] {'2'})).isTrue();
        assertThat(socket.bufferedAmount()).isEqualTo(4);
        assertThat(socket.state()).isEqualTo(ReadyState.CONNECTING);
        socket.onOpen(() -> socket.send("three"));
        Line line = connect();
        assertThat(line.received()).containsExactly("one", "2", "three");
        assertThat(events).containsExactly("open");
        assertThat(socket.state()).isEqualTo(ReadyState.OPEN);
        assertThat(socket.protocol()).isEqualTo("chat");
        assertThat(socket.remoteAddress()).isEqualTo("127.0.0.1");
        assertThat(socket.statusCode()).isEqualTo(101);
        assertThat(group.size()).isEqualTo(1);
    }

    @Test
    void partsFramesAndPingsNeedAnOpenConnection() throws Exception {
        ClientConnection socket = socket(null);
        assertThat(socket.sendFragment("a", false)).isFalse();
        assertThat(socket.sendFragment("b", true)).isFalse();
        assertThat(socket.send(Frame.text("c"))).isFalse();
        assertThat(socket.ping()).isFalse();
        assertThat(socket.pong(ByteBuffer.allocate(0))).isFalse();
        Line line = connect();
        assertThat(socket.sendFragment("d", false)).isTrue();
        assertThat(socket.sendFragment("e", true)).isTrue();
        assertThat(line.received()).containsExactly("d", "e");
    }

    @Test
    void withoutReconnectingALostConnectionIsTheEnd() throws Exception {
        ClientConnection socket = socket(null);
        connect().breaks();
        awaitEvent("closed 1006 ");
        assertThat(socket.state()).isEqualTo(ReadyState.CLOSED);
        assertThat(socket.send("late")).isFalse();
        assertThat(dialed).isEmpty();
        assertThat(group.size()).isZero();
    }

    @Test
    void anAttemptThatFailsIsToldAndIsTheEnd() throws Exception {
        ClientConnection socket = socket(null);
        dialed().failed(failure(ConnectFailure.UNEXPECTED_STATUS, 403, Map.of("X-Why", List.of("no"))));
        awaitEvent("closed 1006 ");
        assertThat(events).containsExactly("error unexpected-status: for a test", "closed 1006 ");
        assertThat(socket.statusCode()).isEqualTo(403);
        assertThat(socket.headers()).containsEntry("X-Why", List.of("no"));
        assertThat(group.size()).isZero();
    }

    @Test
    void aLostConnectionIsMadeAgain() throws Exception {
        ClientConnection socket = socket(QUICKLY);
        Line first = connect();
        socket.send("one");
        first.breaks();
        awaitEvent("reconnecting 1 1 The connection has ended with 1006");
        assertThat(socket.state()).isEqualTo(ReadyState.CONNECTING);
        assertThat(socket.send("two")).isTrue();
        assertThat(socket.bufferedAmount()).isEqualTo(3);
        dialed().failed(failure(ConnectFailure.UNREACHABLE, 0, Map.of()));
        awaitEvent("reconnecting 2 1 unreachable: for a test");
        socket.send("three");
        Line second = connect();
        assertThat(first.received()).containsExactly("one");
        assertThat(second.received()).containsExactly("two", "three");
        assertThat(events).doesNotContain("closed 1006 ");
        assertThat(events.subList(events.size() - 1, events.size())).containsExactly("reconnect");
        assertThat(events.stream().filter("open"::equals)).hasSize(1);
    }

    /** A text frame of 10 bytes takes 16: the second has left in part, the third not at all. */
    @Test
    void whatHasNotLeftWholeIsSentAgainAndNothingElse() throws Exception {
        ClientConnection socket = socket(QUICKLY);
        Line first = connect(new Line().withRoom(20));
        for (int i = 1; i <= 3; i++) {
            socket.send("message  " + i);
        }
        first.breaks();
        Line second = connect();
        assertThat(first.received()).containsExactly("message  1");
        await().untilAsserted(() -> assertThat(second.received()).containsExactly("message  2", "message  3"));
    }

    @Test
    void whatHasLeftToTheLastByteIsNotSentAgain() throws Exception {
        ClientConnection socket = socket(QUICKLY);
        Line first = connect(new Line().withRoom(32));
        for (int i = 1; i <= 3; i++) {
            socket.send("message  " + i);
        }
        first.breaks();
        Line second = connect();
        assertThat(first.received()).containsExactly("message  1", "message  2");
        await().untilAsserted(() -> assertThat(second.received()).containsExactly("message  3"));
    }

    @Test
    void messagesThatWaitForTheEndOfOneInPartsAreSentAgain() throws Exception {
        ClientConnection socket = socket(QUICKLY);
        Line first = connect();
        socket.sendFragment("begun", false);
        socket.send("held");
        first.breaks();
        awaitEvent("reconnecting 1 1 The connection has ended with 1006");
        assertThat(socket.sendFragment("more", false)).isFalse();
        Line second = connect();
        assertThat(socket.sendFragment("the rest", true)).isFalse();
        assertThat(socket.sendFragment("a new one", true)).isTrue();
        await().untilAsserted(() -> assertThat(second.received()).containsExactly("held", "a new one"));
        assertThat(first.received()).containsExactly("begun");
    }

    @Test
    void aConnectionThatBreaksWhileWhatWaitedIsSentLosesNothing() throws Exception {
        ClientConnection socket = socket(QUICKLY);
        for (int i = 1; i <= 3; i++) {
            socket.send("message  " + i);
        }
        Line first = new Line();
        first.pipe.onFlush(() -> {
            if (first.pipe.flushes() == 0) {
                first.pipe.peerResets();
            }
        });
        connect(first);
        Line second = connect();
        List<String> all = new ArrayList<>(first.received());
        await().untilAsserted(() -> assertThat(second.received()).endsWith("message  3"));
        all.addAll(second.received());
        assertThat(first.received()).hasSize(1);
        assertThat(all).containsExactly("message  1", "message  2", "message  3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"03 e9", "03 f3", "03 f4", "03 f5", "03 f6"})
    void whatTheServerClosesForAWhileIsMadeAgain(String code) throws Exception {
        socket(QUICKLY);
        Line line = connect();
        line.receives("88 02 " + code);
        line.endsInput();
        connect();
        awaitEvent("reconnect");
    }

    @ParameterizedTest
    @ValueSource(strings = {"03 e8", "03 ea", "03 eb", "03 ef", "03 f0", "03 f1", "03 f2", "0f a1"})
    void whatTheServerClosesForGoodIsTheEnd(String code) throws Exception {
        ClientConnection socket = socket(QUICKLY);
        Line line = connect();
        line.receives("88 02 " + code);
        assertThat(socket.send("queued for a connection that will not come")).isTrue();
        line.endsInput();
        awaitEvent("closed " + Integer.parseInt(code.replace(" ", ""), 16) + " ");
        assertThat(socket.send("late")).isFalse();
        assertThat(socket.bufferedAmount()).isZero();
        assertThat(group.size()).isZero();
    }

    @Test
    void aListenerThatThrowsIsTheEnd() throws Exception {
        ClientConnection socket = socket(QUICKLY);
        socket.onMessage(message -> {
            throw new IllegalStateException("thrown");
        });
        Line line = connect();
        line.receives("81 01 61");
        line.endsInput();
        awaitEvent("closed 1011 Internal error");
        assertThat(events).contains("error thrown");
        assertThat(dialed).isEmpty();
    }

    @Test
    void aListenerThatClosesWithACodeOfItsOwnIsTheEnd() throws Exception {
        ClientConnection socket = socket(QUICKLY);
        socket.onMessage(message -> {
            throw new CloseException(1013, "Not now");
        });
        Line line = connect();
        line.receives("81 01 61");
        line.endsInput();
        awaitEvent("closed 1013 Not now");
        assertThat(events).contains("error Closed with 1013: Not now");
        assertThat(dialed).isEmpty();
    }

    @Test
    void aListenerOfReconnectingMayCloseWithACodeOfItsOwn() throws Exception {
        ClientConnection socket = socket(QUICKLY);
        socket.onReconnecting((attempt, delay, cause) -> {
            throw new CloseException(4002, "Rather not");
        });
        connect().breaks();
        awaitEvent("closed 4002 Rather not");
        assertThat(events).contains("error Closed with 4002: Rather not");
        assertThat(dialed).isEmpty();
    }

    @Test
    void aPeerThatBreaksTheProtocolIsTheEnd() throws Exception {
        socket(QUICKLY);
        Line line = connect();
        line.receives("81 81 00 00 00 00 61");
        line.endsInput();
        await().until(() -> events.stream().anyMatch(event -> event.startsWith("closed 1002")));
    }

    @Test
    void attemptsAreCounted() throws Exception {
        socket(new Reconnect(Duration.ofMillis(1), Duration.ofMinutes(1), 2, 0, 2));
        dialed().failed(failure(ConnectFailure.UNKNOWN_HOST, 0, Map.of()));
        dialed().failed(failure(ConnectFailure.CONNECT_TIMEOUT, 0, Map.of()));
        dialed().failed(failure(ConnectFailure.DISCONNECTED, 0, Map.of()));
        awaitEvent("closed 1006 ");
        assertThat(events)
                .containsExactly(
                        "reconnecting 1 1 unknown-host: for a test",
                        "reconnecting 2 2 connect-timeout: for a test",
                        "error disconnected: for a test",
                        "closed 1006 ");
    }

    @Test
    void aConnectionThatLastedBeginsTheCountAnew() throws Exception {
        Reconnect brief = new Reconnect(Duration.ofNanos(1), Duration.ofNanos(1), 1, 0, 1);
        socket(brief);
        for (int i = 0; i < 3; i++) {
            Line line = connect();
            long opened = System.nanoTime();
            await().until(() -> System.nanoTime() - opened > 1);
            line.breaks();
        }
        connect();
        assertThat(events.stream().filter(event -> event.startsWith("reconnecting")))
                .allMatch(event -> event.startsWith("reconnecting 1 "));
    }

    @ParameterizedTest
    @EnumSource(ConnectFailure.class)
    void onlyWhatMayBeOtherNextTimeIsTriedAgain(ConnectFailure failure) {
        List<ConnectFailure> temporary = List.of(
                ConnectFailure.UNKNOWN_HOST,
                ConnectFailure.UNREACHABLE,
                ConnectFailure.CONNECT_TIMEOUT,
                ConnectFailure.HANDSHAKE_TIMEOUT,
                ConnectFailure.DISCONNECTED,
                ConnectFailure.PROXY_REFUSED);
        assertThat(Reconnect.DEFAULT.follows(failure(failure, 0, Map.of()))).isEqualTo(temporary.contains(failure));
        boolean byStatus = failure == ConnectFailure.PROXY_REFUSED || failure == ConnectFailure.UNEXPECTED_STATUS;
        if (byStatus) {
            for (int status : new int[] {408, 425, 429, 500, 503, 599}) {
                assertThat(Reconnect.DEFAULT.follows(failure(failure, status, Map.of())))
                        .isTrue();
            }
            for (int status : new int[] {200, 302, 400, 403, 404, 499, 600}) {
                assertThat(Reconnect.DEFAULT.follows(failure(failure, status, Map.of())))
                        .isFalse();
            }
        }
    }

    @Test
    void aServerMaySayHowLongToWait() throws Exception {
        socket(new Reconnect(Duration.ofMillis(1), Duration.ofSeconds(20), 1, 0, 9));
        Map<String, List<String>> tomorrow = Map.of("Retry-After", List.of("86400"));
        dialed().failed(failure(ConnectFailure.UNEXPECTED_STATUS, 503, tomorrow));
        awaitEvent("reconnecting 1 20000 unexpected-status: for a test");
    }

    @Test
    void delaysGrowUpToALimitAndChanceShortensThem() {
        Reconnect policy = new Reconnect(Duration.ofSeconds(1), Duration.ofSeconds(30), 2, 0.5, 99);
        assertThat(policy.delay(1, 0)).isEqualTo(Duration.ofSeconds(1));
        assertThat(policy.delay(3, 0)).isEqualTo(Duration.ofSeconds(4));
        assertThat(policy.delay(3, 0.5)).isEqualTo(Duration.ofSeconds(3));
        assertThat(policy.delay(2000, 0)).isEqualTo(Duration.ofSeconds(30));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Reconnect(Duration.ZERO, Duration.ZERO, 2, 0.5, 1))
                .withMessageContaining("initial-delay");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Reconnect(Duration.ofSeconds(2), Duration.ofSeconds(1), 2, 0.5, 1))
                .withMessageContaining("max-delay");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Reconnect(Duration.ofSeconds(1), Duration.ofSeconds(1), Double.NaN, 0.5, 1))
                .withMessageContaining("multiplier");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Reconnect(Duration.ofSeconds(1), Duration.ofSeconds(1), 2, 1.1, 1))
                .withMessageContaining("jitter");
    }

    @Test
    void closingGivesUpAnAttempt() throws Exception {
        ClientConnection socket = socket(QUICKLY);
        ClientConnection.Attempt attempt = dialed();
        socket.send("dropped");
        socket.terminate();
        awaitEvent("closed 1006 ");
        assertThat(cancelled).hasValue(1);
        assertThat(group.size()).isZero();
        assertThat(socket.bufferedAmount()).isZero();
        attempt.failed(failure(ConnectFailure.UNREACHABLE, 0, Map.of()));
        assertThat(attempt.connected(
                        Driver.forClient(
                                Version.HYBI_13,
                                WebSocketOptions.DEFAULT.limits(),
                                WebSocketOptions.DEFAULT.framing(),
                                Pipeline.NONE,
                                () -> 0),
                        new Peer("", "", "", List.of(), null, ""),
                        Response.NONE,
                        new Pipe()))
                .isNull();
        assertThat(events).containsExactly("closed 1006 ");
    }

    @Test
    void closingWaitsForTheAttemptIfThereIsSomethingToSend() throws Exception {
        ClientConnection socket = socket(QUICKLY);
        socket.send("last words");
        socket.close(4001, "bye");
        assertThat(socket.send("too late")).isFalse();
        Line line = connect();
        assertThat(line.received()).containsExactly("last words", Bytes.string(Bytes.hex("0f a1 62 79 65")));
        line.receives("88 02 0f a1");
        line.endsInput();
        awaitEvent("closed 4001 ");
        assertThat(events).doesNotContain("closed 1006 ");
        assertThat(dialed).isEmpty();
    }

    @Test
    void closingWaitsForOneAttemptOnly() throws Exception {
        ClientConnection socket = socket(QUICKLY);
        socket.send("last words");
        socket.close();
        dialed().failed(failure(ConnectFailure.UNREACHABLE, 0, Map.of()));
        awaitEvent("closed 1006 ");
        assertThat(group.size()).isZero();
    }

    @Test
    void anErrorListenerThatComesLateHearsWhy() throws Exception {
        ClientConnection socket = socket(null);
        dialed().failed(failure(ConnectFailure.WRONG_ACCEPT, 101, Map.of()));
        awaitEvent("closed 1006 ");
        socket.onError(error -> events.add("late " + error.getMessage()));
        awaitEvent("late wrong-accept: for a test");
    }

    @Test
    void closingBetweenAttemptsMeansThatThereIsNoOther() throws Exception {
        ClientConnection socket = socket(new Reconnect(Duration.ofMillis(700), Duration.ofMinutes(1), 1, 0, 9));
        connect().breaks();
        awaitEvent("reconnecting 1 700 The connection has ended with 1006");
        socket.terminate();
        awaitEvent("closed 1006 ");
        assertThat(dialed.poll(900, TimeUnit.MILLISECONDS)).isNull();
        assertThat(group.size()).isZero();
    }

    @Test
    void whatTheApplicationClosesIsNotMadeAgain() throws Exception {
        ClientConnection socket = socket(QUICKLY);
        Line line = connect();
        socket.close(4001, "bye");
        assertThat(socket.send("late")).isFalse();
        line.breaks(); // instead of an answer
        awaitEvent("closed 1006 ");
        assertThat(dialed).isEmpty();
    }

    @Test
    void aGroupThatGoesAwayMakesNoConnectionAgain() throws Exception {
        socket(QUICKLY);
        ClientConnection waiting = socket(QUICKLY);
        Line line = connect();
        dialed();
        group.goAway();
        line.receives("88 02 03 e9");
        line.endsInput();
        await().until(() -> group.size() == 0);
        awaitEvent("closed 1001 ");
        awaitEvent("closed 1006 ");
        assertThat(waiting.state()).isEqualTo(ReadyState.CLOSED);
        assertThat(dialed).isEmpty();
    }

    @Test
    void whatWaitsForAConnectionCountsOnTheBudget() throws Exception {
        ClientConnection socket = socket(QUICKLY);
        socket.send("x".repeat(100_000));
        socket.send("x".repeat(200_000));
        assertThat(budget.used()).isEqualTo(300_000);
        Line line = connect();
        awaitEvent("open");
        assertThat(budget.used()).isZero();
        line.pipe.limitRoom(0);
        socket.send("x".repeat(100_000));
        line.breaks();
        awaitEvent("reconnecting 1 1 The connection has ended with 1006");
        assertThat(budget.used()).isEqualTo(100_000);
        socket.terminate();
        await().until(() -> budget.used() == 0);
    }

    @Test
    void whoeverHoldsMostOfTheMemoryWhileItWaitsIsClosed() throws Exception {
        ClientConnection greedy = socket(QUICKLY);
        greedy.send("x".repeat(700_000));
        ClientConnection modest = socket(null);
        modest.send("x".repeat(400_000));
        awaitEvent("closed 1013 No memory to spare for what waits");
        assertThat(greedy.state()).isEqualTo(ReadyState.CLOSED);
        assertThat(modest.state()).isEqualTo(ReadyState.CONNECTING);
        assertThat(budget.used()).isEqualTo(400_000);
    }

    /** Whatever the thread that would end it does meanwhile. */
    @Test
    void whoeverIsToBeClosedForMemoryTakesNoMore() throws Exception {
        AtomicBoolean release = new AtomicBoolean();
        ClientConnection socket = socket(QUICKLY);
        group.schedule(() -> await().untilTrue(release), Duration.ZERO);
        socket.send("x".repeat(700_000));
        MemoryBudget.Share other = budget.open(() -> {});
        other.outgoing(400_000);
        assertThat(socket.send("x")).isFalse();
        assertThat(socket.state()).isEqualTo(ReadyState.CLOSED);
        assertThat(budget.used()).isEqualTo(400_000);
        release.set(true);
    }

    @Test
    void whatWaitsForAConnectionIsBounded() throws Exception {
        ClientConnection socket = socket(QUICKLY, 1600);
        dialed();
        assertThat(socket.send("x".repeat(84))).isTrue();
        assertThat(socket.send("x".repeat(1400))).isFalse();
        assertThat(socket.send("x".repeat(200))).isFalse();
        assertThat(socket.state()).isEqualTo(ReadyState.CONNECTING);
        assertThat(socket.send("too much")).isFalse();
        awaitEvent("closed 1013 Too much waits for a connection");
        assertThat(cancelled).hasValue(1);
    }

    @Test
    void whoWasAskedToWaitHearsWhenEverythingHasLeft() throws Exception {
        ClientConnection socket = socket(QUICKLY, 1600);
        assertThat(socket.send("x".repeat(101))).isFalse();
        Line line = connect();
        awaitEvent("drain");
        assertThat(line.received()).hasSize(1);
    }

    private static final class ReadingLine {

        private final Line line = new Line();
        private final AtomicInteger resumed = new AtomicInteger();

        ReadingLine() {
            line.pipe.onResumeReading(resumed::incrementAndGet);
        }
    }

    private ClientConnection withoutListeners() {
        ClientConnection socket = new ClientConnection(
                attempt -> {
                    dialed.add(attempt);
                    return () -> {};
                },
                new Peer("ws://test/", "/", "", List.of(), null, ""),
                Version.HYBI_13,
                WebSocketOptions.DEFAULT,
                WebSocketObserver.NONE,
                group,
                null);
        socket.start();
        return socket;
    }

    /** An application adds its listeners after {@code connect} has returned. */
    @Test
    void nothingIsReadBeforeThereIsAListenerForMessages() throws Exception {
        ClientConnection socket = withoutListeners();
        ReadingLine reading = new ReadingLine();
        connect(reading.line);
        assertThat(reading.resumed).hasValue(0);
        socket.onMessage(message -> {});
        assertThat(reading.resumed).hasValue(1);
    }

    @Test
    void withoutAListenerForMessagesReadingBeginsAfterAWhile() throws Exception {
        withoutListeners();
        ReadingLine reading = new ReadingLine();
        connect(reading.line);
        await().until(() -> reading.resumed.get() == 1);
    }

    @Test
    void theAnswerToClosingIsReadWhoeverListens() throws Exception {
        ClientConnection socket = withoutListeners();
        ReadingLine reading = new ReadingLine();
        connect(reading.line);
        socket.close();
        assertThat(reading.resumed).hasValue(1);
    }

    @Test
    void theAnswerIsReadThoughAListenerHasThrown() throws Exception {
        ClientConnection socket = withoutListeners();
        socket.onOpen(() -> {
            throw new IllegalStateException("thrown");
        });
        ReadingLine reading = new ReadingLine();
        connect(reading.line);
        assertThat(reading.resumed).hasValue(1);
    }

    @Test
    void noMessageOfManyThreadsIsLostOrDoubledWhileConnectionsBreak() throws Exception {
        ClientConnection socket = socket(QUICKLY, 1 << 26);
        int each = 3000;
        List<Thread> senders = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            int number = t;
            Thread sender = new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    socket.send(number + " " + i);
                }
            });
            senders.add(sender);
            sender.start();
        }
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Line line = connect(new Line().withRoom(1000 + 777L * i));
            lines.add(line);
            line.breaks();
        }
        for (Thread sender : senders) {
            sender.join();
        }
        Line last = connect();
        lines.add(last);
        await().until(() -> socket.bufferedAmount() == 0);
        List<String> all =
                lines.stream().flatMap(line -> line.received().stream()).toList();
        assertThat(all).hasSize(3 * each);
        for (int t = 0; t < 3; t++) {
            String prefix = t + " ";
            List<Integer> numbers = all.stream()
                    .filter(text -> text.startsWith(prefix))
                    .map(text -> Integer.valueOf(text.substring(2)))
                    .toList();
            assertThat(numbers).hasSize(each).isSorted().doesNotHaveDuplicates();
        }
    }

    @Test
    void aCloseFrameOfTheApplicationIsTheEndToo() throws Exception {
        ClientConnection socket = socket(QUICKLY);
        Line line = connect();
        assertThat(socket.send(Frame.of(Opcode.CLOSE, Bytes.hex("0f a1")))).isTrue();
        line.receives("88 02 03 e9");
        line.endsInput();
        awaitEvent("closed 1001 ");
        assertThat(dialed).isEmpty();
    }
}
