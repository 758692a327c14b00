package dev.hawser.websocket.servlet;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Lets handshakes be answered in ways that the servlet API has not: later, from another thread, after {@link
 * dev.hawser.websocket.WebSocketRequest#defer}; and for draft-75 with the reason phrase that its clients compare, since
 * Tomcat itself sends none. Add it to the engine; all other responses stay as they are.
 */
public final class HandshakeValve extends ValveBase {

    private static final String RESPONSE = HandshakeValve.class.getName() + ".response";
    private static final String DEFERRED = HandshakeValve.class.getName() + ".deferred";

    public HandshakeValve() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        request.setAttribute(RESPONSE, response.getCoyoteResponse());
        getNext().invoke(request, response);
        if (request.getAttribute(DEFERRED) instanceof TomcatDeferred deferred) {
            if (response.isCommitted() || response.getStatus() != HttpServletResponse.SC_SWITCHING_PROTOCOLS) {
                deferred.abandon(); // somebody has answered after all
                return;
            }
            StringBuilder lines = new StringBuilder();
            for (String name : response.getHeaderNames()) {
                if (!name.equalsIgnoreCase("Connection") && !name.equalsIgnoreCase("Upgrade")) {
                    response.getHeaders(name).forEach(value -> lines.append(ResponseHead.line(name, value)));
                }
            }
            deferred.headers(lines.toString());
            response.getCoyoteResponse().setCommitted(true); // Tomcat must not write a head
        }
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
        ResponseHead head = new ResponseHead(101, answer.reasonPhrase()).add(answer.headers());
        for (String name : response.getHeaderNames()) {
            if (answer.headers().keySet().stream().noneMatch(name::equalsIgnoreCase)) {
                response.getHeaders(name).forEach(value -> head.add(name, value));
            }
        }
        raw.setCommitted(true); // Tomcat must not write a head of its own
        raw.doWrite(head.bytes());
    }
}
