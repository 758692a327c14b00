package dev.hawser.test;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.protocol.Frame;
import dev.hawser.websocket.protocol.ReadyState;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of a WebSocket, in a test. Expectations are met in the order in which messages come; each waits for the next,
 * up to the timeout of its client, and fails with an {@link AssertionError} that shows all that has come. Messages that are
 * not expected before the test ends do no harm: see {@link #expectNothing}. For one thread.
 *
 * <pre>{@code
 * socket.send("hello").expectText("hello");
 * socket.close(4000, "bye").expectClose(4000, "bye");
 * }</pre>
 */
public final class TestSocket implements AutoCloseable {

    private final Transcript<Object> transcript;
    private final Duration timeout;
    /** Comes when the socket is open, or with why it cannot be opened. */
    private final CompletableFuture<Void> opened = new CompletableFuture<>();

    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private @Nullable ClientWebSocket socket;
    private Binding.@Nullable RawOutput raw;
    private volatile CountDownLatch reading = new CountDownLatch(0);

    private record Received(Message message) {

        @Override
        public String toString() {
            return message.isText() ? "text " + Transcript.quote(message.text()) : describe(message.toByteArray());
        }
    }

    private record Closed(int code, String reason) {

        @Override
        public String toString() {
            return "close " + code + " " + Transcript.quote(reason);
        }
    }

    private TestSocket(String url, Duration timeout) {
        this.timeout = timeout;
        this.transcript = new Transcript<>(url, timeout);
    }

    /** Begins to connect. */
    static TestSocket begin(Binding binding, Binding.Request request, Duration timeout) {
        TestSocket socket = new TestSocket(binding.url(request.path(), "ws"), timeout);
        socket.raw = binding.connect(request, socket::listen);
        return socket;
    }

    private void listen(ClientWebSocket connecting) {
        socket = connecting;
        connecting.onOpen(() -> opened.complete(null));
        connecting.onMessage(message -> {
            pass();
            transcript.add(new Received(message));
        });
        connecting.onError(error -> {
            transcript.note("error " + error);
            opened.completeExceptionally(error);
        });
        connecting.onClose((code, reason) -> {
            transcript.end(new Closed(code, reason));
            ended.complete(null);
            opened.completeExceptionally(new IllegalStateException("Closed with " + code + " before it was open"));
        });
    }

    /** Holds up the listener, and so all that comes after it, while the test does not read. */
    private void pass() {
        try {
            reading.await();
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until it is open. */
    TestSocket open() {
        ConnectFailedException failure = failure();
        if (failure != null) {
            String body = new String(failure.body(), StandardCharsets.UTF_8).strip();
            throw new AssertionError(
                    "Expected an open WebSocket but connecting failed, " + failure.getMessage()
                            + (body.isEmpty() ? "" : ", " + Transcript.quote(body)) + "\n" + url(),
                    failure);
        }
        return this;
    }

    /** Waits until it is refused. */
    Refusal refused() {
        ConnectFailedException failure = failure();
        if (failure == null) {
            close();
            throw transcript.failure("a refusal", "the WebSocket was accepted");
        }
        if (failure.statusCode() == 0 || failure.statusCode() == 101) {
            throw new AssertionError("Expected a refusal but was " + failure.getMessage() + "\n" + url(), failure);
        }
        return new Refusal(url(), failure);
    }

    /** Waits for the outcome; null if it is open. */
    private @Nullable ConnectFailedException failure() {
        try {
            opened.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            return null;
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof ConnectFailedException failure) {
                return failure;
            }
            throw transcript.failure("a response", "was " + failed.getCause());
        } catch (TimeoutException undecided) {
            socket().terminate();
            throw transcript.failure("a response", "there was none within " + Transcript.shown(timeout));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw transcript.failure("a response", "this thread was interrupted");
        }
    }

    private ClientWebSocket socket() {
        ClientWebSocket connecting = socket;
        if (connecting == null) {
            throw new IllegalStateException("Not connected yet");
        }
        return connecting;
    }

    /** The socket itself, for all that is not here. Its listeners are called besides those of the test. */
    public ClientWebSocket unwrap() {
        return socket();
    }

    // ---- What was agreed on.

    /** The URL that was asked for. */
    public String url() {
        return socket().url();
    }

    /** The subprotocol agreed on; empty if none. */
    public String protocol() {
        return socket().protocol();
    }

    /** The extensions agreed on. */
    public List<ExtensionHeader> extensions() {
        return socket().extensions();
    }

    /** The first header of the handshake's response of this name, in any case; null if there is none. */
    public @Nullable String header(String name) {
        return socket().headers().entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .map(header -> header.getValue().get(0))
                .findFirst()
                .orElse(null);
    }

    // ---- Sending.

    /** Sends a text message. */
    public TestSocket send(String text) {
        return sending("text " + Transcript.quote(text), () -> socket().send(text));
    }

    /** Sends a binary message. */
    public TestSocket send(byte... data) {
        return sending(describe(data), () -> socket().send(data));
    }

    /** Sends a part of a text message, in a frame of its own. */
    public TestSocket sendFragment(String part, boolean last) {
        return sending("part " + Transcript.quote(part), () -> socket().sendFragment(part, last));
    }

    /** Sends a frame, which has to keep the connection valid: see {@link #sendRaw} for others. */
    public TestSocket send(Frame frame) {
        return sending("a frame", () -> socket().send(frame));
    }

    /** What is sent while the endpoint begins to close is lost, as everywhere: the next expectation will show it. */
    private TestSocket sending(String what, Runnable send) {
        requireOpen(what);
        send.run();
        return this;
    }

    private void requireOpen(String what) {
        if (socket().state() != ReadyState.OPEN) {
            throw transcript.failure("an open socket, to send " + what, "it is " + socket().state());
        }
    }

    /** Sends a ping and waits for its pong: then the endpoint has heard all that was sent before. */
    public TestSocket ping() {
        requireOpen("a ping");
        if (!pingAndWait()) {
            throw transcript.failure("a pong", "the connection has ended");
        }
        return this;
    }

    /** Whether there was a pong before the end. */
    private boolean pingAndWait() {
        CompletableFuture<Void> pong = new CompletableFuture<>();
        socket().ping("", () -> pong.complete(null));
        try {
            CompletableFuture.anyOf(pong, ended).get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            return pong.isDone();
        } catch (TimeoutException | ExecutionException late) {
            throw transcript.failure("a pong", "none came within " + Transcript.shown(timeout));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw transcript.failure("a pong", "this thread was interrupted");
        }
    }

    // ---- Expecting.

    /** Expects a text message. */
    public TestSocket expectText(String text) {
        String expected = "text " + Transcript.quote(text);
        Object next = transcript.next(expected);
        if (!(next instanceof Received received)
                || !received.message().isText()
                || !received.message().text().equals(text)) {
            throw transcript.failure(expected, "was " + next);
        }
        return this;
    }

    /** Expects a text message, and has the test look at it. */
    public TestSocket expectText(Consumer<String> assertions) {
        Object next = transcript.next("text");
        if (!(next instanceof Received received) || !received.message().isText()) {
            throw transcript.failure("text", "was " + next);
        }
        transcript.check(received.message().text(), assertions);
        return this;
    }

    /** Expects a binary message. */
    public TestSocket expectBinary(byte... data) {
        String expected = describe(data);
        Object next = transcript.next(expected);
        if (!(next instanceof Received received)
                || received.message().isText()
                || !Arrays.equals(received.message().toByteArray(), data)) {
            throw transcript.failure(expected, "was " + next);
        }
        return this;
    }

    /** Expects a binary message, and has the test look at it. */
    public TestSocket expectBinary(Consumer<byte[]> assertions) {
        Object next = transcript.next("binary");
        if (!(next instanceof Received received) || received.message().isText()) {
            throw transcript.failure("binary", "was " + next);
        }
        transcript.check(received.message().toByteArray(), assertions);
        return this;
    }

    /**
     * Expects that nothing has come but what was expected. A ping goes to the endpoint and back first, so that what its
     * listeners have sent in answer to earlier messages counts; what other threads send later does not.
     */
    public TestSocket expectNothing() {
        if (!transcript.hasEnded()) {
            pingAndWait();
        }
        Object next = transcript.poll();
        if (next != null) {
            throw transcript.failure("nothing", "was " + next);
        }
        return this;
    }

    /** Expects that the connection ends with this code: 1006 if there was no close frame; see {@code WebSocket.onClose}. */
    public TestSocket expectClose(int code) {
        closed("close " + code, code);
        return this;
    }

    /** Expects that the connection ends with this code and this reason. */
    public TestSocket expectClose(int code, String reason) {
        Closed expected = new Closed(code, reason);
        Closed closed = closed(expected.toString(), code);
        if (!closed.equals(expected)) {
            throw transcript.failure(expected.toString(), "was " + closed);
        }
        return this;
    }

    private Closed closed(String expected, int code) {
        Object next = transcript.next(expected);
        if (!(next instanceof Closed closed) || closed.code() != code) {
            throw transcript.failure(expected, "was " + next);
        }
        return closed;
    }

    // ---- Ending.

    /** Begins to close with 1000. */
    @Override
    public void close() {
        startReading();
        socket().close();
    }

    /**
     * Begins to close.
     *
     * @param code 1000, or 3000 to 4999
     */
    public TestSocket close(int code, String reason) {
        socket().close(code, reason);
        return this;
    }

    /** Closes, waits for the end, and cuts what has not ended in time. */
    void closeAndWait(long nanos) {
        close();
        if (!transcript.awaitEnd(nanos)) {
            socket().terminate();
        }
    }

    // ---- Faults.

    /** Cuts the connection, without a close frame: both ends hear of 1006. */
    public TestSocket drop() {
        startReading();
        socket().terminate();
        return this;
    }

    /** Reads nothing any more, after one message at most: what the endpoint sends begins to wait there. */
    public TestSocket stopReading() {
        startReading();
        reading = new CountDownLatch(1);
        return this;
    }

    /** Reads again. */
    public TestSocket startReading() {
        reading.countDown();
        return this;
    }

    /**
     * Sends bytes as they are, such as a frame that breaks the protocol, between the frames of messages.
     *
     * @throws UnsupportedOperationException where the client is bound to a server with a port
     */
    public TestSocket sendRaw(byte... bytes) {
        Binding.RawOutput output = raw;
        if (output != null) {
            output.write(bytes);
        }
        return this;
    }

    private static String describe(byte[] data) {
        StringBuilder hex = new StringBuilder("binary of ").append(data.length).append(" bytes:");
        for (int i = 0; i < Math.min(16, data.length); i++) {
            hex.append(String.format(" %02x", data[i]));
        }
        return hex.append(data.length > 16 ? " ..." : "").toString();
    }

    /** All that has come. */
    @Override
    public String toString() {
        return transcript.toString();
    }
}
