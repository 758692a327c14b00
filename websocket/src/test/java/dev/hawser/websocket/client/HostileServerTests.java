package dev.hawser.websocket.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.Reconnect;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.protocol.ReadyState;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that do what no good server does, byte by byte, and what else a client may meet. */
@Timeout(60)
class HostileServerTests {

    private static final Reconnect AT_ONCE = new Reconnect(Duration.ofMillis(10), Duration.ofMillis(20), 1, 0, 20);

    private final Server server = new Server();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        server.close();
    }

    private WebSocketClient client() {
        return client(options -> {});
    }

    private WebSocketClient client(Consumer<ClientOptions.Builder> changes) {
        WebSocketClient client = WebSocketClient.create(ClientOptions.DEFAULT
                .with(o -> o.extensions().socket(socket -> socket.closeTimeout(Duration.ofSeconds(1))))
                .with(changes));
        open.add(client);
        return client;
    }

    private ClientWebSocket listen(ClientWebSocket socket) {
        socket.onOpen(() -> events.add("open"));
        socket.onMessage(message -> events.add(message.isText() ? message.text() : message.length() + " bytes"));
        socket.onError(error -> {
            errors.add(error);
            events.add("error");
        });
        socket.onClose((code, reason) -> events.add("close " + code + " " + reason));
        socket.onReconnecting((attempt, delay, cause) -> events.add("reconnecting " + attempt));
        socket.onReconnect(() -> events.add("reconnected"));
        return socket;
    }

    private void awaitEvent(String event) {
        await().atMost(Duration.ofSeconds(15)).until(() -> events.contains(event));
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    // ---- Reconnecting.

    /**
     * The channel is inactive, but its end has not been worked through yet since the executor is busy: what is sent now
     * has certainly not left, and nobody was told that it is lost.
     */
    @Test
    void whatIsSentToAChannelThatHasEndedWaitsForTheNextConnection() throws Exception {
        ThreadPoolExecutor executor = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
        open.add(executor::shutdownNow);
        WebSocketClient client = WebSocketClient.create(
                ClientOptions.DEFAULT.with(o -> o.extensions().reconnect(AT_ONCE)), executor, ClientObserver.NONE);
        open.add(client);
        ClientWebSocket socket = listen(client.connect(server.url()));
        Peer first = server.accept().upgrade();
        awaitEvent("open");
        first.text("hi");
        awaitEvent("hi");
        await().until(() -> executor.getActiveCount() == 0);

        CountDownLatch busy = new CountDownLatch(1);
        executor.execute(() -> awaitLatch(busy)); // the listener of another socket, say
        await().until(() -> executor.getActiveCount() == 1);
        first.reset();
        await().until(() -> !executor.getQueue().isEmpty()); // the end of the connection waits for its turn
        socket.send("after the end");
        busy.countDown();

        Peer second = server.accept().upgrade();
        awaitEvent("reconnected");
        socket.send("last");
        assertThat(second.frame()).isEqualTo("text after the end");
    }

    /**
     * "A message is sent again if it had not left whole". Even if what Netty holds, 128 KiB, counts as having left, the
     * rest has not. (Strictly, what Netty holds has not either, as bufferedAmount knows.)
     */
    @ParameterizedTest
    @ValueSource(ints = {128 * 1024, 0})
    void whatTheOperatingSystemHasNotTakenIsSentAgain(int netty) throws Exception {
        int length = 16 * 1024;
        int onWire = length + 8;
        WebSocketClient client = client(o -> o.reconnect(AT_ONCE));
        ClientWebSocket socket = listen(client.connect(server.url()));
        Peer first = server.accept().upgrade();
        awaitEvent("open");
        int count = 700;
        for (int i = 0; i < count; i++) {
            socket.send(ByteBuffer.allocate(length).putInt(0, i));
        }
        long buffered = first.awaitStable(socket::bufferedAmount);
        assertThat(buffered).isGreaterThan(1_000_000);
        long taken = (long) count * onWire - buffered; // by the operating system
        first.reset();

        Peer second = server.accept().upgrade();
        awaitEvent("reconnected");
        socket.send(ByteBuffer.allocate(length).putInt(0, count));
        int resent = ByteBuffer.wrap(second.payload()).getInt();
        assertThat(resent)
                .as("the first message that is sent again; the system has taken %s messages", taken / onWire)
                .isLessThanOrEqualTo((int) ((taken + netty) / onWire));
    }

    /** "Listeners are called in order and never two at once." */
    @Test
    void closingWhileOnReconnectingRunsCallsOnCloseAfterIt() throws Exception {
        WebSocketClient client = client(o -> o.reconnect(AT_ONCE));
        ClientWebSocket socket = listen(client.connect(server.url()));
        CountDownLatch inListener = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicBoolean running = new AtomicBoolean();
        AtomicBoolean together = new AtomicBoolean();
        AtomicBoolean closed = new AtomicBoolean();
        socket.onReconnecting((attempt, delay, cause) -> {
            running.set(true);
            inListener.countDown();
            awaitLatch(go);
            running.set(false);
        });
        socket.onClose((code, reason) -> {
            together.set(running.get());
            closed.set(true);
            go.countDown();
        });
        server.accept().upgrade().reset();
        awaitLatch(inListener);
        socket.close();
        try {
            await().atMost(Duration.ofSeconds(1)).until(closed::get);
        } catch (org.awaitility.core.ConditionTimeoutException waits) {
            go.countDown(); // as it should
        }
        await().until(closed::get);
        assertThat(together).as("onClose ran while onReconnecting did").isFalse();
    }

    // ---- The end of a connection.

    /** The server says all it has to say, closes, and the socket too; a listener answers while the rest is read. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatTheServerSaidBeforeItWentIsHeardThoughWeWriteMeanwhile(boolean reconnects) throws Exception {
        WebSocketClient client = client(o -> o.reconnect(reconnects ? AT_ONCE : null));
        ClientWebSocket socket = client.connect(server.url());
        CountDownLatch written = new CountDownLatch(1);
        CountDownLatch reading = new CountDownLatch(1);
        listen(socket);
        socket.onMessage(
                message -> { // which takes its time
                    reading.countDown();
                    awaitLatch(written);
                });
        Peer peer = server.accept().upgrade();
        peer.send(Peer.frame(0x81, "1"), Peer.frame(0x81, "2"), Peer.frame(0x81, "3"), Peer.close(1000, "bye"));
        awaitLatch(reading);
        peer.close();
        try {
            await().atMost(Duration.ofSeconds(1)).until(() -> {
                socket.send("meanwhile");
                return socket.state() != ReadyState.OPEN;
            });
        } catch (org.awaitility.core.ConditionTimeoutException stillReading) {
            // as it should: the listener is not done with what has come
        }
        written.countDown();
        await().until(() -> events.stream().anyMatch(e -> e.startsWith("close") || e.startsWith("reconnecting")));
        assertThat(events).containsExactly("open", "1", "2", "3", "close 1000 bye");
    }

    /** "What was sent before still goes out", also to a server that has said all it wants to say. */
    @Test
    void whatWasSentBeforeTheServersCloseFrameLeavesThoughItHasShutItsOutput() throws Exception {
        int length = 16 * 1024;
        WebSocketClient client = client(o -> o.socket(options -> options.closeTimeout(Duration.ofSeconds(20))));
        ClientWebSocket socket = listen(client.connect(server.url()));
        Peer peer = server.accept().upgrade();
        awaitEvent("open");
        int count = 0;
        do { // until the system takes no more, so that Netty holds a bit
            for (int i = 0; i < 6; i++, count++) {
                socket.send(new byte[length]);
            }
        } while (peer.awaitStable(socket::bufferedAmount) == 0);
        assertThat(socket.bufferedAmount()).isLessThan(128 * 1024);
        peer.send(Peer.close(1000, "bye"));
        peer.shutdownOutput();
        try { // it must not be closed: not all has left
            await().atMost(Duration.ofSeconds(1)).until(() -> socket.state() == ReadyState.CLOSED);
        } catch (org.awaitility.core.ConditionTimeoutException stillWriting) {
            assertThat(socket.bufferedAmount()).isPositive();
        }
        int received = 0;
        String last = "";
        try {
            for (; !last.startsWith("close"); received++) {
                last = peer.frame();
            }
        } catch (IOException cut) {
            last = "cut: " + cut;
        }
        assertThat(last + " after " + received).isEqualTo("close 1000 bye after " + (count + 1));
    }

    // ---- Handshake, URLs, options.

    /** Our own check lets it pass, Netty's does not: that must not end as a time-out. */
    @ParameterizedTest
    @ValueSource(strings = {" value", "\tvalue"})
    void aHeaderWithWhiteSpaceBeforeItsValueIsSentOrRefusedAtOnce(String value) throws Exception {
        WebSocketClient client = client(o -> o.handshakeTimeout(Duration.ofSeconds(3)));
        ClientWebSocket socket;
        try {
            socket = listen(client.connect(server.url(), o -> o.header("X-Test", value)));
        } catch (IllegalArgumentException refused) {
            return;
        }
        Peer peer = server.accept();
        assertThat(peer.head(Duration.ofSeconds(2))).contains("X-Test:");
        socket.terminate();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ws://user:s3cret/x@example.com/",
                "ws://user:s3cret?x@example.com/",
                "wss://user:a:s3cret/x@example.com/",
                "ws://us er:s3cret/@example.com/",
            })
    void noPartOfAPasswordIsInAMessage(String url) {
        assertThatThrownBy(() -> ClientUrl.parse(url))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .doesNotContain("s3cret");
    }

    @Test
    void optionsShowNoCredentials() {
        ClientOptions options = ClientOptions.DEFAULT.with(o -> o.header("Authorization", "Bearer s3cret"));
        assertThat(options.toString()).doesNotContain("s3cret");
    }

    /** RFC 3986, section 5.4.1: "?y" against "http://a/b/c/d;p?q" is "http://a/b/c/d;p?y". */
    @Test
    void aRedirectToAQueryKeepsThePath() {
        assertThat(ClientUrl.parse("ws://example.com/a/b?x").resolve("?y=1").target())
                .isEqualTo("/a/b?y=1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws://example.com/a[0]", "ws://example.com/100%", "ws://example.com/a?b=%zz"})
    void aRedirectFromAnOddPathIsFollowed(String url) {
        assertThat(ClientUrl.parse(url).resolve("ws://example.com/new").target())
                .isEqualTo("/new");
    }

    @Test
    void aHostWithAnUnderscoreCanSpeakTls() {
        TlsOptions.DEFAULT.engine("my_service", 443); // as Docker calls them
    }

    @Test
    void aHostWithAnUnderscoreCanBeSelectedForByTheJvm() {
        ProxySelection.jvm().select(false, "my_service", 80);
    }

    @Test
    void noProxyComparesIpv6AddressesNotTheirSpelling() {
        assertThat(new NoProxy(List.of("0:0:0:0:0:0:0:1")).matches("::1", 80)).isTrue();
    }

    @Test
    void anEmptyEntryOfNoProxyIsLeftOut() {
        ProxySelection.environment(java.util.Map.of("http_proxy", "http://proxy:3128", "no_proxy", ",localhost"));
    }

    // ---- What others throw, and when they come.

    @Test
    void anObserverThatThrowsHoldsUpNoSocket() {
        ClientObserver broken = new ClientObserver() {
            @Override
            public void failed(String name, ConnectFailure failure) {
                throw new IllegalStateException("no metrics today");
            }
        };
        WebSocketClient client = WebSocketClient.create(ClientOptions.DEFAULT, Runnable::run, broken);
        open.add(client);
        server.close();
        listen(client.connect(server.url()));
        awaitEvent("close 1006 ");
        assertThat(client.size()).isZero();
    }

    /** onOpen and onClose are heard however late they are added; why it failed is not. */
    @Test
    void anErrorListenerThatComesLateHearsWhyConnectingFailed() {
        server.close();
        ClientWebSocket socket = client().connect(server.url());
        await().until(() -> socket.state() == ReadyState.CLOSED);
        listen(socket);
        awaitEvent("close 1006 ");
        assertThat(errors).hasSize(1);
    }

    /** A pool with a bounded queue, as Spring's ThreadPoolTaskExecutor may be, that is full for a moment. */
    @Test
    void aFullExecutorHasNoListenerRunOnAnEventLoop() throws Exception {
        AtomicBoolean full = new AtomicBoolean();
        java.util.concurrent.ExecutorService threads = java.util.concurrent.Executors.newCachedThreadPool();
        open.add(threads::shutdownNow);
        Executor executor = task -> {
            if (full.get()) {
                throw new RejectedExecutionException("full");
            }
            threads.execute(task);
        };
        WebSocketClient client =
                WebSocketClient.create(ClientOptions.DEFAULT.with(o -> o.extensions()), executor, ClientObserver.NONE);
        open.add(client);
        AtomicReference<String> thread = new AtomicReference<>();
        ClientWebSocket socket = client.connect(server.url());
        socket.onMessage(message -> {
            thread.set(Thread.currentThread().getName());
            events.add(message.text());
        });
        Peer peer = server.accept().upgrade();
        peer.text("1");
        awaitEvent("1");
        full.set(true);
        peer.text("2");
        awaitEvent("2");
        full.set(false);
        assertThat(thread.get()).doesNotStartWith("hawser-client");
    }

    @Test
    void theClientCanBeClosedByAListener() throws Exception {
        WebSocketClient client = client();
        ClientWebSocket socket = client.connect(server.url());
        AtomicBoolean returned = new AtomicBoolean();
        socket.onMessage(message -> {
            client.close();
            returned.set(true);
        });
        listen(socket);
        Peer peer = server.accept().upgrade();
        peer.text("end");
        assertThat(peer.frame()).isEqualTo("close 1001 Going away");
        peer.send(Peer.close(1001, ""));
        peer.close();
        await().atMost(Duration.ofSeconds(20)).untilTrue(returned);
        await().until(() -> events.stream().anyMatch(e -> e.startsWith("close")));
        assertThat(events).contains("close 1001 ");
    }

    @Test
    void everyoneWhoWaitsForTheClientToBeEmptyIsTold() throws Exception {
        WebSocketClient client = client();
        listen(client.connect(server.url()));
        Peer peer = server.accept().upgrade();
        awaitEvent("open");
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(1);
        client.goAway(first::countDown);
        client.goAway(second::countDown);
        assertThat(peer.frame()).startsWith("close 1001");
        peer.send(Peer.close(1001, ""));
        peer.close();
        assertThat(second.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(first.await(2, TimeUnit.SECONDS))
                .as("the first is told, too")
                .isTrue();
    }

    @Test
    void noNonDaemonThreadIsLeftWhenTheClientIsClosed() {
        client().close();
        assertThat(Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> !thread.isDaemon() && thread.isAlive())
                        .map(Thread::getName)
                        .filter(name -> name.toLowerCase(java.util.Locale.ROOT).contains("global")
                                || name.startsWith("hawser")))
                .isEmpty();
    }

    // ---- TLS.

    @TempDir
    Path folder;

    /** A server's, with a certificate, and a client's that trusts it. */
    private SSLContext[] contexts() throws Exception {
        Certificates certificates = new Certificates(folder).sign("server", "dns:localhost,ip:127.0.0.1");
        return new SSLContext[] {certificates.having("server"), certificates.trusting()};
    }

    /** In TLS 1.3 a client hears only after its handshake that its certificate is missing: credentials are final. */
    @Test
    void aMissingClientCertificateIsAFailureOfTls() throws Exception {
        SSLContext[] contexts = contexts();
        SSLContext there = contexts[0];
        SSLContext here = contexts[1];
        try (SSLServerSocket secure = (SSLServerSocket)
                there.getServerSocketFactory().createServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            secure.setNeedClientAuth(true);
            Thread accepting = new Thread(() -> {
                while (!secure.isClosed()) {
                    try (Socket accepted = secure.accept()) {
                        accepted.getInputStream().read();
                    } catch (IOException refused) {
                        // which is what it should
                    }
                }
            });
            accepting.setDaemon(true);
            accepting.start();
            WebSocketClient client = client(
                    o -> o.tls(here).reconnect(new Reconnect(Duration.ofMillis(10), Duration.ofMillis(10), 1, 0, 2)));
            listen(client.connect("wss://127.0.0.1:" + secure.getLocalPort() + "/"));
            awaitEvent("close 1006 ");
        }
        assertThat(errors).hasSize(1);
        assertThat(((ConnectFailedException) errors.get(0)).failure())
                .as(errors.get(0).toString())
                .isEqualTo(ConnectFailure.TLS_FAILED);
        assertThat(events).doesNotContain("reconnecting 1");
    }

    // ---- The server.

    private static final class Server implements AutoCloseable {

        private final List<Socket> sockets = new CopyOnWriteArrayList<>();

        private final ServerSocket socket;

        Server() {
            try {
                socket = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
                socket.setSoTimeout(10_000);
            } catch (IOException broken) {
                throw new AssertionError(broken);
            }
        }

        String url() {
            return "ws://127.0.0.1:" + socket.getLocalPort() + "/";
        }

        Peer accept() throws IOException {
            Socket accepted = socket.accept();
            sockets.add(accepted); // one that nobody refers to is closed by the garbage collector
            return new Peer(accepted);
        }

        /** Whether nobody connects within this time. */
        boolean isLeftAlone(int millis) throws IOException {
            socket.setSoTimeout(millis);
            try {
                socket.accept().close();
                return false;
            } catch (java.net.SocketTimeoutException nobody) {
                return true;
            } finally {
                socket.setSoTimeout(10_000);
            }
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException broken) {
                throw new AssertionError(broken);
            }
        }
    }

    private static final class Peer {

        private final Socket socket;
        private final DataInputStream in;

        Peer(Socket socket) throws IOException {
            this.socket = socket;
            socket.setSoTimeout(10_000);
            in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
        }

        String head(Duration patience) throws IOException {
            socket.setSoTimeout((int) patience.toMillis());
            try {
                return head();
            } finally {
                socket.setSoTimeout(10_000);
            }
        }

        String head() throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    throw new EOFException("In the head: " + head);
                }
                head.append((char) next);
            }
            return head.toString();
        }

        static String upgradeFor(String head) {
            String key = head.lines()
                    .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("sec-websocket-key:"))
                    .findFirst()
                    .orElseThrow()
                    .substring("sec-websocket-key:".length())
                    .strip();
            try {
                byte[] digest = MessageDigest.getInstance("SHA-1")
                        .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
                return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: " + Base64.getEncoder().encodeToString(digest) + "\r\n\r\n";
            } catch (java.security.NoSuchAlgorithmException missing) {
                throw new AssertionError(missing);
            }
        }

        Peer upgrade() throws IOException {
            send(upgradeFor(head()).getBytes(StandardCharsets.ISO_8859_1));
            return this;
        }

        void send(byte[]... parts) throws IOException {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (byte[] part : parts) {
                all.writeBytes(part);
            }
            socket.getOutputStream().write(all.toByteArray());
            socket.getOutputStream().flush();
        }

        void text(String text) throws IOException {
            send(frame(0x81, text));
        }

        static byte[] frame(int first, String text) {
            return frame(first, text.getBytes(StandardCharsets.UTF_8));
        }

        static byte[] frame(int first, byte[] payload) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(first);
            if (payload.length < 126) {
                out.write(payload.length);
            } else {
                out.write(126);
                out.write(payload.length >> 8);
                out.write(payload.length);
            }
            out.writeBytes(payload);
            return out.toByteArray();
        }

        static byte[] close(int code, String reason) {
            byte[] text = reason.getBytes(StandardCharsets.UTF_8);
            return frame(
                    0x88,
                    ByteBuffer.allocate(2 + text.length)
                            .putShort((short) code)
                            .put(text)
                            .array());
        }

        private int opcode;

        byte[] payload() throws IOException {
            opcode = in.readUnsignedByte();
            long length = in.readUnsignedByte() & 0x7F;
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = in.readLong();
            }
            byte[] mask = in.readNBytes(4);
            byte[] payload = in.readNBytes((int) length);
            if (payload.length < length) {
                throw new EOFException("In a frame");
            }
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i % 4];
            }
            return payload;
        }

        /** Such as {@code text Hello} or {@code close 1000 bye}. */
        String frame() throws IOException {
            byte[] payload = payload();
            return switch (opcode) {
                case 0x81 -> "text " + new String(payload, StandardCharsets.UTF_8);
                case 0x82 -> "binary " + payload.length;
                case 0x88 ->
                    payload.length == 0
                            ? "close"
                            : "close " + (ByteBuffer.wrap(payload).getShort() & 0xFFFF) + " "
                                    + new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
                default -> "frame " + Integer.toHexString(opcode) + " of " + payload.length;
            };
        }

        /** A number that has stopped changing. */
        long awaitStable(java.util.function.LongSupplier number) {
            AtomicReference<Long> before = new AtomicReference<>(-1L);
            AtomicInteger same = new AtomicInteger();
            await().atMost(Duration.ofSeconds(20))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> {
                        long now = number.getAsLong();
                        boolean unchanged = now == before.getAndSet(now);
                        return (unchanged ? same.incrementAndGet() : same.getAndSet(0)) >= 8;
                    });
            return number.getAsLong();
        }

        void shutdownOutput() throws IOException {
            socket.shutdownOutput();
        }

        void close() throws IOException {
            socket.close();
        }

        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }

    // ---- What held.

    private ConnectFailure failure() {
        awaitEvent("close 1006 ");
        assertThat(errors).hasSize(1);
        return ((ConnectFailedException) errors.get(0)).failure();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Writes on a thread of its own, for ever, until it is cut. */
    private static Thread floods(Peer peer, byte[] bytes) {
        Thread flood = new Thread(() -> {
            try {
                while (true) {
                    peer.send(bytes);
                }
            } catch (IOException cut) {
                // as it should
            }
        });
        flood.setDaemon(true);
        flood.start();
        return flood;
    }

    @Nested
    class Handshakes {

        @Test
        void aResponseInSingleBytesAfterOthersWillDo() throws Exception {
            listen(client().connect(server.url()));
            Peer peer = server.accept();
            peer.socket.setTcpNoDelay(true);
            String response = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                    + Peer.upgradeFor(peer.head());
            for (byte octet : ascii(response)) {
                peer.send(new byte[] {octet});
            }
            peer.text("Hello");
            awaitEvent("Hello");
        }

        @Test
        void whatComesWithTheResponseIsHeardThoughTheSocketIsClosedAtOnce() throws Exception {
            for (int i = 0; i < 50; i++) {
                events.clear();
                listen(client().connect(server.url()));
                Peer peer = server.accept();
                peer.send(
                        ascii(Peer.upgradeFor(peer.head())),
                        Peer.frame(0x81, "1"),
                        Peer.frame(0x81, "2"),
                        Peer.close(1000, "bye"));
                peer.close();
                awaitEvent("close 1000 bye");
                assertThat(events).containsExactly("open", "1", "2", "close 1000 bye");
            }
        }

        @Test
        void aServerThatClosesOrResetsDirectlyAfterTheResponse() throws Exception {
            for (int i = 0; i < 40; i++) {
                events.clear();
                WebSocketClient client = client();
                ClientWebSocket socket = listen(client.connect(server.url()));
                socket.send("x".repeat(200_000));
                Peer peer = server.accept();
                peer.send(ascii(Peer.upgradeFor(peer.head())));
                if (i % 2 == 0) {
                    peer.close();
                } else {
                    peer.reset();
                }
                await().until(() -> events.stream().anyMatch(e -> e.startsWith("close")));
                await().until(() -> client.size() == 0);
                assertThat(events.stream().filter(e -> e.startsWith("close"))).containsExactly("close 1006 ");
                client.close();
            }
        }

        /** CVE-2023-43669 (tungstenite), CVE-2024-37890 (ws). */
        @Test
        void endlessHeadersAreCut() throws Exception {
            listen(client().connect(server.url()));
            Peer peer = server.accept();
            peer.head();
            peer.send(ascii("HTTP/1.1 101 Switching Protocols\r\n"));
            floods(peer, ascii("X-Header: " + "x".repeat(1000) + "\r\n"));
            assertThat(failure()).isEqualTo(ConnectFailure.BAD_RESPONSE);
        }

        @Test
        void endlessInformationEndsWithTheTimeOut() throws Exception {
            listen(client(o -> o.handshakeTimeout(Duration.ofMillis(500))).connect(server.url()));
            Peer peer = server.accept();
            peer.head();
            floods(peer, ascii("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"));
            assertThat(failure()).isEqualTo(ConnectFailure.HANDSHAKE_TIMEOUT);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "HTTP/1.1 403 Forbidden\r\n\r\n",
                    "HTTP/1.0 403 Forbidden\r\n\r\n",
                    "HTTP/1.1 403 Forbidden\r\nContent-Length: 1000000000\r\n\r\n"
                })
        void ofAnEndlessBody64KibAreKept(String head) throws Exception {
            listen(client().connect(server.url()));
            Peer peer = server.accept();
            peer.head();
            peer.send(ascii(head));
            floods(peer, new byte[1000]);
            assertThat(failure()).isEqualTo(ConnectFailure.UNEXPECTED_STATUS);
            assertThat(((ConnectFailedException) errors.get(0)).body()).hasSize(64 * 1024);
            assertThat(((ConnectFailedException) errors.get(0)).statusCode()).isEqualTo(403);
        }

        @Test
        void aRefusalInChunksThatIsNeverEndedIsHeardOfAfterTheTimeOut() throws Exception {
            listen(client(o -> o.handshakeTimeout(Duration.ofMillis(500))).connect(server.url()));
            Peer peer = server.accept();
            peer.head();
            peer.send(ascii("HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nlater\r\n"));
            assertThat(failure()).isEqualTo(ConnectFailure.UNEXPECTED_STATUS);
            assertThat(((ConnectFailedException) errors.get(0)).body()).isEqualTo(ascii("later"));
        }

        @Test
        void twoAcceptsAreRefused() throws Exception {
            listen(client().connect(server.url()));
            Peer peer = server.accept();
            String response = Peer.upgradeFor(peer.head());
            String accept = response.lines()
                    .filter(l -> l.startsWith("Sec-"))
                    .findFirst()
                    .orElseThrow();
            peer.send(ascii(response.replace(accept, accept + "\r\n" + accept)));
            assertThat(failure()).isEqualTo(ConnectFailure.WRONG_ACCEPT);
        }

        @ParameterizedTest
        @ValueSource(strings = {"HTTP/1.0 101", "HTTP/0.9 101", "ICY/1.1 101"})
        void aResponseOfAnotherProtocolIsRefused(String version) throws Exception {
            listen(client().connect(server.url()));
            Peer peer = server.accept();
            peer.send(ascii(Peer.upgradeFor(peer.head()).replace("HTTP/1.1 101", version)));
            await().until(() -> !events.isEmpty());
            assertThat(events).doesNotContain("open");
        }

        @Test
        void aRedirectLoopEnds() throws Exception {
            listen(client(o -> o.maxRedirects(3)).connect(server.url()));
            for (int i = 0; i < 4; i++) {
                Peer peer = server.accept();
                peer.head();
                peer.send(ascii("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"));
            }
            assertThat(failure()).isEqualTo(ConnectFailure.TOO_MANY_REDIRECTS);
        }

        /** CVE-2026-42498 (Tomcat), CVE-2022-1650 (eventsource), CVE-2026-40895 (follow-redirects). */
        @Test
        void anotherOriginSeesNoCredentials() throws Exception {
            try (Server other = new Server()) {
                listen(client(o -> o.maxRedirects(3)
                                .header("Cookie", "a=s3cret")
                                .header("Authorization", "Bearer s3cret")
                                .header("X-Key", "s3cret"))
                        .connect(server.url().replace("ws://", "ws://user:s3cret@")));
                Peer peer = server.accept();
                assertThat(peer.head()).contains("Authorization: Bearer s3cret", "Cookie", "X-Key");
                peer.send(ascii("HTTP/1.1 307 Found\r\nLocation: " + other.url().replace("ws://", "http://u:p@")
                        + "x#y\r\nContent-Length: 0\r\n\r\n"));
                Peer second = other.accept();
                String head = second.head();
                assertThat(head).startsWith("GET /x HTTP/1.1").doesNotContain("s3cret", "Authorization", "Cookie");
                second.send(ascii("HTTP/1.1 302 Found\r\nLocation: " + server.url() + "\r\nContent-Length: 0\r\n\r\n"));
                assertThat(server.accept().head()).doesNotContain("s3cret");
            }
        }

        @Test
        void fromTlsNoRedirectLeadsToPlain() {
            for (String location : List.of("http://example.com/", "ws://example.com/", "HTTP://example.com")) {
                assertThatThrownBy(() -> ClientUrl.parse("wss://example.com/").resolve(location))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            assertThat(ClientUrl.parse("wss://u:p@example.com/a")
                            .resolve("//example.com:443/b")
                            .authorization())
                    .isNotNull();
            assertThat(ClientUrl.parse("wss://u:p@example.com/a")
                            .resolve("//example.com:444/b")
                            .authorization())
                    .isNull();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "HTTP/1.1 1", "HTTP/1.1 101 Switching Protocols\r\nUpgr"})
        void closingInTheMiddleOfTheHandshakeEndsItAtOnce(String begun) throws Exception {
            WebSocketClient client = client(o -> o.reconnect(AT_ONCE));
            ClientWebSocket socket = listen(client.connect(server.url()));
            Peer peer = server.accept();
            peer.head();
            peer.send(ascii(begun));
            socket.close();
            awaitEvent("close 1006 ");
            assertThat(peer.in.read()).isEqualTo(-1);
            await().until(() -> client.size() == 0);
            assertThat(server.isLeftAlone(200)).isTrue();
            assertThat(events).containsExactly("close 1006 ");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "HTTP/1.1 101 Switching Protocols\r\nUpgr"})
        void aServerThatGoesInTheMiddleOfTheHandshakeIsDisconnected(String begun) throws Exception {
            for (boolean reset : new boolean[] {true, false}) {
                errors.clear();
                events.clear();
                listen(client().connect(server.url()));
                Peer peer = server.accept();
                peer.head();
                peer.send(ascii(begun));
                if (reset) {
                    peer.reset();
                } else {
                    peer.close();
                }
                assertThat(failure()).isEqualTo(ConnectFailure.DISCONNECTED);
            }
        }
    }

    @Nested
    class Sockets {

        @Test
        void aPeerThatDoesNotReadCostsTheConnectionOnly() throws Exception {
            ClientWebSocket socket =
                    listen(client(o -> o.socket(s -> s.maxBuffered(1_000_000))).connect(server.url()));
            server.accept().upgrade();
            awaitEvent("open");
            await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> {
                socket.send(new byte[100_000]);
                return socket.state() != ReadyState.OPEN;
            });
            awaitEvent("close 1013 Reads too slowly");
        }

        @Test
        void aListenerThatBlocksHoldsUpItsOwnServerOnly() throws Exception {
            WebSocketClient client = client();
            CountDownLatch go = new CountDownLatch(1);
            AtomicInteger heard = new AtomicInteger();
            ClientWebSocket slow = client.connect(server.url());
            slow.onMessage(message -> {
                heard.incrementAndGet();
                awaitLatch(go);
            });
            Peer peer = server.accept().upgrade();
            AtomicInteger written = new AtomicInteger();
            Thread writer = new Thread(() -> {
                try {
                    for (int i = 0; i < 2000; i++) {
                        peer.send(Peer.frame(0x82, new byte[60_000]));
                        written.incrementAndGet();
                    }
                } catch (IOException cut) {
                    // too early
                }
            });
            writer.start();
            await().until(() -> heard.get() == 1);
            peer.awaitStable(written::get);
            assertThat(written.get()).as("of 120 MB").isLessThan(400);
            for (int i = 0; i < 10; i++) {
                listen(client.connect(server.url()));
                server.accept().upgrade().text("for " + i);
                awaitEvent("for " + i);
            }
            go.countDown();
            await().atMost(Duration.ofSeconds(20)).until(() -> heard.get() == 2000);
            writer.join();
        }

        /** Both ways at once, in odd pieces, from several threads: nothing gets stuck or lost. */
        @ParameterizedTest
        @org.junit.jupiter.params.provider.CsvSource({"false, false", "true, false", "false, true", "true, true"})
        void whatIsSentFromManyThreadsComesBack(boolean slowListener, boolean tls) throws Exception {
            SSLContext[] contexts = contexts();
            ServerSocket secure =
                    contexts[0].getServerSocketFactory().createServerSocket(0, 5, server.socket.getInetAddress());
            open.add(secure);
            ClientWebSocket socket = client(o -> o.tls(contexts[1]).socket(s -> s.maxBuffered(1 << 30)))
                    .connect(tls ? "wss://127.0.0.1:" + secure.getLocalPort() + "/" : server.url());
            listen(socket);
            AtomicInteger heard = new AtomicInteger();
            socket.onMessage(message -> {
                if (slowListener && heard.get() % 100 == 0) {
                    java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
                }
                heard.incrementAndGet();
            });
            Peer peer = (tls ? new Peer(secure.accept()) : server.accept()).upgrade();
            Thread echo = new Thread(() -> {
                try {
                    while (true) {
                        byte[] payload = peer.payload();
                        if (peer.opcode != 0x82) {
                            peer.send(Peer.frame(0x82, new byte[70_00]), Peer.frame(0x88, payload));
                            peer.close();
                            return;
                        }
                        peer.send(Peer.frame(0x82, payload));
                    }
                } catch (IOException cut) {
                    // too early
                }
            });
            echo.start();
            int threads = 4;
            int count = 5000;
            for (int t = 0; t < threads; t++) {
                int seed = t;
                new Thread(() -> {
                            java.util.Random random = new java.util.Random(seed);
                            for (int i = 0; i < count; i++) {
                                int most = random.nextInt(50) == 0 ? 60_000 : 500;
                                socket.send(new byte[random.nextInt(most)]);
                            }
                        })
                        .start();
            }
            await().atMost(Duration.ofSeconds(40)).until(() -> heard.get() == threads * count);
            socket.close(1000, "bye");
            echo.join();
            awaitEvent("close 1000 bye");
            assertThat(heard.get()).isEqualTo(threads * count + 1);
            assertThat(errors).isEmpty();
        }

        /** Servers that go after so many messages: what arrives is in order, nothing twice, and it goes on. */
        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void reconnectingDoublesAndSwapsNothing(boolean tls) throws Exception {
            SSLContext[] contexts = contexts();
            ServerSocket secure =
                    contexts[0].getServerSocketFactory().createServerSocket(0, 5, server.socket.getInetAddress());
            open.add(secure);
            WebSocketClient client = client(o -> o.tls(contexts[1])
                    .reconnect(new Reconnect(Duration.ofMillis(1), Duration.ofMillis(1), 1, 0, 1000)));
            ClientWebSocket socket =
                    listen(client.connect(tls ? "wss://127.0.0.1:" + secure.getLocalPort() + "/" : server.url()));
            AtomicBoolean enough = new AtomicBoolean();
            AtomicInteger sent = new AtomicInteger();
            Thread sender = new Thread(() -> {
                while (!enough.get()) {
                    socket.send(ByteBuffer.allocate(4 + sent.get() % 3000).putInt(0, sent.get()));
                    sent.incrementAndGet();
                    java.util.concurrent.locks.LockSupport.parkNanos(300_000);
                }
            });
            sender.start();
            java.util.Random random = new java.util.Random(1);
            int last = -1;
            for (int i = 0; i < 30; i++) {
                Peer peer = tls ? new Peer(secure.accept()) : server.accept();
                peer.upgrade();
                for (int n = random.nextInt(500); n > 0; n--) {
                    int number = ByteBuffer.wrap(peer.payload()).getInt();
                    assertThat(number).isGreaterThan(last);
                    last = number;
                }
                if (random.nextBoolean()) {
                    peer.reset();
                } else {
                    peer.close();
                }
            }
            Peer peer = (tls ? new Peer(secure.accept()) : server.accept()).upgrade();
            for (int n = 0; n < 1000; n++) {
                int number = ByteBuffer.wrap(peer.payload()).getInt();
                assertThat(number).isGreaterThan(last);
                last = number;
            }
            enough.set(true);
            sender.join();
            socket.terminate();
            await().until(() -> client.size() == 0);
        }

        /** As somebody says "never". */
        @ParameterizedTest
        @ValueSource(strings = {"connect", "handshake", "max-delay"})
        void aTimeOfAThousandYearsIsRefusedOrWorks(String which) throws Exception {
            Duration years = Duration.ofDays(365_000);
            ClientWebSocket socket;
            try {
                socket = client(o -> {
                            if (which.equals("connect")) {
                                o.connectTimeout(years);
                            } else if (which.equals("handshake")) {
                                o.handshakeTimeout(years);
                            } else {
                                o.reconnect(new Reconnect(Duration.ofMillis(1), years, 1, 0, 3));
                            }
                        })
                        .connect(server.url());
            } catch (IllegalArgumentException refused) {
                return;
            }
            listen(socket);
            Peer peer = server.accept();
            if (which.equals("max-delay")) {
                peer.reset();
                peer = server.accept();
            }
            peer.upgrade();
            awaitEvent("open");
        }

        @Test
        void aServerThatHasShutItsOutputIsAnswered() throws Exception {
            listen(client().connect(server.url()));
            Peer peer = server.accept().upgrade();
            awaitEvent("open");
            peer.send(Peer.close(1000, "bye"));
            peer.shutdownOutput();
            assertThat(peer.frame()).isEqualTo("close 1000 bye");
            awaitEvent("close 1000 bye");
        }

        @Test
        void noAttemptFollowsMaxAttemptsOrClose() throws Exception {
            WebSocketClient client =
                    client(o -> o.reconnect(new Reconnect(Duration.ofMillis(10), Duration.ofMillis(10), 1, 0, 2)));
            listen(client.connect(server.url()));
            for (int i = 0; i < 3; i++) {
                Peer peer = server.accept();
                peer.head();
                peer.send(ascii("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"));
            }
            awaitEvent("close 1006 ");
            assertThat(server.isLeftAlone(200)).isTrue();
            assertThat(events).containsExactly("reconnecting 1", "reconnecting 2", "error", "close 1006 ");
            assertThat(client.size()).isZero();
        }

        @Test
        void closingTheClientTwiceIsQuick() {
            WebSocketClient client = client();
            client.close();
            client.close();
            assertThatThrownBy(() -> client.connect(server.url())).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void theClientIsClosedAtEachStage() throws Exception {
            WebSocketClient client =
                    client(o -> o.reconnect(new Reconnect(Duration.ofSeconds(30), Duration.ofSeconds(30), 1, 0, 2))
                            .socket(s -> s.closeTimeout(Duration.ofMillis(300))));
            listen(client.connect(server.url()));
            server.accept().upgrade().reset();
            awaitEvent("reconnecting 1"); // between
            listen(client.connect(server.url()));
            server.accept().head(); // in the handshake
            listen(client.connect(server.url()));
            server.accept().upgrade(); // open
            awaitEvent("open");
            client.close();
            await().until(() ->
                    events.stream().filter(e -> e.startsWith("close")).count() == 3);
            assertThat(client.size()).isZero();
        }
    }

    @Nested
    class Proxies {

        private ClientWebSocket through(String scheme) {
            return listen(client(o -> o.handshakeTimeout(Duration.ofSeconds(2))
                            .proxy(ProxyOptions.of(scheme + "://user:s3cret@"
                                    + server.url().substring(5, server.url().length() - 1))))
                    .connect("ws://origin.test/x"));
        }

        /** CVE-2026-42498 (Tomcat), CVE-2022-1650, CVE-2026-40895: the server hears nothing of what is the proxy's. */
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "HTTP/1.1 200 OK\r\n\r\n",
                    "HTTP/1.0 200 Connection established\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                    "HTTP/1.1 204 Fine\r\n\r\n",
                    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                })
        void thatAgreeAreGoneThrough(String answer) throws Exception {
            through("http");
            Peer peer = server.accept();
            assertThat(peer.head())
                    .startsWith("CONNECT origin.test:80 HTTP/1.1")
                    .contains("Proxy-Authorization: Basic ");
            peer.send(ascii(answer));
            String head = peer.head();
            assertThat(head)
                    .startsWith("GET /x")
                    .contains("Host: origin.test\r\n", "Host:")
                    .doesNotContainIgnoringCase("proxy");
            peer.send(ascii(Peer.upgradeFor(head)), Peer.frame(0x81, "Hello"));
            awaitEvent("Hello");
        }

        @ParameterizedTest
        @ValueSource(ints = {403, 407, 502})
        void thatRefuseAreHeardOf(int status) throws Exception {
            through("http");
            Peer peer = server.accept();
            peer.head();
            peer.send(ascii("HTTP/1.1 " + status + " No\r\nX-Why: because\r\nContent-Length: 2\r\n\r\nno"));
            assertThat(failure())
                    .isEqualTo(status == 407 ? ConnectFailure.PROXY_AUTHENTICATION : ConnectFailure.PROXY_REFUSED);
            ConnectFailedException failed = (ConnectFailedException) errors.get(0);
            assertThat(failed.statusCode()).isEqualTo(status);
            assertThat(failed.headers().get("x-why")).containsExactly("because");
            assertThat(failed.body()).isEqualTo(ascii("no"));
            assertThat(failed.toString()).doesNotContain("s3cret");
        }

        @ParameterizedTest
        @ValueSource(strings = {"http", "socks4a", "socks5"})
        void thatDieAreHeardOf(String scheme) throws Exception {
            through(scheme);
            Peer peer = server.accept();
            peer.in.read();
            peer.close();
            awaitEvent("close 1006 ");
            assertThat(errors.get(0).toString()).doesNotContain("s3cret");
        }

        @ParameterizedTest
        @ValueSource(strings = {"http", "socks4a", "socks5"})
        void thatSayNothingTimeOut(String scheme) throws Exception {
            through(scheme);
            Peer peer = server.accept();
            assertThat(failure()).isEqualTo(ConnectFailure.HANDSHAKE_TIMEOUT);
            peer.close();
        }

        @Test
        void ofSocks5AreGivenTheNameAndThePassword() throws Exception {
            through("socks5");
            Peer peer = server.accept();
            assertThat(peer.in.readNBytes(2)).isEqualTo(new byte[] {5, 2});
            peer.in.readNBytes(2);
            peer.send(new byte[] {5, 2});
            peer.in.readNBytes(2 + 4 + 1 + 6);
            peer.send(new byte[] {1, 0});
            byte[] connect = peer.in.readNBytes(4 + 1 + "origin.test".length() + 2);
            assertThat(new String(connect, StandardCharsets.ISO_8859_1)).contains("origin.test");
            peer.send(new byte[] {5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
            peer.upgrade();
            peer.text("Hello");
            awaitEvent("Hello");
        }
    }

    @Nested
    class Urls {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "ws:",
                    "ws://",
                    "ws:///",
                    "http://h/",
                    "ws://h:0/",
                    "ws://h:65536/",
                    "ws://h:-1/",
                    "ws://h:+1/",
                    "ws://h:1x/",
                    "ws://h/#f",
                    "ws://h#",
                    "ws://[::1",
                    "ws://::1/",
                    "ws://[::1%25lo]/",
                    "ws://[v1.x]/",
                    "ws://a b/",
                    "ws://a\rb/",
                    "ws://a/\n",
                    "ws://a/\0",
                    "ws://a..b/",
                    "ws://.a/",
                    "ws://\u2100/",
                    "ws://a%2fb/",
                    "ws://user%3Ax:p@h/",
                    "ws://user:p%0d%0aX@h/",
                    "ws+unix:",
                    "ws+unix::/x",
                    "ws+unix:/a\0b:/",
                    "ws+unix:/a:/x#y",
                    " ws://h/",
                    "ws://h/\u007f",
                    "ws://h\\x/"
                })
        void thatAreWrongAreRefused(String url) {
            assertThatThrownBy(() -> ClientUrl.parse(url)).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void thatAreOddAreUnderstood() {
            assertThat(ClientUrl.parse("WS://H?x").toString()).isEqualTo("ws://h/?x");
            assertThat(ClientUrl.parse("ws://h:").port()).isEqualTo(80);
            assertThat(ClientUrl.parse("wss://[2001:DB8::1]:8443/a b\"\u00e4?\u20ac")
                            .toString())
                    .isEqualTo("wss://[2001:db8::1]:8443/a%20b%22%C3%A4?%E2%82%AC");
            assertThat(ClientUrl.parse("ws://b\u00fccher.example/").host()).isEqualTo("xn--bcher-kva.example");
            ClientUrl secret = ClientUrl.parse("ws://us%40er:a:b@c@h:81/x");
            assertThat(secret.authorization())
                    .isEqualTo("Basic " + Base64.getEncoder().encodeToString(ascii("us@er:a:b@c")));
            assertThat(secret.toString()).isEqualTo("ws://h:81/x");
            assertThat(ClientUrl.parse("ws+unix:///run/a.sock:/x?y").socketPath())
                    .isEqualTo("/run/a.sock");
        }

        /** CVE-2026-42578, CVE-2026-62380 (Netty). */
        @Test
        void andHeadersCannotBeInjected() {
            for (String bad : List.of("a\r\nX: y", "a\nb", "a\0b", "a\rb")) {
                List<Consumer<ClientOptions.Builder>> all = List.of(
                        o -> o.header("X", bad),
                        o -> o.header(bad, "x"),
                        o -> o.origin(bad),
                        o -> o.protocols(bad),
                        o -> o.proxy("http://" + bad + ":80"),
                        o -> o.proxy("http://u:" + bad + "@h:80"),
                        o -> o.proxy(ProxyOptions.of("http://h:80").withHeaders(java.util.Map.of("X", bad))),
                        o -> o.proxy(ProxyOptions.of("http://h:80").withHeaders(java.util.Map.of(bad, "x"))));
                for (Consumer<ClientOptions.Builder> changes : all) {
                    assertThatThrownBy(() -> ClientOptions.DEFAULT.with(changes))
                            .isInstanceOf(IllegalArgumentException.class);
                }
            }
        }
    }
}
