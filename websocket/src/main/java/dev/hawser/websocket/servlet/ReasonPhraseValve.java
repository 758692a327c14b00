package dev.hawser.websocket.servlet;

import dev.hawser.websocket.handshake.HttpText;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Lets handshakes of draft-75 be answered with the reason phrase that their clients compare: Tomcat itself sends none. Add
 * it to a context, a host or the engine where those clients are expected; all other responses stay as they are.
 */
public final class ReasonPhraseValve extends ValveBase {

    private static final String RESPONSE = ReasonPhraseValve.class.getName() + ".response";

    public ReasonPhraseValve() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        request.setAttribute(RESPONSE, response.getCoyoteResponse());
        getNext().invoke(request, response);
    }

    /**
     * Writes the head of a response with status 101 in Tomcat's place, if this valve is there.
     *
     * @param first the headers that come first, in their order
     */
    static void write(
            HttpServletRequest request, HttpServletResponse response, String reasonPhrase, Map<String, String> first)
            throws IOException {
        if (!(request.getAttribute(RESPONSE) instanceof org.apache.coyote.Response raw)) {
            return;
        }
        StringBuilder head =
                new StringBuilder("HTTP/1.1 101 ").append(reasonPhrase).append("\r\n");
        first.forEach((name, value) -> append(head, name, value));
        for (String name : response.getHeaderNames()) {
            if (first.keySet().stream().noneMatch(name::equalsIgnoreCase)) {
                response.getHeaders(name).forEach(value -> append(head, name, value));
            }
        }
        raw.setCommitted(true); // Tomcat must not write a head of its own
        raw.doWrite(ByteBuffer.wrap(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII)));
    }

    private static void append(StringBuilder head, String name, String value) {
        head.append(HttpText.printable(name, ' '))
                .append(": ")
                .append(HttpText.printable(value, ' '))
                .append("\r\n");
    }
}
