package dev.hawser.websocket.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSourceObserver;
import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.CloseException;
import dev.hawser.websocket.ConnectionTracing;
import dev.hawser.websocket.ConnectionTracing.Scope;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.Version;
import dev.hawser.websocket.protocol.Bytes;
import dev.hawser.websocket.protocol.HybiDriver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What surrounds listeners and messages. */
class ConnectionTracingTests {

    private final Pipe pipe = new Pipe();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final ThreadLocal<Integer> depth = ThreadLocal.withInitial(() -> 0);
    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final ConnectionGroup group = new ConnectionGroup(executor);
    private final Tracing tracing = new Tracing();
    private final WebSocketConnection socket = new WebSocketConnection(
            new HybiDriver(
                    Version.HYBI_13,
                    WebSocketOptions.DEFAULT.limits(),
                    WebSocketOptions.DEFAULT.framing(),
                    Pipeline.NONE),
            new WebSocketConnection.Peer("ws://test/", "/", "", List.of(), null, "127.0.0.1"),
            WebSocketOptions.DEFAULT,
            WebSocketObserver.NONE,
            tracing,
            group);

    private final class Tracing implements ConnectionTracing {

        private Runnable meanwhile = () -> {};
        private boolean brokenLeave;

        private void check() {
            try {
                meanwhile.run();
            } catch (RuntimeException timeout) {
                events.add("locked");
            }
        }

        @Override
        public Scope enter() {
            check();
            events.add("enter");
            depth.set(depth.get() + 1);
            return new Scope() {
                @Override
                public void close() {
                    check();
                    events.add("leave");
                    depth.set(depth.get() - 1);
                    if (brokenLeave) {
                        throw new IllegalStateException("broken");
                    }
                }
            };
        }

        @Override
        public Scope receiving(boolean text, int bytes) {
            return message("receiving " + (text ? "text " : "binary ") + bytes);
        }

        @Override
        public Scope sending(boolean text, int bytes) {
            return message("sending " + (text ? "text " : "binary ") + bytes);
        }

        private Scope message(String what) {
            check();
            events.add(what);
            return new Scope() {
                @Override
                public void failed(Throwable thrown) {
                    events.add("failed " + thrown.getMessage());
                }

                @Override
                public void refused() {
                    events.add("refused");
                }

                @Override
                public void close() {
                    check();
                    events.add("end of " + what);
                }
            };
        }
    }

    @AfterEach
    void close() {
        group.close();
        executor.shutdownNow();
    }

    private void heard(String what) {
        events.add(what + " at " + depth.get());
    }

    private void receive(byte[]... frames) {
        pipe.peerWrites(Bytes.join(frames));
        socket.onReadable();
    }

    @Test
    void allThatAThreadCallsIsSurroundedOnceAndEachMessageWithinIt() {
        socket.onOpen(() -> heard("open"));
        socket.onMessage(message -> heard(message.text()));
        socket.onPing(payload -> heard("ping"));
        socket.open(pipe);
        assertThat(events).containsExactly("enter", "open at 1", "leave");
        events.clear();

        receive(Bytes.text("one"), Bytes.frame(0x89, Bytes.utf8("?")), Bytes.text("two"));

        assertThat(events)
                .containsExactly(
                        "enter",
                        "receiving text 3",
                        "one at 1",
                        "end of receiving text 3",
                        "ping at 1",
                        "receiving text 3",
                        "two at 1",
                        "end of receiving text 3",
                        "leave");
        assertThat(depth.get()).isZero();
    }

    @Test
    void theEndIsSurroundedOnWhateverThreadHearsOfIt() {
        socket.onClose((code, reason) -> heard("closed " + code));
        socket.open(pipe);
        events.clear();
        socket.terminate();
        await().untilAsserted(() -> assertThat(events).contains("leave"));
        assertThat(events).containsExactly("enter", "closed 1006 at 1", "leave");
    }

    @Test
    void whatAListenerThrowsIsTheFailureOfItsMessageAndTheErrorListenerIsStillSurrounded() {
        socket.onMessage(message -> {
            throw new CloseException(4000, "on purpose");
        });
        socket.onError(error -> heard("error"));
        socket.open(pipe);
        events.clear();
        receive(Bytes.text("one"));
        assertThat(events)
                .containsExactly(
                        "enter",
                        "receiving text 3",
                        "failed Closed with 4000: on purpose",
                        "error at 1",
                        "end of receiving text 3",
                        "leave");
    }

    @Test
    void aMessageIsSentWithinASurroundingOfItsOwnAndOneThatIsNotSentSaysSo() {
        socket.open(pipe);
        events.clear();
        socket.send("hello");
        socket.close();
        socket.send(new byte[4]);
        assertThat(events)
                .containsExactly(
                        "sending text 5",
                        "end of sending text 5",
                        "sending binary 4",
                        "refused",
                        "end of sending binary 4");
    }

    @Test
    void noLockIsHeldMeanwhile() throws Exception {
        tracing.meanwhile = () -> CompletableFuture.supplyAsync(socket::bufferedAmount)
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
        socket.onMessage(message -> socket.send("reply"));
        socket.open(pipe);
        receive(Bytes.text("one"));
        assertThat(events).contains("end of sending text 5", "leave").doesNotContain("locked");
    }

    @Test
    void whatTheSurroundingThrowsDoesNotStopTheConnection() {
        tracing.brokenLeave = true;
        socket.onError(error -> heard(error.getMessage()));
        socket.onMessage(message -> heard(message.text()));
        socket.open(pipe);
        receive(Bytes.text("one"));
        receive(Bytes.close(1000, ""));
        await().untilAsserted(() -> assertThat(group.size()).isZero());
    }

    @Test
    void theListenersOfAnEventStreamAreSurroundedToo() {
        EventSourceConnection stream = new EventSourceConnection(
                new EventSourceConnection.Client("http://test/", "/", "", null, "127.0.0.1", 0, 0),
                new EventSourceOptions(Duration.ofSeconds(3), Duration.ZERO, 1600, Map.of()),
                EventSourceObserver.NONE,
                tracing,
                group);
        stream.onClose(() -> heard("closed"));
        stream.open(pipe);
        stream.cut(CloseCause.APPLICATION);
        await().untilAsserted(() -> assertThat(events).containsExactly("enter", "closed at 1", "leave"));
    }

    @Test
    void whereNobodyTracesNothingIsMade() {
        ConnectionTracing none = ConnectionTracing.NONE;
        assertThat(none.enter()).isSameAs(Scope.NONE);
        assertThat(none.receiving(true, 1)).isSameAs(Scope.NONE);
        assertThat(none.sending(true, 1)).isSameAs(Scope.NONE);
    }
}
