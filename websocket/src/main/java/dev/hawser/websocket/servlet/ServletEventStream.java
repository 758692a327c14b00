package dev.hawser.websocket.servlet;

import dev.hawser.eventsource.EventSource;
import dev.hawser.eventsource.EventSourceObserver;
import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.connection.EventSourceConnection;
import dev.hawser.websocket.handshake.HttpText;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers a servlet request with an event stream: an asynchronous response that is never dispatched again. */
public final class ServletEventStream {

    private ServletEventStream() {}

    /** Whether the request was made by an EventSource: a GET that accepts {@code text/event-stream}. */
    public static boolean isEventSource(HttpServletRequest request) {
        List<String> accepted = new ServletHandshakeRequest(request).headers("Accept");
        return request.getMethod().equals("GET")
                && accepted.stream()
                        .flatMap(list -> HttpText.split(list).stream())
                        .anyMatch(type -> type.regionMatches(true, 0, "text/event-stream", 0, 17));
    }

    /**
     * Starts the stream. The first bytes leave when the servlet returns.
     *
     * @param endpoint the endpoint's path pattern; null for the path of the request
     * @throws IOException if the response cannot be written
     */
    public static EventSource open(
            HttpServletRequest request,
            HttpServletResponse response,
            EventSourceOptions options,
            EventSourceObserver observer,
            ConnectionGroup group,
            @Nullable String endpoint)
            throws IOException {
        String lastEventId = request.getHeader("Last-Event-ID");
        ServletHandshakeRequest view = new ServletHandshakeRequest(request);
        EventSourceConnection connection = new EventSourceConnection(
                new EventSourceConnection.Client(
                        view.url(request.getScheme()),
                        endpoint == null ? request.getRequestURI() : endpoint,
                        lastEventId == null ? "" : lastEventId,
                        request.getUserPrincipal(),
                        request.getRemoteAddr()),
                options,
                observer,
                group);
        response.setStatus(HttpServletResponse.SC_OK);
        response.setContentType("text/event-stream");
        response.setHeader("Cache-Control", "no-cache, no-transform");
        response.setHeader("X-Accel-Buffering", "no"); // nginx would collect events otherwise
        options.headers().forEach(response::setHeader);
        AsyncContext async = request.startAsync();
        async.setTimeout(0);
        async.addListener(new EndListener(connection));
        AsyncSink sink = new AsyncSink(async, connection);
        connection.open(sink);
        response.getOutputStream().setWriteListener(sink);
        return connection;
    }

    /** However the container sees the response end, the stream has ended. */
    private record EndListener(EventSourceConnection connection) implements AsyncListener {

        @Override
        public void onComplete(AsyncEvent event) {
            connection.onDisconnected();
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            connection.onDisconnected();
        }

        @Override
        public void onError(AsyncEvent event) {
            connection.onDisconnected();
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            // A response is made asynchronous once.
        }
    }
}
