package dev.hawser.test;

import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.ConnectFailedException.Response;
import dev.hawser.websocket.client.ClientOptions;
import dev.hawser.websocket.connection.ClientConnection;
import dev.hawser.websocket.connection.WebSocketConnection;
import dev.hawser.websocket.connection.WebSocketConnection.Peer;
import dev.hawser.websocket.extension.Negotiation;
import dev.hawser.websocket.extension.NegotiationException;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.ClientHandshake;
import dev.hawser.websocket.handshake.ClientHandshakeException;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.protocol.Driver;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The client's half of a connection without a port: one attempt, as {@code WebSocketClient} would make it. */
final class MemoryDial implements ClientConnection.Dialer, Binding.RawOutput {

    private final URI url;
    private final ClientOptions options;
    private final Executor executor;
    private final Negotiation.Client extensions;
    private final ClientHandshake handshake;
    private ClientConnection.@Nullable Attempt attempt;
    private volatile @Nullable MemoryTransport transport;

    MemoryDial(URI url, ClientOptions options, Executor executor) {
        this.url = url;
        this.options = options;
        this.executor = executor;
        byte[] nonce = new byte[16];
        ThreadLocalRandom.current().nextBytes(nonce);
        this.extensions = new Negotiation.Client(
                options.socket().extensions(), options.socket().limits().maxLength());
        this.handshake = new ClientHandshake(
                options.version(),
                ClientHandshake.key(nonce),
                options.socket().protocols(),
                extensions.offers(),
                options.origin());
    }

    /** The headers of the request. */
    Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>(handshake.headers());
        headers.putAll(options.socket().headers());
        return headers;
    }

    /** Only notes the attempt: the request is made by the thread of the test. */
    @Override
    public Runnable dial(ClientConnection.Attempt made) {
        attempt = made;
        return () -> {};
    }

    private ClientConnection.Attempt attempt() {
        ClientConnection.Attempt made = attempt;
        if (made == null) {
            throw new IllegalStateException("The socket must be started before its request is answered");
        }
        return made;
    }

    /**
     * The endpoint did not accept.
     *
     * @param cause what it threw; null if nothing
     */
    void refused(Response response, @Nullable Throwable cause) {
        String thrown = cause == null ? "" : ", because of " + cause;
        attempt()
                .failed(new ConnectFailedException(
                        ConnectFailure.UNEXPECTED_STATUS,
                        "Expected status 101 but was " + response.status() + thrown,
                        cause,
                        response));
    }

    /**
     * The endpoint has accepted.
     *
     * @param later whether that was after its request was over
     */
    void accepted(Response response, WebSocketConnection server, boolean later) {
        MemoryTransport.Pair ends = MemoryTransport.pair(executor);
        ends.server()
                .start(server, true, later ? () -> server.openLater(ends.server()) : () -> server.open(ends.server()));
        ClientHandshake.Agreed agreed;
        Pipeline pipeline;
        try {
            agreed = handshake.check(response, options.requireProtocol());
            pipeline = extensions.activate(agreed.extensions(), (inbound, length, onWire) -> {});
        } catch (ClientHandshakeException refused) {
            fail(ends.client(), refused.failure(), refused, response);
            return;
        } catch (NegotiationException refused) {
            fail(ends.client(), ConnectFailure.BAD_EXTENSION, refused, response);
            return;
        }
        open(response, agreed.protocol(), pipeline, ends.client());
    }

    private void fail(MemoryTransport end, ConnectFailure failure, Exception refused, Response response) {
        end.close();
        attempt().failed(new ConnectFailedException(failure, String.valueOf(refused.getMessage()), null, response));
    }

    private void open(Response response, @Nullable String protocol, Pipeline pipeline, MemoryTransport end) {
        Driver driver = Driver.forClient(
                options.version(),
                options.socket().limits(),
                options.socket().framing(),
                pipeline,
                () -> ThreadLocalRandom.current().nextInt());
        Peer peer = new Peer(
                url.toString(),
                url.getRawPath(),
                protocol == null ? "" : protocol,
                pipeline.agreed(),
                null,
                "127.0.0.1");
        WebSocketConnection connection = attempt().connected(driver, peer, response, end);
        if (connection == null) { // the test has given up meanwhile
            pipeline.close();
            end.close();
            return;
        }
        transport = end;
        end.start(connection, false, () -> connection.open(end));
    }

    @Override
    public void write(byte[] bytes) {
        MemoryTransport open = transport;
        if (open != null) {
            open.inject(bytes);
        }
    }
}
