package dev.hawser.websocket.servlet;

import dev.hawser.websocket.connection.WebSocketConnection;
import dev.hawser.websocket.handshake.HandshakeRefusal;
import dev.hawser.websocket.handshake.Version;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;

/**
 * How a container answers a handshake and hands over its socket (RFC 9110, section 7.8): one for each request, chosen by
 * the container that it comes from. A request that has one as its {@link #ATTRIBUTE} uses that instead: a test does, where
 * there is no socket.
 */
public interface ProtocolSwitch {

    /** The request attribute by which another switch takes the container's place. */
    String ATTRIBUTE = ProtocolSwitch.class.getName();

    /**
     * A response with status 101.
     *
     * @param version which is to be spoken
     * @param reasonPhrase what only draft-75 wants to be sent
     * @param headers those of the handshake, in the order that draft-75 wants; the response may have others besides
     */
    record Answer(Version version, String reasonPhrase, Map<String, String> headers) {}

    /**
     * Answers, on the request's thread. The connection opens once the servlet has returned.
     *
     * @throws IOException if the container cannot answer; and so the others
     */
    void accept(Answer answer, WebSocketConnection connection) throws IOException, ServletException;

    /**
     * Lets the request's thread go, on that thread: the answer comes later.
     *
     * @throws IllegalStateException if the container cannot do that
     */
    Deferred defer() throws IOException, ServletException;

    /** A request that was not answered yet. One of the methods is called, once, on any thread; neither waits or throws. */
    interface Deferred {

        /** Answers, and {@linkplain WebSocketConnection#openLater opens} the connection. */
        void accept(Answer answer, WebSocketConnection connection);

        /**
         * Answers otherwise.
         *
         * @param whenAnswered called once the answer has left, or the request has ended without it
         */
        void refuse(HandshakeRefusal refusal, Runnable whenAnswered);
    }

    /** The switch of this request. */
    static ProtocolSwitch of(HttpServletRequest request, HttpServletResponse response) {
        if (request.getAttribute(ATTRIBUTE) instanceof ProtocolSwitch given) {
            return given;
        }
        return isJetty(request) ? new JettySwitch(request, response) : new TomcatSwitch(request, response);
    }

    /** Whether this is a request of Jetty's. */
    static boolean isJetty(HttpServletRequest request) {
        // By its name, since the classes of a container that is not there cannot be loaded.
        return containersOwn(request).getClass().getName().startsWith("org.eclipse.jetty.");
    }

    private static ServletRequest containersOwn(HttpServletRequest request) {
        ServletRequest own = request;
        while (own instanceof ServletRequestWrapper wrapper) {
            own = wrapper.getRequest();
        }
        return own;
    }
}
