package dev.hawser.websocket.servlet;

import dev.hawser.websocket.connection.WebSocketConnection;
import dev.hawser.websocket.handshake.HandshakeRefusal;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.ee11.servlet.ServletContextRequest;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** Jetty's own upgrade: see the package for why it is not the servlet API's. */
record JettySwitch(HttpServletRequest request, HttpServletResponse response) implements ProtocolSwitch {

    @Override
    public void accept(Answer answer, WebSocketConnection connection) {
        handshake().accept(answer, connection, false);
    }

    @Override
    public Deferred defer() {
        AsyncContext async = request.startAsync();
        async.setTimeout(0); // the request has a timeout of its own
        return new Later(handshake(), async);
    }

    private JettyHandshake handshake() {
        response.setStatus(HttpServletResponse.SC_SWITCHING_PROTOCOLS);
        response.setHeader("Content-Length", null); // Jetty would miss that content
        Request innermost = Request.unWrap(ServletContextRequest.getServletContextRequest(request));
        AtomicReference<@Nullable JettyHandshake> made = new AtomicReference<>();
        innermost.addHttpStreamWrapper(stream -> {
            JettyHandshake handshake = new JettyHandshake(innermost, stream);
            made.set(handshake);
            return handshake;
        });
        JettyHandshake handshake = made.get();
        if (handshake == null) {
            throw new IllegalStateException("Jetty has no stream for this response");
        }
        return handshake;
    }

    /** A request that stays asynchronous until it is decided. */
    private record Later(JettyHandshake handshake, AsyncContext async) implements Deferred {

        @Override
        public void accept(Answer answer, WebSocketConnection connection) {
            handshake.accept(answer, connection, true);
            complete();
        }

        @Override
        public void refuse(HandshakeRefusal refusal, Runnable whenAnswered) {
            try {
                handshake.refuse(refusal);
                complete();
            } finally {
                whenAnswered.run();
            }
        }

        /** Has Jetty write the response, once all filters are through. */
        private void complete() {
            try {
                async.complete();
            } catch (IllegalStateException over) {
                // The request has ended otherwise, and the handshake knows.
            }
        }
    }
}
