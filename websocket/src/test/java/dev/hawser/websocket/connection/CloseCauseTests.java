package dev.hawser.websocket.connection;

import static dev.hawser.websocket.protocol.Bytes.close;
import static dev.hawser.websocket.protocol.Bytes.frame;
import static dev.hawser.websocket.protocol.Bytes.hex;
import static dev.hawser.websocket.protocol.Bytes.text;
import static dev.hawser.websocket.protocol.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.CloseEvent;
import dev.hawser.websocket.CloseException;
import dev.hawser.websocket.ConnectFailedException.Response;
import dev.hawser.websocket.ConnectionStatistics;
import dev.hawser.websocket.ConnectionTracing;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.Version;
import dev.hawser.websocket.protocol.Driver;
import dev.hawser.websocket.protocol.Frame;
import dev.hawser.websocket.protocol.Violation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Why a connection has ended, and what went over it: what observers, operators and the log are told. */
class CloseCauseTests {

    private static final WebSocketOptions QUICK =
            WebSocketOptions.DEFAULT.with(options -> options.closeTimeout(Duration.ofMillis(100))
                    .maxBuffered(1600)
                    .limits(new dev.hawser.websocket.protocol.Limits(100, 100, 10)));

    private final List<ConnectionFixture> fixtures = new ArrayList<>();

    private ConnectionFixture open(WebSocketOptions options) {
        ConnectionFixture fixture = new ConnectionFixture(options).open();
        fixtures.add(fixture);
        return fixture;
    }

    @AfterEach
    void end() {
        fixtures.forEach(ConnectionFixture::close);
    }

    private static Arguments way(CloseCause cause, int code, String how, Consumer<ConnectionFixture> end) {
        return Arguments.of(cause, code, Named.of(how, end));
    }

    static Stream<Arguments> ends() {
        return Stream.of(
                way(CloseCause.PEER, 1000, "the peer closes", peer -> peer.receive(close(1000, ""))),
                way(CloseCause.PEER, 4000, "the peer closes, then resets", peer -> peer.receive(close(4000, ""))
                        .reset()),
                way(CloseCause.NETWORK, 1006, "a reset", ConnectionFixture::reset),
                way(CloseCause.NETWORK, 1006, "the end of the input", ConnectionFixture::endOfInput),
                way(CloseCause.NETWORK, 1006, "the container's word", peer -> peer.disconnect(new IOException("gone"))),
                way(CloseCause.VIOLATION, 1002, "an unknown opcode", peer -> peer.receive(frame(0x83, utf8("?")))),
                way(CloseCause.LIMIT, 1009, "a message too long", peer -> peer.receive(text("x".repeat(101)))),
                way(CloseCause.APPLICATION, 1000, "close()", peer -> {
                    peer.socket.close();
                    peer.receive(close(1000, ""));
                }),
                way(CloseCause.APPLICATION, 1006, "close() without an answer", peer -> peer.socket.close()),
                way(CloseCause.APPLICATION, 1006, "terminate()", peer -> peer.socket.terminate()),
                way(CloseCause.APPLICATION, 4001, "drop()", peer -> peer.socket.drop(4001, "")),
                way(CloseCause.APPLICATION, 1006, "a close frame", peer -> peer.socket.send(Frame.close(1000, ""))),
                way(CloseCause.APPLICATION, 4002, "a CloseException", peer -> {
                    peer.socket.onMessage(message -> {
                        throw new CloseException(4002, "");
                    });
                    peer.receive(text("?"));
                }),
                way(CloseCause.FAILURE, 1011, "a listener that throws", peer -> {
                    peer.socket.onMessage(message -> {
                        throw new IllegalStateException("broken");
                    });
                    peer.receive(text("?"));
                }),
                way(
                        CloseCause.AUTHENTICATION,
                        1008,
                        "an expired token",
                        peer -> peer.socket.drop(1008, "", CloseCause.AUTHENTICATION)),
                way(CloseCause.OPERATOR, 1012, "an operator", peer -> {
                    peer.socket.close(1012, "", CloseCause.OPERATOR);
                    peer.receive(close(1012, ""));
                }),
                way(
                        CloseCause.OPERATOR,
                        1006,
                        "an operator, without an answer",
                        peer -> peer.socket.close(1001, "", CloseCause.OPERATOR)),
                way(CloseCause.SLOW_CONSUMER, 1013, "a peer that does not read", peer -> {
                    peer.pipe.limitRoom(0);
                    for (int i = 0; i < 20; i++) {
                        peer.socket.send("x".repeat(99));
                    }
                }),
                way(CloseCause.SHUTDOWN, 1006, "a shutdown without an answer", peer -> peer.group.goAway()),
                way(CloseCause.SHUTDOWN, 1001, "a shutdown", peer -> {
                    peer.group.goAway();
                    peer.receive(close(1001, ""));
                }),
                way(CloseCause.SHUTDOWN, 1006, "the end of a shutdown", peer -> peer.group.terminate()));
    }

    @ParameterizedTest(name = "{2} is {0}, {1}")
    @MethodSource("ends")
    void theFirstReasonIsTheCause(CloseCause cause, int code, Consumer<ConnectionFixture> end) {
        ConnectionFixture peer = open(QUICK);
        end.accept(peer);
        await().until(() -> !peer.ends.isEmpty());
        assertThat(peer.ends).singleElement().satisfies(event -> {
            assertThat(event.cause()).isEqualTo(cause);
            assertThat(event.code()).isEqualTo(code);
        });
    }

    static Stream<Arguments> endsOfAClient() {
        return Stream.of(
                Arguments.of(CloseCause.SHUTDOWN, (Consumer<ClientConnection>) ClientConnection::goAway),
                Arguments.of(CloseCause.APPLICATION, (Consumer<ClientConnection>) ClientConnection::terminate),
                Arguments.of(CloseCause.OPERATOR, (Consumer<ClientConnection>)
                        socket -> socket.close(1001, "", CloseCause.OPERATOR)),
                Arguments.of(CloseCause.AUTHENTICATION, (Consumer<ClientConnection>)
                        socket -> socket.drop(1008, "", CloseCause.AUTHENTICATION)));
    }

    /** Its connection is there, but others do not send over it yet. */
    @ParameterizedTest
    @MethodSource("endsOfAClient")
    void theCauseIsNotLostWhereAClientIsSendingWhatHasWaited(CloseCause cause, Consumer<ClientConnection> end) {
        List<CloseEvent> ends = new CopyOnWriteArrayList<>();
        AtomicReference<ClientConnection> socket = new AtomicReference<>();
        AtomicReference<ClientConnection.Attempt> dialed = new AtomicReference<>();
        WebSocketObserver observer = new WebSocketObserver() {
            @Override
            public void closed(WebSocket closed, CloseEvent event, Duration open) {
                ends.add(event);
            }
        };
        ConnectionTracing tracing = new ConnectionTracing() {
            @Override
            public Scope sending(boolean text, int bytes) {
                end.accept(socket.get());
                return Scope.NONE;
            }
        };
        WebSocketConnection.Peer peer = new WebSocketConnection.Peer("ws://test/", "/", "", List.of(), null, "");
        try (ConnectionGroup group = ConnectionGroup.create()) {
            socket.set(new ClientConnection(
                    attempt -> {
                        dialed.set(attempt);
                        return () -> {};
                    },
                    peer,
                    Version.HYBI_13,
                    QUICK,
                    observer,
                    tracing,
                    group,
                    null));
            socket.get().start();
            socket.get().send("waits");
            Driver driver = Driver.forClient(Version.HYBI_13, QUICK.limits(), QUICK.framing(), Pipeline.NONE, () -> 0);
            Pipe pipe = new Pipe();
            WebSocketConnection connection = dialed.get().connected(driver, peer, Response.NONE, pipe);
            connection.open(pipe);
            await().until(() -> !ends.isEmpty());
        }
        assertThat(ends).extracting(CloseEvent::cause).containsExactly(cause);
    }

    @Test
    void aSilentPeerIsToldApartFromALostOne() {
        ConnectionFixture peer =
                open(QUICK.with(options -> options.ping(Duration.ofMillis(30)).pingTimeout(Duration.ofMillis(50))));
        await().until(() -> !peer.ends.isEmpty());
        assertThat(peer.ends).containsExactly(new CloseEvent(1006, "", CloseCause.HEARTBEAT, null));
    }

    @Test
    void theRuleThatWasBrokenIsNamedAndWhatFollowsIsNot() {
        ConnectionFixture peer = open(QUICK);
        peer.receive(frame(0x83, utf8("?")), text("x".repeat(101)));
        await().until(() -> !peer.ends.isEmpty());
        assertThat(peer.ends).extracting(CloseEvent::violation).containsExactly(Violation.UNKNOWN_OPCODE);
    }

    @Test
    void whatHasGoneOverItIsCounted() {
        ConnectionFixture peer = open(QUICK);
        peer.socket.send("four");
        peer.socket.send("three");
        peer.receive(text("sixsix"), frame(0x89, utf8("ping")), hex("81 80 00 00 00 00"));
        ConnectionStatistics open = peer.socket.statistics();
        assertThat(open.messagesSent()).isEqualTo(2);
        assertThat(open.bytesSent()).isEqualTo(9);
        assertThat(open.messagesReceived()).isEqualTo(2);
        assertThat(open.bytesReceived()).isEqualTo(6);
        assertThat(open.buffered()).isZero();
        assertThat(open.isSlow()).isFalse();
        assertThat(open.roundTrip()).isNull();
        peer.pipe.limitRoom(0);
        peer.socket.send("x".repeat(99));
        peer.socket.send("more");
        assertThat(peer.socket.statistics().isSlow()).isTrue();
        assertThat(peer.socket.statistics().buffered()).isEqualTo(peer.socket.bufferedAmount());
        peer.peerReads(1000);
        assertThat(peer.socket.statistics().isSlow()).isFalse();
    }

    @Test
    void whatHasEndedGrowsNoOlder() {
        ConnectionFixture peer = open(QUICK);
        peer.reset();
        await().until(() -> !peer.ends.isEmpty());
        ConnectionStatistics end = peer.socket.statistics();
        assertThat(end.age()).isPositive().isGreaterThanOrEqualTo(end.idle());
        assertThat(peer.socket.statistics()).isEqualTo(end);
    }

    @Test
    void theRoundTripIsThatOfTheLastPing() {
        ConnectionFixture peer = open(QUICK.with(options -> options.ping(Duration.ofMillis(30))));
        await().until(() -> peer.pipe.received().contains("ping 1"));
        peer.receive(frame(0x8a, utf8("1")));
        await().untilAsserted(
                        () -> assertThat(peer.socket.statistics().roundTrip()).isPositive());
        assertThat(peer.socket.statistics().age()).isGreaterThanOrEqualTo(Duration.ofMillis(30));
    }

    @Test
    void idsAreOfOneConnectionOnly() {
        assertThat(Stream.generate(() -> open(QUICK).socket.id()).limit(3)).doesNotHaveDuplicates();
    }
}
