package dev.hawser.websocket.servlet;

import dev.hawser.websocket.connection.WebSocketConnection;
import dev.hawser.websocket.handshake.HandshakeRefusal;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A handshake that Tomcat takes for answered, while nothing was written yet. {@link HandshakeValve} keeps Tomcat from
 * writing a head; the socket comes with {@link TomcatUpgradeHandler}; the decision comes from anywhere, before or after.
 */
final class TomcatDeferred implements ProtocolSwitch.Deferred {

    private final CompletableFuture<TomcatUpgradeHandler> ready = new CompletableFuture<>();
    /** What the application and its filters have added to the response. Written before {@code ready}. */
    private Map<String, List<String>> headers = Map.of();

    /** Called once, before Tomcat hands over its socket. */
    void headers(Map<String, List<String>> added) {
        headers = added;
    }

    /** The response is somebody else's, or nobody's any more. */
    void abandon() {
        ready.cancel(false);
    }

    /** The socket is there; false if it is to be closed. */
    boolean ready(TomcatUpgradeHandler handler) {
        return ready.complete(handler);
    }

    @Override
    public void accept(ProtocolSwitch.Answer answer, WebSocketConnection connection) {
        ready.whenComplete((handler, abandoned) -> {
            if (handler == null) {
                connection.terminate();
            } else if (handler.accept(head(101, answer.reasonPhrase(), answer.headers()))) {
                handler.open(connection);
            } else {
                connection.terminate();
                handler.close(); // the connection knows no socket yet
            }
        });
    }

    @Override
    public void refuse(HandshakeRefusal refusal, Runnable whenAnswered) {
        ready.whenComplete((handler, abandoned) -> {
            try {
                refuse(handler, refusal);
            } finally {
                whenAnswered.run();
            }
        });
    }

    private void refuse(@Nullable TomcatUpgradeHandler handler, HandshakeRefusal refusal) {
        if (handler != null) {
            Map<String, String> own = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            own.putAll(refusal.headers());
            own.put("Content-Type", "text/plain");
            own.put("Content-Length", Integer.toString(refusal.body().length));
            own.put("Connection", "close");
            handler.refuse(head(refusal.status(), "", own), ByteBuffer.wrap(refusal.body()));
        }
    }

    private ByteBuffer head(int status, String reasonPhrase, Map<String, String> own) {
        ResponseHead head = new ResponseHead(status, reasonPhrase, own);
        headers.forEach(head::add);
        return head.bytes();
    }
}
