package dev.hawser.websocket.servlet;

import dev.hawser.websocket.connection.WebSocketConnection;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;

/**
 * Lets handshakes be answered in ways that the servlet API has not: later, from another thread, after {@link
 * dev.hawser.websocket.WebSocketRequest#defer}; and for draft-75 with the reason phrase that its clients compare, since
 * Tomcat itself sends none. Add it to the engine; all other responses stay as they are.
 */
public final class HandshakeValve extends ValveBase {

    private static final String RESPONSE = HandshakeValve.class.getName() + ".response";
    private static final String ACCEPTED = HandshakeValve.class.getName() + ".accepted";
    private static final String DEFERRED = HandshakeValve.class.getName() + ".deferred";

    public HandshakeValve() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        if (request.getHeader("Upgrade") == null) {
            getNext().invoke(request, response); // no handshake, as most
            return;
        }
        request.setAttribute(RESPONSE, response.getCoyoteResponse());
        getNext().invoke(request, response);
        if (request.getAttribute(ACCEPTED) instanceof WebSocketConnection connection
                && response.getStatus() != HttpServletResponse.SC_SWITCHING_PROTOCOLS) {
            connection.terminate(); // somebody has answered otherwise
            send(response);
        }
        if (request.getAttribute(DEFERRED) instanceof TomcatDeferred deferred) {
            if (response.isCommitted() || response.getStatus() != HttpServletResponse.SC_SWITCHING_PROTOCOLS) {
                deferred.abandon(); // somebody has answered after all
                send(response);
                return;
            }
            Map<String, List<String>> headers = new LinkedHashMap<>();
            for (String name : response.getHeaderNames()) {
                headers.put(name, List.copyOf(response.getHeaders(name)));
            }
            deferred.headers(headers);
            response.getCoyoteResponse().setCommitted(true); // Tomcat must not write a head
        }
    }

    /** Sends a response, which Tomcat does not after an upgrade. */
    private static void send(Response response) throws IOException {
        response.finishResponse();
        response.getCoyoteResponse().action(ActionCode.CLIENT_FLUSH, null);
    }

    /** Tells of a connection that is to be opened, unless the response becomes another. */
    static void accept(HttpServletRequest request, WebSocketConnection connection) {
        request.setAttribute(ACCEPTED, connection);
    }

    /** Has the response of this request written by {@code deferred}; false if this valve is not there. */
    static boolean defer(HttpServletRequest request, TomcatDeferred deferred) {
        request.setAttribute(DEFERRED, deferred);
        return request.getAttribute(RESPONSE) != null;
    }

    /** Writes the head of a response with status 101 in Tomcat's place, if this valve is there. */
    static void write(HttpServletRequest request, HttpServletResponse response, ProtocolSwitch.Answer answer)
            throws IOException {
        if (!(request.getAttribute(RESPONSE) instanceof org.apache.coyote.Response raw)) {
            return;
        }
        ResponseHead head = new ResponseHead(101, answer.reasonPhrase(), answer.headers());
        response.getHeaderNames().forEach(name -> head.add(name, response.getHeaders(name)));
        raw.setCommitted(true); // Tomcat must not write a head of its own
        raw.doWrite(head.bytes());
    }
}
