package dev.hawser.websocket.stream;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.client.ClientOptions;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.servlet.ServletUpgrade;
import dev.hawser.websocket.servlet.TestServer;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Both ends of a connection over a real socket, and a stream of each. */
final class Ends implements AutoCloseable {

    private final WebSocketClient own = WebSocketClient.create();
    private final TestServer tomcat;
    final WebSocket serverSocket;
    final ClientWebSocket clientSocket;
    final WebSocketStream server;
    final WebSocketStream client;

    private record Accepted(WebSocket socket, WebSocketStream stream) {}

    /**
     * Connects.
     *
     * @param controller is given the server's stream before the controller returns
     * @param connected is given the client's before anything has come
     */
    Ends(
            Consumer<WebSocketOptions.Builder> changes,
            Consumer<ClientOptions.Builder> clientChanges,
            Consumer<WebSocketStream> controller,
            Consumer<WebSocketStream> connected)
            throws InterruptedException {
        BlockingQueue<Accepted> accepted = new LinkedBlockingQueue<>();
        WebSocketOptions options = WebSocketOptions.DEFAULT.with(changes);
        tomcat = new TestServer((request, response) -> {
            WebSocket socket = ServletUpgrade.of(request, response, options).accept();
            WebSocketStream stream = WebSocketStream.of(socket);
            controller.accept(stream);
            accepted.add(new Accepted(socket, stream));
        });
        clientSocket = own.connect(
                "ws://127.0.0.1:" + tomcat.port() + "/",
                client -> clientChanges.accept(client.extensions().socket(changes)));
        client = WebSocketStream.of(clientSocket);
        connected.accept(client);
        Accepted first = Objects.requireNonNull(accepted.poll(10, TimeUnit.SECONDS), "No handshake");
        serverSocket = first.socket();
        server = first.stream();
    }

    /** Both are read as bytes. */
    static Ends ofBytes() throws InterruptedException {
        return new Ends(options -> {}, options -> {}, WebSocketStream::inputStream, WebSocketStream::inputStream);
    }

    /** Both are read as messages, which are handed on while they come or not. */
    static Ends ofMessages(boolean streaming) throws InterruptedException {
        return new Ends(
                options -> options.streaming(streaming),
                options -> {},
                WebSocketStream::messages,
                WebSocketStream::messages);
    }

    @Override
    public void close() {
        own.close();
        tomcat.close();
    }
}
