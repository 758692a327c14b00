package dev.hawser.websocket.servlet;

import dev.hawser.eventsource.EventSource;
import dev.hawser.eventsource.EventSourceObserver;
import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.ConnectionTracing;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.connection.EventSourceConnection;
import dev.hawser.websocket.handshake.HandshakeRefusal;
import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import dev.hawser.websocket.handshake.HttpText;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers a servlet request with an event stream: an asynchronous response that is never dispatched again. */
public final class ServletEventStream {

    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final Setup setup;
    private final EventSourceConnection connection;

    /**
     * How streams are made for one endpoint.
     *
     * @param endpoint the endpoint's path pattern; null for the path of the request
     */
    public record Setup(
            EventSourceOptions options,
            EventSourceObserver observer,
            ConnectionTracing tracing,
            ConnectionGroup group,
            @Nullable String endpoint) {

        /** Not traced. */
        public Setup(
                EventSourceOptions options,
                EventSourceObserver observer,
                ConnectionGroup group,
                @Nullable String endpoint) {
            this(options, observer, ConnectionTracing.NONE, group, endpoint);
        }
    }

    private ServletEventStream(
            HttpServletRequest request, HttpServletResponse response, Setup setup, String lastEventId) {
        this.request = request;
        this.response = response;
        this.setup = setup;
        ServletHandshakeRequest view = new ServletHandshakeRequest(request);
        this.connection = new EventSourceConnection(
                new EventSourceConnection.Client(
                        ServletHandshakeRequest.url(view, view.scheme()),
                        setup.endpoint() == null ? request.getRequestURI() : setup.endpoint(),
                        lastEventId,
                        request.getUserPrincipal(),
                        request.getRemoteAddr(),
                        request.getRemotePort(),
                        request.getLocalPort()),
                setup.options(),
                setup.observer(),
                setup.tracing(),
                setup.group());
    }

    /** Whether the request was made by an EventSource: a GET that accepts {@code text/event-stream}. */
    public static boolean isEventSource(HttpServletRequest request) {
        List<String> accepted = new ServletHandshakeRequest(request).headers("Accept");
        return request.getMethod().equals("GET")
                && accepted.stream()
                        .flatMap(list -> HttpText.split(list).stream())
                        .anyMatch(type -> type.regionMatches(true, 0, "text/event-stream", 0, 17));
    }

    /**
     * Answers with an event stream, in a servlet or filter of your own. The first bytes leave when the servlet returns. If the
     * origin is not allowed, or no event can have had the id that the client tells, the response is written here, and the
     * stream is closed already.
     *
     * @throws IOException if the response cannot be written
     */
    public static EventSource open(HttpServletRequest request, HttpServletResponse response, EventSourceOptions options)
            throws IOException {
        Setup setup = new Setup(options, EventSourceObserver.NONE, ServletUpgrade.SharedGroup.INSTANCE, null);
        ServletEventStream stream = check(request, response, setup);
        if (stream == null) {
            ServletEventStream refused = new ServletEventStream(request, response, setup, "");
            refused.discard();
            return refused.events();
        }
        stream.complete();
        return stream.events();
    }

    /**
     * Checks a request and makes a stream, for a framework: what is sent is queued until {@link #complete}.
     *
     * @return null if it was refused, and the response has been written
     * @throws IOException if the response of a refusal cannot be written
     */
    public static @Nullable ServletEventStream check(
            HttpServletRequest request, HttpServletResponse response, Setup setup) throws IOException {
        EventSourceOptions options = setup.options();
        ServletHandshakeRequest view = new ServletHandshakeRequest(request);
        if (!options.origins().allows(view)) {
            String origin = HttpText.quote(String.join(", ", Collections.list(request.getHeaders("Origin"))));
            refuse(
                    setup,
                    view,
                    response,
                    Cause.FORBIDDEN_ORIGIN,
                    403,
                    "Origin " + origin + " is not allowed here (hawser.eventsource.allowed-origins)");
            return null;
        }
        if (setup.group().memory().isNearlyUsedUp()) {
            refuse(setup, view, response, ServletUpgrade.NO_MEMORY);
            return null;
        }
        try {
            String lastEventId = LastEventId.of(request, options.lastEventIdParameter());
            return new ServletEventStream(request, response, setup, lastEventId);
        } catch (IllegalArgumentException wrong) {
            refuse(setup, view, response, Cause.BAD_REQUEST, 400, String.valueOf(wrong.getMessage()));
            return null;
        }
    }

    private static void refuse(
            Setup setup,
            ServletHandshakeRequest view,
            HttpServletResponse response,
            Cause cause,
            int status,
            String reason)
            throws IOException {
        refuse(setup, view, response, new HandshakeRefusal(cause, status, reason, Map.of()));
    }

    private static void refuse(
            Setup setup, ServletHandshakeRequest view, HttpServletResponse response, HandshakeRefusal refusal)
            throws IOException {
        setup.observer().refused(refusal.cause());
        ServletUpgrade.log(view, setup.endpoint(), refusal);
        ServletUpgrade.write(response, refusal);
    }

    /** The stream. */
    public EventSource events() {
        return connection;
    }

    /**
     * Starts the response, once the application has gone through.
     *
     * @throws IOException if the response cannot be written
     */
    public void complete() throws IOException {
        response.setStatus(HttpServletResponse.SC_OK);
        response.setContentType("text/event-stream");
        response.setHeader("Cache-Control", "no-cache, no-transform");
        response.setHeader("X-Accel-Buffering", "no"); // nginx would collect events otherwise
        if (ProtocolSwitch.isJetty(request)) {
            response.setHeader("Content-Encoding", "identity"); // where Jetty compresses, it would hold events back
        }
        setup.options().headers().forEach(response::setHeader);
        AsyncContext async = request.startAsync();
        async.setTimeout(0);
        async.addListener(new EndListener(connection));
        AsyncSink sink = new AsyncSink(async, connection);
        // First, because Tomcat takes no listener any more once a stream that overflowed meanwhile has been completed.
        response.getOutputStream().setWriteListener(sink);
        connection.open(sink);
    }

    /** Gives up the stream, because the application did not go through; the response is somebody else's. */
    public void discard() {
        connection.cut(CloseCause.FAILURE);
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
            // Once more: Tomcat forgets that its WriteListener has completed the response, and would answer with an
            // error page.
            AsyncSink.complete(event.getAsyncContext());
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            // A response is made asynchronous once.
        }
    }
}
