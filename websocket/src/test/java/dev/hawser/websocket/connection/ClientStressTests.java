package dev.hawser.websocket.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.ConnectFailedException.Response;
import dev.hawser.websocket.Reconnect;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.connection.WebSocketConnection.Peer;
import dev.hawser.websocket.extension.Negotiation;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.extension.deflate.DeflateOptions;
import dev.hawser.websocket.extension.deflate.PermessageDeflate;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.handshake.Version;
import dev.hawser.websocket.protocol.Driver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client over sockets in memory that break where they are told to, ended at every stage and moment, with listeners that throw everywhere. */
@Timeout(60)
class ClientStressTests {

    private static final Reconnect SOON = new Reconnect(Duration.ofMillis(1), Duration.ofMillis(2), 1, 0, 1_000_000);
    private static final Peer PEER = new Peer("ws://test/", "/", "", List.of(), null, "");

    private final ConnectionGroup group = ConnectionGroup.create();
    private final List<ClientConnection.Attempt> dialed = new CopyOnWriteArrayList<>();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final AtomicInteger cancelled = new AtomicInteger();

    @AfterEach
    void end() {
        group.close();
    }

    private ClientConnection socket(WebSocketOptions options, Reconnect reconnect) {
        return listen(new ClientConnection(
                attempt -> {
                    dialed.add(attempt);
                    return cancelled::incrementAndGet;
                },
                PEER,
                Version.HYBI_13,
                options,
                WebSocketObserver.NONE,
                group,
                reconnect));
    }

    private ClientConnection listen(ClientConnection socket) {
        socket.onOpen(() -> events.add("open"));
        socket.onMessage(message -> events.add("message"));
        socket.onError(error -> events.add("error"));
        socket.onClose((code, reason) -> events.add("close " + code));
        socket.onReconnecting((attempt, delay, cause) -> events.add("reconnecting " + attempt));
        socket.onReconnect(() -> events.add("reconnected"));
        return socket;
    }

    private static Driver driver(WebSocketOptions options, Pipeline pipeline) {
        return Driver.forClient(Version.HYBI_13, options.limits(), options.framing(), pipeline, () -> 0x37fa213d);
    }

    private ClientConnection.Attempt awaitAttempt(int number) {
        await().until(() -> dialed.size() >= number);
        return dialed.get(number - 1);
    }

    private WebSocketConnection connect(int attempt, Wire wire) {
        WebSocketConnection connection = awaitAttempt(attempt)
                .connected(driver(WebSocketOptions.DEFAULT, Pipeline.NONE), PEER, Response.NONE, wire);
        assertThat(connection).isNotNull();
        return connection;
    }

    // ---- Attempts.

    /** The last attempts have opened nothing; only "a connection that has lasted" begins the count anew. */
    @Test
    void connectionsThatBreakBeforeTheyAreOpenCountAsAttempts() {
        Reconnect policy = new Reconnect(Duration.ofMillis(1), Duration.ofMillis(2), 1, 0, 3);
        ClientConnection socket = socket(WebSocketOptions.DEFAULT, policy);
        socket.start();
        Wire wire = new Wire();
        WebSocketConnection first = connect(1, wire);
        first.open(wire);
        await().until(() -> events.contains("open"));
        first.onDisconnected(new IOException("Connection reset"));
        for (int i = 2; i <= 4; i++) { // each is through the handshake, and cut before it is open
            connect(i, new Wire()).onDisconnected(new IOException("Connection reset"));
        }
        await().atMost(Duration.ofSeconds(5)).until(() -> dialed.size() > 4 || events.contains("close 1006"));
        assertThat(events)
                .containsExactly("open", "error", "reconnecting 1", "reconnecting 2", "reconnecting 3", "close 1006");
    }

    @Test
    void emptyMessagesThatWaitAreBoundedToo() {
        ClientConnection socket = socket(WebSocketOptions.DEFAULT.with(o -> o.maxBuffered(1000)), null);
        socket.start();
        boolean go = true;
        for (int i = 0; i < 1_000_000 && go; i++) {
            go = socket.send("");
        }
        assertThat(go).as("somebody was asked to wait").isFalse();
    }

    /** A listener may wait for another thread that uses the same socket: nothing is locked while it runs. */
    @Test
    void noListenerRunsUnderTheLockThoughTheExecutorRunsItInTheCaller() throws Exception {
        ConnectionGroup direct = new ConnectionGroup(Runnable::run);
        ClientConnection socket = new ClientConnection(
                attempt -> {
                    dialed.add(attempt);
                    return () -> {};
                },
                PEER,
                Version.HYBI_13,
                WebSocketOptions.DEFAULT,
                WebSocketObserver.NONE,
                direct,
                null);
        ExecutorService other = Executors.newSingleThreadExecutor();
        List<String> seen = new CopyOnWriteArrayList<>();
        socket.onClose((code, reason) -> {
            try {
                seen.add("state " + other.submit(socket::state).get(2, TimeUnit.SECONDS));
            } catch (Exception locked) {
                seen.add(locked.toString());
            }
        });
        socket.start();
        dialed.get(0).connected(driver(WebSocketOptions.DEFAULT, Pipeline.NONE), PEER, Response.NONE, new Wire());
        socket.terminate(); // before it is open
        other.shutdown();
        direct.close();
        assertThat(seen).containsExactly("state CLOSED");
    }

    @Test
    void aSocketThatWasClosedBeforeItWasOpenIsNotCalledOpen() {
        ClientConnection socket = socket(WebSocketOptions.DEFAULT, null);
        socket.start();
        Wire wire = new Wire();
        WebSocketConnection connection = connect(1, wire);
        wire.onFlush = () -> {};
        ExecutorService opener = Executors.newSingleThreadExecutor();
        socket.send("waits");
        wire.onFlush = socket::terminate; // in the middle of sending what waits
        opener.execute(() -> connection.open(wire));
        await().until(() -> events.stream().anyMatch(e -> e.startsWith("close")));
        opener.shutdown();
        assertThat(events).containsExactly("close 1006");
        assertThat(group.size()).isZero();
    }

    /** At each stage: onClose once, nothing is dialed afterwards, nothing is left. */
    @ParameterizedTest
    @CsvSource({
        "dialing, close", "dialing, terminate", "dialing, goAway", "dialing, drop",
        "between, close", "between, terminate", "between, goAway", "between, drop",
        "connected, close", "connected, terminate", "connected, goAway", "connected, drop",
        "open, close", "open, terminate", "open, goAway", "open, drop",
        "closing, close", "closing, terminate", "closing, goAway", "closing, drop",
    })
    void closingEndsItOnce(String stage, String how) {
        ClientConnection socket = socket(
                WebSocketOptions.DEFAULT.with(o -> o.closeTimeout(Duration.ofMillis(100))),
                new Reconnect(Duration.ofMillis(50), Duration.ofMillis(50), 1, 0, 100));
        socket.start();
        Wire wire = new Wire();
        WebSocketConnection connection = null;
        if (!stage.equals("dialing")) {
            connection = awaitAttempt(1)
                    .connected(
                            driver(
                                    WebSocketOptions.DEFAULT.with(o -> o.closeTimeout(Duration.ofMillis(100))),
                                    Pipeline.NONE),
                            PEER,
                            Response.NONE,
                            wire);
        }
        if (connection != null && !stage.equals("connected")) {
            connection.open(wire);
        }
        if (connection != null && stage.equals("between")) {
            connection.onDisconnected(null);
            await().until(() -> events.contains("reconnecting 1"));
        } else if (stage.equals("closing")) {
            socket.close();
        }
        switch (how) {
            case "close" -> socket.close();
            case "terminate" -> socket.terminate();
            case "goAway" -> socket.goAway();
            default -> socket.drop();
        }
        if (connection != null && stage.equals("connected")) {
            connection.open(wire);
        }
        await().until(() -> events.stream().anyMatch(e -> e.startsWith("close")));
        await().until(() -> group.size() == 0);
        int attempts = dialed.size();
        await().during(Duration.ofMillis(150)).until(() -> dialed.size() == attempts);
        assertThat(events.stream().filter(e -> e.startsWith("close"))).hasSize(1);
        assertThat(socket.send("too late")).isFalse();
        assertThat(socket.bufferedAmount()).isZero();
    }

    /** Every listener throws. */
    @ParameterizedTest
    @ValueSource(strings = {"open", "reconnecting", "reconnect", "error", "close", "drain"})
    void aListenerThatThrowsEndsInOneOnClose(String which) {
        ClientConnection socket = socket(
                WebSocketOptions.DEFAULT.with(o -> o.closeTimeout(Duration.ofMillis(100))),
                new Reconnect(Duration.ofMillis(1), Duration.ofMillis(2), 1, 0, 3));
        Runnable thrower = () -> {
            throw new IllegalStateException("thrown");
        };
        switch (which) {
            case "open" -> socket.onOpen(thrower);
            case "reconnecting" -> socket.onReconnecting((a, d, c) -> thrower.run());
            case "reconnect" -> socket.onReconnect(thrower);
            case "error" -> socket.onError(e -> thrower.run());
            case "close" -> socket.onClose((c, r) -> thrower.run());
            default -> socket.onDrain(thrower);
        }
        socket.start();
        for (int i = 1; i <= 2 && events.stream().noneMatch(e -> e.startsWith("close")); i++) {
            int number = i;
            await().until(() -> dialed.size() >= number || events.stream().anyMatch(e -> e.startsWith("close")));
            if (dialed.size() >= number) {
                Wire wire = new Wire();
                WebSocketConnection connection = connect(number, wire);
                connection.open(wire);
                connection.onDisconnected(new IOException("Connection reset"));
            }
        }
        await().until(() -> dialed.size() >= 3 || events.stream().anyMatch(e -> e.startsWith("close")));
        if (dialed.size() >= 3) {
            dialed.get(2).failed(new ConnectFailedException(ConnectFailure.TLS_FAILED, "no", null));
        }
        await().until(() -> events.stream().anyMatch(e -> e.startsWith("close")));
        await().until(() -> group.size() == 0);
        assertThat(events.stream().filter(e -> e.startsWith("close"))).hasSize(1);
    }

    /** Ended from outside at any moment, while connections come and go: onClose once, and nothing is left. */
    @ParameterizedTest
    @ValueSource(strings = {"close", "terminate", "goAway", "drop", "group"})
    void endingAtAnyMomentEndsItOnce(String how) throws Exception {
        ExecutorService network = Executors.newCachedThreadPool();
        WebSocketOptions options = WebSocketOptions.DEFAULT.with(o -> o.closeTimeout(Duration.ofMillis(50)));
        for (int i = 0; i < 400; i++) {
            Random random = new Random(i);
            ConnectionGroup own = ConnectionGroup.create();
            AtomicInteger closed = new AtomicInteger();
            AtomicBoolean over = new AtomicBoolean();
            ClientConnection socket = new ClientConnection(
                    attempt -> {
                        long seed = random.nextLong();
                        if (closed.get() > 0) {
                            closed.addAndGet(100); // dialed after its end
                        }
                        network.execute(() ->
                                network(attempt, options, false, new Random(seed), new CopyOnWriteArrayList<>(), over));
                        return () -> {};
                    },
                    PEER,
                    Version.HYBI_13,
                    options,
                    WebSocketObserver.NONE,
                    own,
                    SOON);
            socket.onClose((code, reason) -> closed.incrementAndGet());
            socket.start();
            CountDownLatch empty = new CountDownLatch(1);
            int spins = new Random(i).nextInt(200_000);
            network.execute(() -> {
                for (int n = 0; n < 100; n++) {
                    socket.send("x".repeat(n * 10));
                }
            });
            for (int n = 0; n < spins; n++) {
                Thread.onSpinWait();
            }
            switch (how) {
                case "close" -> socket.close();
                case "terminate" -> socket.terminate();
                case "goAway" -> socket.goAway();
                case "drop" -> socket.drop();
                default -> own.goAway(empty::countDown);
            }
            if (how.equals("group")) {
                assertThat(empty.await(5, TimeUnit.SECONDS)).isTrue();
            }
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> closed.get() > 0 && own.size() == 0);
            assertThat(closed.get()).isEqualTo(1);
            over.set(true);
            own.close();
        }
        network.shutdownNow();
    }

    // ---- Messages.

    /**
     * Senders on several threads, connections that break at any point, in the middle of messages too: each message
     * leaves exactly once, and those of one sender in their order.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void eachMessageLeavesOnceAndInOrder(long seed) throws Exception {
        boolean deflate = seed % 2 == 0;
        Random random = new Random(seed);
        WebSocketOptions options = WebSocketOptions.DEFAULT.with(o -> o.maxBuffered(1 << 30));
        ExecutorService network = Executors.newCachedThreadPool();
        List<Wire> wires = new CopyOnWriteArrayList<>();
        AtomicBoolean calm = new AtomicBoolean();
        ClientConnection socket = new ClientConnection(
                attempt -> {
                    long next = random.nextLong();
                    network.execute(() -> network(attempt, options, deflate, new Random(next), wires, calm));
                    return () -> {};
                },
                PEER,
                Version.HYBI_13,
                options,
                WebSocketObserver.NONE,
                group,
                SOON);
        AtomicBoolean inListener = new AtomicBoolean();
        List<String> together = new CopyOnWriteArrayList<>();
        Runnable alone = () -> {
            if (!inListener.compareAndSet(false, true)) {
                together.add("two listeners at once");
            }
            Thread.yield();
            inListener.set(false);
        };
        socket.onOpen(alone);
        socket.onReconnect(alone);
        socket.onDrain(alone);
        socket.onError(error -> alone.run());
        socket.onReconnecting((attempt, delay, cause) -> alone.run());
        socket.start();
        int senders = 3;
        int count = 3000;
        List<Thread> threads = new ArrayList<>();
        for (int s = 0; s < senders; s++) {
            int sender = s;
            Random lengths = new Random(seed * 31 + s);
            Thread thread = new Thread(() -> {
                for (int i = 0; i < count; i++) {
                    int length = lengths.nextInt(20) == 0 ? lengths.nextInt(20_000) : lengths.nextInt(300);
                    socket.send(sender + " " + i + " " + "x".repeat(length));
                    if (lengths.nextInt(50) == 0) {
                        Thread.yield();
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> wires.size() > 25);
        calm.set(true);
        List<String> all = new ArrayList<>();
        await().atMost(Duration.ofSeconds(40)).until(() -> {
            all.clear();
            for (Wire wire : wires) {
                all.addAll(wire.messages());
            }
            return all.size() >= senders * count && socket.bufferedAmount() == 0;
        });
        int[] next = new int[senders];
        for (String message : all) {
            String[] words = message.split(" ");
            int sender = Integer.parseInt(words[0]);
            assertThat(Integer.parseInt(words[1])).isEqualTo(next[sender]);
            next[sender]++;
        }
        assertThat(together).isEmpty();
        socket.terminate();
        network.shutdownNow();
    }

    private static Pipeline deflate(WebSocketOptions options) {
        try {
            Negotiation.Client negotiation = new Negotiation.Client(
                    List.of(new PermessageDeflate(DeflateOptions.DEFAULT)),
                    options.limits().maxLength());
            negotiation.offers();
            return negotiation.activate(
                    List.of(new ExtensionHeader("permessage-deflate", List.of())), Pipeline.Sizes.NONE);
        } catch (Exception refused) {
            throw new AssertionError(refused);
        }
    }

    /** The server does not read. What is kept for the next connection is not compressed, but has to be bounded too. */
    @Test
    void whatIsKeptForTheNextConnectionIsBounded() {
        int maxBuffered = 100_000;
        WebSocketOptions options = WebSocketOptions.DEFAULT.with(o -> o.maxBuffered(maxBuffered));
        ClientConnection socket = socket(options, SOON);
        socket.start();
        Wire wire = new Wire();
        wire.room = 0;
        WebSocketConnection first =
                awaitAttempt(1).connected(driver(options, deflate(options)), PEER, Response.NONE, wire);
        first.open(wire);
        await().until(() -> events.contains("open"));
        boolean go = true;
        int count = 0;
        while (go && count < 100) {
            go = socket.send("x".repeat(100_000)); // of which deflate makes some hundred bytes
            count++;
        }
        first.onDisconnected(null);
        await().until(() -> events.contains("reconnecting 1"));
        assertThat(socket.bufferedAmount()).as("of a max-buffered of 100,000").isLessThan(4L * maxBuffered);
        socket.send("one more");
        assertThat(events).doesNotContain("close 1013");
    }

    private static void network(
            ClientConnection.Attempt attempt,
            WebSocketOptions options,
            boolean deflate,
            Random random,
            List<Wire> wires,
            AtomicBoolean calm) {
        Pipeline pipeline = Pipeline.NONE;
        if (deflate) {
            pipeline = deflate(options);
        }
        if (!calm.get() && random.nextInt(10) == 0) {
            attempt.failed(new ConnectFailedException(ConnectFailure.UNREACHABLE, "no", null));
            return;
        }
        Wire wire = new Wire();
        wire.inflates = deflate;
        WebSocketConnection connection = attempt.connected(driver(options, pipeline), PEER, Response.NONE, wire);
        if (connection == null) {
            return;
        }
        wires.add(wire);
        if (!calm.get() && random.nextInt(10) == 0) {
            connection.onDisconnected(new IOException("before it was open"));
            connection.open(wire);
            return;
        }
        wire.room = random.nextInt(3) == 0 ? 0 : random.nextInt(50_000);
        boolean byWriting = random.nextInt(3) == 0;
        if (!calm.get() && byWriting) {
            wire.breaksAfter = random.nextInt(200_000);
        }
        connection.open(wire);
        int steps = random.nextInt(30);
        for (int i = 0; (i < steps || calm.get()) && !wire.closed; i++) {
            wire.makeRoom(random.nextInt(60_000));
            connection.onWritable();
            Thread.onSpinWait();
        }
        for (int i = 0; byWriting && i < 100 && !calm.get() && !wire.closed; i++) {
            wire.makeRoom(100_000);
            connection.onWritable();
            Thread.yield();
        }
        if (!calm.get()) {
            connection.onDisconnected(random.nextBoolean() ? null : new IOException("reset"));
        } else {
            while (!wire.closed && !Thread.interrupted()) {
                wire.makeRoom(100_000);
                connection.onWritable();
                Thread.yield();
            }
        }
    }

    /** A socket in memory that takes so many bytes, and keeps what it took. */
    private static final class Wire implements Transport {

        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        volatile long room = Long.MAX_VALUE / 2;
        volatile long breaksAfter = Long.MAX_VALUE;
        volatile boolean closed;
        boolean inflates;
        volatile Runnable onFlush = () -> {};

        synchronized void makeRoom(long more) {
            room += more;
        }

        @Override
        public synchronized boolean write(ByteBuffer[] data) throws IOException {
            if (taken.size() >= breaksAfter) {
                throw new IOException("Broken pipe"); // and takes nothing
            }
            for (ByteBuffer piece : data) {
                int count = (int) Math.min(Math.min(room, piece.remaining()), breaksAfter - taken.size());
                byte[] bytes = new byte[count];
                piece.get(bytes);
                taken.writeBytes(bytes);
                room -= count;
                if (piece.hasRemaining()) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public boolean flush() {
            onFlush.run();
            synchronized (this) {
                return room > 0;
            }
        }

        @Override
        public int read(byte[] buffer) {
            return closed ? -1 : 0;
        }

        @Override
        public boolean mayHaveMore(int count, byte[] buffer) {
            return false;
        }

        @Override
        public void resumeReading() {}

        @Override
        public boolean shutdownOutput() {
            return true;
        }

        @Override
        public void close() {
            closed = true;
        }

        /** The whole text messages. */
        synchronized List<String> messages() {
            List<String> messages = new ArrayList<>();
            ByteBuffer in = ByteBuffer.wrap(taken.toByteArray());
            Inflater inflater = new Inflater(true);
            try {
                while (in.remaining() >= 6) {
                    int first = in.get() & 0xFF;
                    long length = in.get() & 0x7F;
                    if (length == 126) {
                        if (in.remaining() < 2) {
                            break;
                        }
                        length = in.getShort() & 0xFFFF;
                    } else if (length == 127) {
                        if (in.remaining() < 8) {
                            break;
                        }
                        length = in.getLong();
                    }
                    if (in.remaining() < 4 + length) {
                        break;
                    }
                    byte[] mask = new byte[4];
                    in.get(mask);
                    byte[] payload = new byte[(int) length];
                    in.get(payload);
                    for (int i = 0; i < payload.length; i++) {
                        payload[i] ^= mask[i % 4];
                    }
                    if ((first & 0x0F) != 1) {
                        continue;
                    }
                    messages.add(new String(
                            (first & 0x40) == 0 ? payload : inflate(inflater, payload), StandardCharsets.UTF_8));
                }
            } catch (DataFormatException wrong) {
                throw new AssertionError(wrong);
            } finally {
                inflater.end();
            }
            return messages;
        }

        private static byte[] inflate(Inflater inflater, byte[] payload) throws DataFormatException {
            byte[] input = java.util.Arrays.copyOf(payload, payload.length + 4);
            input[input.length - 1] = (byte) 0xFF;
            input[input.length - 2] = (byte) 0xFF;
            inflater.setInput(input);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] buffer = new byte[8192];
            for (int n = inflater.inflate(buffer); n > 0; n = inflater.inflate(buffer)) {
                out.write(buffer, 0, n);
            }
            return out.toByteArray();
        }
    }
}
