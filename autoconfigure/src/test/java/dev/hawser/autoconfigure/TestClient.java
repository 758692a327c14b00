package dev.hawser.autoconfigure;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** The JDK's WebSocket client: one that we did not write. */
final class TestClient implements WebSocket.Listener {

    private static final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private WebSocket socket;

    static TestClient connect(int port, String path) {
        return connect(port, path, builder -> builder);
    }

    static TestClient connect(int port, String path, UnaryOperator<WebSocket.Builder> options) {
        TestClient client = new TestClient();
        client.socket = options.apply(http.newWebSocketBuilder())
                .buildAsync(URI.create("ws://localhost:" + port + path), client)
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
        return client;
    }

    /** The status with which the handshake is refused. */
    static int refusal(int port, String path, UnaryOperator<WebSocket.Builder> options) {
        try {
            connect(port, path, options).socket.abort();
            throw new AssertionError("Expected a refusal, but the socket is open");
        } catch (CompletionException refused) {
            if (refused.getCause() instanceof WebSocketHandshakeException handshake) {
                return handshake.getResponse().statusCode();
            }
            throw refused;
        }
    }

    /** The whole response to one request, whose lines are given. The server is asked to close. */
    static String exchange(int port, String... lines) throws IOException {
        try (Socket raw = new Socket("localhost", port)) {
            raw.setSoTimeout(10_000);
            String request = String.join("\r\n", lines) + "\r\nHost: localhost:" + port + "\r\n\r\n";
            raw.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(raw.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    TestClient send(String text) {
        socket.sendText(text, true).join();
        return this;
    }

    TestClient send(byte[] data) {
        socket.sendBinary(ByteBuffer.wrap(data), true).join();
        return this;
    }

    void close(int code) {
        socket.sendClose(code, "").join();
    }

    void abort() {
        socket.abort();
    }

    String protocol() {
        return socket.getSubprotocol();
    }

    /** The next message: text as it is, bytes in hexadecimal. */
    String receive() {
        try {
            String message = messages.poll(10, TimeUnit.SECONDS);
            if (message == null) {
                throw new AssertionError("Expected a message, but none came");
            }
            return message;
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    int closeCode() {
        return closed.orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        messages.add(data.toString());
        from.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        messages.add(java.util.HexFormat.of().formatHex(bytes));
        from.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        closed.complete(code);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        closed.completeExceptionally(error);
    }
}
