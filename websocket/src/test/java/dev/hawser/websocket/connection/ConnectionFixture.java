package dev.hawser.websocket.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.CloseEvent;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.Version;
import dev.hawser.websocket.protocol.Bytes;
import dev.hawser.websocket.protocol.Driver;
import dev.hawser.websocket.protocol.HybiDriver;
import dev.hawser.websocket.protocol.Violation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection over a pipe, with all that it tells, and a container of one thread, which calls the connection as Tomcat
 * does.
 */
final class ConnectionFixture implements AutoCloseable {

    final Pipe pipe = new Pipe();
    final ConnectionGroup group;
    final WebSocketConnection socket;
    /** What listeners and the observer have heard, such as {@code message Hello} or {@code closed 1000 bye}. */
    final List<String> events = new CopyOnWriteArrayList<>();

    final List<String> observed = new CopyOnWriteArrayList<>();
    /** How it has ended. */
    final List<CloseEvent> ends = new CopyOnWriteArrayList<>();

    final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final ExecutorService container = Executors.newSingleThreadExecutor();

    ConnectionFixture(WebSocketOptions options, ConnectionGroup group) {
        this(new HybiDriver(Version.HYBI_13, options.limits(), options.framing(), Pipeline.NONE), options, group);
    }

    ConnectionFixture(WebSocketOptions options, Pipeline pipeline) {
        this(
                new HybiDriver(Version.HYBI_13, options.limits(), options.framing(), pipeline),
                options,
                ConnectionGroup.create());
    }

    ConnectionFixture(Driver driver, WebSocketOptions options, ConnectionGroup group) {
        this.group = group;
        socket = new WebSocketConnection(
                driver,
                new WebSocketConnection.Peer("ws://test/", "/", "", List.of(), null, "127.0.0.1"),
                options,
                new Observer(),
                group);
        socket.onOpen(() -> events.add("open"));
        socket.onMessage(message -> events.add("message " + describe(message)));
        socket.onFrame(frame -> events.add("frame " + frame.opcode() + " " + string(frame.payload())));
        socket.onPing(data -> events.add("ping " + string(data)));
        socket.onPong(data -> events.add("pong " + string(data)));
        socket.onError(error -> {
            errors.add(error);
            events.add("error");
        });
        socket.onClose((code, reason) -> events.add("closed " + code + " " + reason));
        socket.onDrain(() -> events.add("drain"));
        pipe.onResumeReading(() -> container.execute(this::dispatchReads));
    }

    ConnectionFixture(WebSocketOptions options) {
        this(options, ConnectionGroup.create());
    }

    ConnectionFixture() {
        this(WebSocketOptions.DEFAULT);
    }

    static ConnectionFixture opened(WebSocketOptions options) {
        return new ConnectionFixture(options).open();
    }

    private static String describe(Message message) {
        return message.isText() ? message.text() : string(message.bytes());
    }

    private static String string(ByteBuffer data) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        return Bytes.string(bytes);
    }

    ConnectionFixture open() {
        return inContainer(() -> socket.open(pipe));
    }

    /** The peer sends these bytes, and all listeners that they call have run when this returns. */
    ConnectionFixture receive(byte[]... parts) {
        pipe.peerWrites(Bytes.join(parts));
        return inContainer(this::dispatchReads);
    }

    /** As {@link #receive}, without waiting. */
    void receiveLater(byte[]... parts) {
        pipe.peerWrites(Bytes.join(parts));
        container.execute(this::dispatchReads);
    }

    ConnectionFixture endOfInput() {
        pipe.peerShutsOutput();
        return inContainer(this::dispatchReads);
    }

    ConnectionFixture reset() {
        pipe.peerResets();
        return inContainer(this::dispatchReads);
    }

    ConnectionFixture disconnect(@Nullable IOException cause) {
        return inContainer(() -> socket.onDisconnected(cause));
    }

    /** The peer reads so many bytes. */
    ConnectionFixture peerReads(long bytes) {
        return inContainer(() -> {
            if (pipe.makeRoom(bytes)) {
                socket.onWritable();
            }
        });
    }

    private void dispatchReads() {
        while (pipe.hasInput() && socket.onReadable()) {
            // The container's poller: there is more.
        }
    }

    private ConnectionFixture inContainer(Runnable task) {
        Future<?> done = container.submit(task);
        try {
            done.get(10, TimeUnit.SECONDS);
            return this;
        } catch (InterruptedException | ExecutionException | TimeoutException failed) {
            throw new AssertionError("The container's thread", failed);
        }
    }

    /** Waits for the end, and checks that it was told once, as the last event, and that nothing is left behind. */
    void assertClosed(int code, String reason) {
        String closed = "closed " + code + " " + reason;
        await().atMost(Duration.ofSeconds(10)).until(() -> events.contains(closed));
        await().until(() -> group.size() == 0);
        assertEnded(closed, code);
    }

    /** As {@link #assertClosed}, where others of the group are open still. */
    void assertClosedAlone(int code, String reason) {
        String closed = "closed " + code + " " + reason;
        await().atMost(Duration.ofSeconds(10)).until(() -> events.contains(closed));
        assertEnded(closed, code);
    }

    private void assertEnded(String closed, int code) {
        assertThat(events.stream().filter(event -> event.startsWith("closed"))).containsExactly(closed);
        assertThat(observed.stream().filter(event -> event.startsWith("closed")))
                .containsExactly("closed " + code);
        assertThat(pipe.isClosed()).isTrue();
        assertThat(socket.bufferedAmount()).isZero();
        assertThat(socket.send("too late")).isFalse();
        assertThat(socket.ping()).isFalse();
    }

    @Override
    public void close() {
        group.close();
        container.shutdownNow();
    }

    static Consumer<WebSocketOptions.Builder> patience(long millis) {
        return options -> options.closeTimeout(Duration.ofMillis(millis));
    }

    private final class Observer implements WebSocketObserver {

        @Override
        public void opened(WebSocket socket) {
            observed.add("opened");
        }

        @Override
        public void closed(WebSocket socket, CloseEvent event, Duration open) {
            observed.add("closed " + event.code());
            ends.add(event);
        }

        @Override
        public void received(boolean text, int bytes) {
            observed.add("received " + bytes);
        }

        @Override
        public void sent(boolean text, int bytes) {
            observed.add("sent " + bytes);
        }

        @Override
        public void transformed(boolean inbound, int length, int onWire) {
            observed.add((inbound ? "in " : "out ") + length + " as " + onWire);
        }

        @Override
        public void pong(Duration roundTrip) {
            observed.add("pong");
        }

        @Override
        public void violated(Violation violation) {
            observed.add("violated " + violation);
        }

        @Override
        public void listenerFailed(Throwable thrown) {
            observed.add("listener failed");
        }

        @Override
        public void overflowed() {
            observed.add("overflowed");
        }
    }
}
