package dev.hawser.websocket.servlet;

import dev.hawser.websocket.connection.WebSocketConnection;
import dev.hawser.websocket.handshake.HandshakeRefusal;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * What Jetty writes its response to, while that is a handshake's: here the answer takes the place of the response, once
 * Jetty comes to write it, if it still has the status 101. Jetty then hands over its socket, as to its own WebSockets.
 */
final class JettyHandshake extends HttpStream.Wrapper {

    private static final Outcome ABANDONED = new Abandoned();

    private final Request request;
    /** What is to be answered; null while nobody has decided. */
    private final AtomicReference<@Nullable Outcome> outcome = new AtomicReference<>();
    /** Whether the whole answer is on its way. Used by one thread at a time, as Jetty writes. */
    private boolean answered;

    private sealed interface Outcome permits Accepted, Refused, Abandoned {}

    private record Accepted(ProtocolSwitch.Answer answer, WebSocketConnection connection, boolean later)
            implements Outcome {}

    private record Refused(HandshakeRefusal refusal) implements Outcome {}

    /** The response is somebody else's, or there is none. */
    private record Abandoned() implements Outcome {}

    JettyHandshake(Request request, HttpStream stream) {
        super(stream);
        this.request = request;
    }

    /**
     * Accepts.
     *
     * @param later whether the application may still be adding listeners when the connection opens
     */
    void accept(ProtocolSwitch.Answer answer, WebSocketConnection connection, boolean later) {
        if (!outcome.compareAndSet(null, new Accepted(answer, connection, later))) {
            connection.terminate();
        }
    }

    void refuse(HandshakeRefusal refusal) {
        outcome.compareAndSet(null, new Refused(refusal));
    }

    @Override
    public void send(
            MetaData.Request head,
            MetaData.@Nullable Response response,
            boolean last,
            @Nullable ByteBuffer content,
            Callback callback) {
        if (answered) {
            callback.succeeded();
            return;
        }
        if (response == null || response.getStatus() != HttpServletResponse.SC_SWITCHING_PROTOCOLS) {
            abandon();
        }
        Outcome decided = outcome.get();
        if (response != null && decided instanceof Accepted accepted) {
            answered = true;
            switchTo(accepted, response.getHttpFields(), callback);
        } else if (response != null && decided instanceof Refused refused) {
            answered = true;
            HandshakeRefusal refusal = refused.refusal();
            super.send(head, response(refusal, response), true, ByteBuffer.wrap(refusal.body()), callback);
        } else {
            super.send(head, response, last, content, callback);
        }
    }

    private void switchTo(Accepted accepted, HttpFields others, Callback callback) {
        ConnectionMetaData from = request.getConnectionMetaData();
        EndPoint socket = from.getConnection().getEndPoint();
        JettyConnection connection =
                new JettyConnection(socket, from.getConnector().getExecutor(), accepted.connection(), accepted.later());
        from.getConnector().getEventListeners().forEach(connection::addEventListener);
        request.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, connection);
        ProtocolSwitch.Answer answer = accepted.answer();
        ResponseHead head = new ResponseHead(101, answer.reasonPhrase(), answer.headers());
        for (HttpField field : others) {
            head.add(field.getName(), List.of(String.valueOf(field.getValue())));
        }
        socket.write(callback, head.bytes());
    }

    private static MetaData.Response response(HandshakeRefusal refusal, MetaData.Response instead) {
        HttpFields.Mutable fields = HttpFields.build(instead.getHttpFields());
        refusal.headers().forEach(fields::put);
        fields.put(HttpHeader.CONTENT_TYPE, "text/plain");
        fields.put(HttpHeader.CONTENT_LENGTH, refusal.body().length);
        fields.put(HttpHeader.CONNECTION, "close");
        return new MetaData.Response(refusal.status(), null, instead.getHttpVersion(), fields, refusal.body().length);
    }

    @Override
    public void succeeded() {
        if (!answered) {
            abandon();
        }
        super.succeeded();
    }

    @Override
    public void failed(Throwable cause) {
        abandon();
        super.failed(cause);
    }

    private void abandon() {
        if (outcome.getAndSet(ABANDONED) instanceof Accepted accepted) {
            accepted.connection().terminate();
        }
    }
}
