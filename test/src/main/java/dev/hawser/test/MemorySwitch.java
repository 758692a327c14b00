package dev.hawser.test;

import dev.hawser.websocket.ConnectFailedException.Response;
import dev.hawser.websocket.connection.WebSocketConnection;
import dev.hawser.websocket.handshake.HandshakeRefusal;
import dev.hawser.websocket.servlet.ProtocolSwitch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.mock.web.MockHttpServletResponse;

/**
 * Takes the container's place in a request that MockMvc makes: notes what the endpoint decides, and tells the client once
 * the request is over.
 */
final class MemorySwitch implements ProtocolSwitch, ProtocolSwitch.Deferred {

    private static final int MAX_BODY = 64 * 1024;

    private final MemoryDial client;
    private final MockHttpServletResponse response;

    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable WebSocketConnection accepted;
    private boolean deferred;
    /** Whether the request is over, and what is decided later can be told. */
    private boolean over;

    private @Nullable Runnable awaitingEnd;

    MemorySwitch(MemoryDial client, MockHttpServletResponse response) {
        this.client = client;
        this.response = response;
    }

    // ---- While the request lasts.

    @Override
    public void accept(Answer answer, WebSocketConnection connection) {
        if (deferred) {
            whenOver(() -> {
                respond(101, answer.headers());
                client.accepted(response(new byte[0]), connection, true);
            });
        } else {
            respond(101, answer.headers());
            accepted = connection;
        }
    }

    private void respond(int status, Map<String, String> headers) {
        response.setStatus(status);
        headers.forEach(response::setHeader);
    }

    @Override
    public Deferred defer() {
        deferred = true;
        return this;
    }

    @Override
    public void refuse(HandshakeRefusal refusal, Runnable whenAnswered) {
        whenOver(() -> {
            respond(refusal.status(), refusal.headers());
            client.refused(response(refusal.body()), null);
            whenAnswered.run();
        });
    }

    private void whenOver(Runnable decision) {
        lock.lock();
        try {
            if (!over) {
                awaitingEnd = decision;
                return;
            }
        } finally {
            lock.unlock();
        }
        decision.run();
    }

    // ---- When it is over.

    /** The request went through. */
    void completed() {
        WebSocketConnection connection = accepted;
        if (connection != null) {
            client.accepted(response(new byte[0]), connection, false);
        } else if (deferred) {
            end();
        } else {
            client.refused(response(content()), null);
        }
    }

    private void end() {
        Runnable decided;
        lock.lock();
        try {
            over = true;
            decided = awaitingEnd;
        } finally {
            lock.unlock();
        }
        if (decided != null) {
            decided.run();
        }
    }

    /** A filter or the controller threw, for which a container answers with 500. */
    void failed(Throwable thrown) {
        WebSocketConnection connection = accepted;
        if (connection != null) {
            connection.terminate();
        }
        client.refused(new Response(500, Map.of(), new byte[0]), thrown);
        end(); // what was deferred finds that the client has given up
    }

    private byte[] content() {
        byte[] content = response.getContentAsByteArray();
        String message = response.getErrorMessage();
        if (content.length == 0 && message != null) {
            content = message.getBytes(StandardCharsets.UTF_8);
        }
        return content.length > MAX_BODY ? Arrays.copyOf(content, MAX_BODY) : content;
    }

    private Response response(byte[] body) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String name : response.getHeaderNames()) {
            headers.put(name, new ArrayList<>(response.getHeaders(name)));
        }
        return new Response(response.getStatus(), headers, body);
    }
}
