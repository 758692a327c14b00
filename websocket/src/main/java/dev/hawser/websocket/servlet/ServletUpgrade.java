package dev.hawser.websocket.servlet;

import dev.hawser.websocket.ConnectionTracing;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.connection.WebSocketConnection;
import dev.hawser.websocket.extension.Negotiation;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.handshake.HandshakeException;
import dev.hawser.websocket.handshake.HandshakeRefusal;
import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import dev.hawser.websocket.handshake.HttpText;
import dev.hawser.websocket.handshake.ServerHandshake;
import dev.hawser.websocket.handshake.Version;
import dev.hawser.websocket.protocol.Driver;
import dev.hawser.websocket.protocol.HybiDriver;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.Principal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A servlet request that asks for a WebSocket.
 *
 * <pre>{@code
 * if (ServletUpgrade.isWebSocket(request)) {
 *     WebSocket socket = ServletUpgrade.of(request, response, options).accept();
 * }
 * }</pre>
 *
 * <p>The response is written by {@link #complete}: {@link #accept()} only notes the decision where the upgrade was made
 * by a framework that wants to see first whether the application goes through.
 */
public final class ServletUpgrade implements WebSocketRequest {

    private static final Logger log = LoggerFactory.getLogger("dev.hawser.websocket.handshake");

    private static final HandshakeRefusal SHUTTING_DOWN =
            new HandshakeRefusal(Cause.SHUTTING_DOWN, 503, "The server is shutting down", Map.of("Retry-After", "1"));

    /** For streams, too. */
    static final HandshakeRefusal NO_MEMORY = new HandshakeRefusal(
            Cause.MEMORY_LIMIT, 503, "No memory to spare for another connection", Map.of("Retry-After", "1"));

    private static final HandshakeRefusal INTERNAL_ERROR =
            new HandshakeRefusal(Cause.REJECTED, 500, "Internal error", Map.of());

    private final HttpServletResponse response;
    /** Null where the request was refused, and the response has been written. */
    private final @Nullable ServerHandshake handshake;

    private final Setup setup;
    /** Null once its thread has gone on. */
    private volatile @Nullable HttpServletRequest request;

    private volatile RequestView view;

    /** What was decided, in words; null before. */
    private final AtomicReference<@Nullable String> decision = new AtomicReference<>();

    private final List<Consumer<WebSocket>> acceptListeners = new CopyOnWriteArrayList<>();
    private final List<RejectListener> rejectListeners = new CopyOnWriteArrayList<>();
    private @Nullable WebSocketConnection accepted;
    /** Kept until it is certain that there is to be one. */
    private ProtocolSwitch.@Nullable Answer answer;

    /** Comes when the request's thread goes on; null unless the decision was deferred. */
    private volatile @Nullable CompletableFuture<ProtocolSwitch.Deferred> deferral;

    private volatile Future<?> timer = CompletableFuture.completedFuture(null);
    /** One object, since it is taken out of the group again. */
    private final Runnable shutDown = () -> rejectUndecided(SHUTTING_DOWN);

    /**
     * How upgrades are made for one endpoint.
     *
     * @param endpoint the endpoint's path pattern; null for the path of the request
     * @param pathVariables what the variables of the pattern stand for
     * @param refusals hears of each refused handshake
     * @param completed whether {@link #complete} will be called after the application
     */
    public record Setup(
            WebSocketOptions options,
            WebSocketObserver observer,
            ConnectionTracing tracing,
            ConnectionGroup group,
            @Nullable String endpoint,
            Map<String, String> pathVariables,
            RefusalListener refusals,
            boolean completed) {

        /** Not traced. */
        public Setup(
                WebSocketOptions options,
                WebSocketObserver observer,
                ConnectionGroup group,
                @Nullable String endpoint,
                Map<String, String> pathVariables,
                RefusalListener refusals,
                boolean completed) {
            this(options, observer, ConnectionTracing.NONE, group, endpoint, pathVariables, refusals, completed);
        }
    }

    /** Hears of refused handshakes. */
    @FunctionalInterface
    public interface RefusalListener {

        /** A handshake was refused. */
        void refused(Cause cause);
    }

    /** The connections of applications that have no group of their own. */
    static final class SharedGroup {

        static final ConnectionGroup INSTANCE = ConnectionGroup.create();

        private SharedGroup() {}
    }

    private ServletUpgrade(
            HttpServletRequest request,
            HttpServletResponse response,
            @Nullable ServerHandshake handshake,
            Setup setup) {
        this.request = request;
        this.response = response;
        this.view = new ServletHandshakeRequest(request);
        this.handshake = handshake;
        this.setup = setup;
    }

    /** Whether the request asks for a WebSocket: whether it has the headers {@code Upgrade: websocket}. */
    public static boolean isWebSocket(HttpServletRequest request) {
        return ServerHandshake.isWebSocket(new ServletHandshakeRequest(request));
    }

    /**
     * Checks a request, for a servlet or filter of your own. If it is not a valid handshake, or its origin is not
     * allowed, the response is written here, and {@link #accept()} gives a socket that is closed already.
     *
     * @return the request, to accept or reject before the servlet returns
     * @throws IOException if the response of a refusal cannot be written
     */
    public static ServletUpgrade of(HttpServletRequest request, HttpServletResponse response, WebSocketOptions options)
            throws IOException {
        Setup setup =
                new Setup(options, WebSocketObserver.NONE, SharedGroup.INSTANCE, null, Map.of(), cause -> {}, false);
        ServletUpgrade upgrade = check(request, response, setup);
        return upgrade != null ? upgrade : new ServletUpgrade(request, response, null, setup);
    }

    /**
     * Checks a request, for a framework.
     *
     * @return the request; null if it was refused, and the response has been written
     */
    public static @Nullable ServletUpgrade check(HttpServletRequest request, HttpServletResponse response, Setup setup)
            throws IOException {
        ServletHandshakeRequest view = new ServletHandshakeRequest(request);
        try {
            ServerHandshake handshake = ServerHandshake.check(
                    view, setup.options().origins(), setup.options().allowDrafts());
            if (setup.group().isShuttingDown()) {
                refuse(view, response, setup, SHUTTING_DOWN);
                return null;
            }
            if (setup.group().memory().isNearlyUsedUp()) {
                refuse(view, response, setup, NO_MEMORY);
                return null;
            }
            return new ServletUpgrade(request, response, handshake, setup);
        } catch (HandshakeException refused) {
            refuse(view, response, setup, refused.refusal());
            return null;
        }
    }

    private static void refuse(RequestView view, HttpServletResponse response, Setup setup, HandshakeRefusal refusal)
            throws IOException {
        noteRefusal(view, setup, refusal);
        write(response, refusal);
    }

    /** Answers in the container's own way. */
    static void write(HttpServletResponse response, HandshakeRefusal refusal) throws IOException {
        response.setStatus(refusal.status());
        refusal.headers().forEach(response::setHeader);
        response.setContentType("text/plain");
        response.setContentLength(refusal.body().length);
        response.getOutputStream().write(refusal.body());
        response.flushBuffer();
    }

    private static void noteRefusal(RequestView view, Setup setup, HandshakeRefusal refusal) {
        setup.refusals().refused(refusal.cause());
        log(view, setup.endpoint(), refusal);
    }

    /** @param endpoint null for the path of the request */
    static void log(RequestView view, @Nullable String endpoint, HandshakeRefusal refusal) {
        if (log.isDebugEnabled()) {
            log.debug(
                    "Handshake refused: {} {} at {} with {}: {}",
                    refusal.cause().id(),
                    refusal.status(),
                    HttpText.logged(endpoint == null ? view.path() : endpoint),
                    HttpText.logged(view.remoteAddress()),
                    refusal.reason());
        }
    }

    // ---- What is asked for.

    @Override
    public String url() {
        return ServletHandshakeRequest.url(view, view.scheme().equals("https") ? "wss" : "ws");
    }

    @Override
    public String host() {
        return view.authority();
    }

    @Override
    public String path() {
        return view.path();
    }

    @Override
    public String resource() {
        return view.target();
    }

    @Override
    public Map<String, String> pathVariables() {
        return setup.pathVariables();
    }

    @Override
    public @Nullable String origin() {
        return handshake == null ? null : handshake.origin();
    }

    @Override
    public List<String> protocols() {
        return handshake == null ? List.of() : handshake.protocols();
    }

    @Override
    public List<ExtensionHeader> extensions() {
        return handshake == null ? List.of() : handshake.extensions();
    }

    @Override
    public String version() {
        return (handshake == null ? Version.HYBI_13 : handshake.version()).toString();
    }

    @Override
    public @Nullable String header(String name) {
        List<String> all = headers(name);
        return all.isEmpty() ? null : all.get(0);
    }

    @Override
    public List<String> headers(String name) {
        return view.headers(name);
    }

    @Override
    public Map<String, String> cookies() {
        return view.cookies();
    }

    @Override
    public @Nullable Principal principal() {
        return view.principal();
    }

    @Override
    public String remoteAddress() {
        return view.remoteAddress();
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        HttpServletRequest current = request;
        if (current == null) {
            throw new IllegalStateException("The container's request is over: its thread has gone on");
        }
        if (!type.isInstance(current)) {
            throw new IllegalArgumentException("Expected a type of the container's request, "
                    + current.getClass().getName() + ", but was " + type.getName());
        }
        return type.cast(current);
    }

    // ---- What the application decides.

    @Override
    public WebSocketRequest onAccepted(Consumer<WebSocket> listener) {
        acceptListeners.add(listener);
        return this;
    }

    @Override
    public WebSocketRequest onRejected(RejectListener listener) {
        rejectListeners.add(listener);
        return this;
    }

    @Override
    public WebSocket accept() {
        return accept(
                handshake == null ? null : handshake.choose(setup.options().protocols()));
    }

    @Override
    public WebSocket accept(@Nullable String protocol) {
        return accept(protocol, setup.options());
    }

    @Override
    public WebSocket accept(@Nullable String protocol, Consumer<WebSocketOptions.Builder> changes) {
        return accept(protocol, setup.options().with(changes));
    }

    private WebSocket accept(@Nullable String protocol, WebSocketOptions options) {
        ServerHandshake asked = handshake;
        if (asked == null) {
            decide("refused");
            answered();
            return closed(options);
        }
        if (protocol != null && !asked.protocols().contains(protocol)) {
            reject(new HandshakeRefusal(
                    Cause.BAD_PROTOCOL,
                    400,
                    "Expected a client that asks for the subprotocol " + HttpText.quote(protocol),
                    Map.of()));
            return closed(options);
        }
        Map<String, String> headers = asked.accept(protocol);
        decide("accepted");
        Pipeline pipeline;
        WebSocketConnection connection;
        try {
            pipeline = Negotiation.accept(
                    options.extensions(),
                    asked.extensions(),
                    options.limits().maxLength(),
                    setup.observer()::transformed);
            Driver driver = Driver.forServer(asked, options.limits(), options.framing(), pipeline);
            connection = connection(driver, protocol, pipeline, options);
            tell(connection);
        } catch (RuntimeException | Error thrown) {
            failed();
            throw thrown;
        }
        switchTo(connection, answer(asked, headers, pipeline, options));
        return connection;
    }

    /** Nobody else answers a request that was deferred. */
    private void failed() {
        CompletableFuture<ProtocolSwitch.Deferred> later = deferral;
        if (later != null) {
            refuseLater(later, INTERNAL_ERROR);
        }
    }

    private void tellRejected(HandshakeRefusal refusal) {
        rejectListeners.forEach(listener -> listener.rejected(refusal.status(), refusal.reason()));
    }

    private void tell(WebSocketConnection connection) {
        try {
            setup.group().accepted(connection);
            acceptListeners.forEach(listener -> listener.accept(connection));
        } catch (RuntimeException | Error thrown) {
            connection.terminate();
            throw thrown;
        }
    }

    /** What an application gets whose client has got another answer. */
    private WebSocketConnection closed(WebSocketOptions options) {
        WebSocketConnection closed = connection(new HybiDriver(options.limits()), null, Pipeline.NONE, options);
        closed.terminate();
        return closed;
    }

    private WebSocketConnection connection(
            Driver driver, @Nullable String protocol, Pipeline pipeline, WebSocketOptions options) {
        WebSocketConnection.Peer peer = new WebSocketConnection.Peer(
                url(),
                setup.endpoint() == null ? path() : setup.endpoint(),
                protocol == null ? "" : protocol,
                pipeline.agreed(),
                principal(),
                remoteAddress(),
                pathVariables());
        return new WebSocketConnection(driver, peer, options, setup.observer(), setup.tracing(), setup.group());
    }

    /** The handshake's headers come first, and no other takes their place. */
    private static ProtocolSwitch.Answer answer(
            ServerHandshake asked, Map<String, String> own, Pipeline pipeline, WebSocketOptions options) {
        Map<String, String> headers = new LinkedHashMap<>(own);
        if (!pipeline.isEmpty()) {
            headers.put(ExtensionHeader.NAME, ExtensionHeader.list(pipeline.agreed()));
        }
        Set<String> taken = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        taken.addAll(headers.keySet());
        options.headers().forEach((name, value) -> {
            if (!taken.contains(name)) {
                headers.put(name, value);
            }
        });
        return new ProtocolSwitch.Answer(asked.version(), asked.reasonPhrase(), headers);
    }

    private void switchTo(WebSocketConnection connection, ProtocolSwitch.Answer with) {
        CompletableFuture<ProtocolSwitch.Deferred> later = deferral;
        if (later == null) {
            connection.awaitsThisThread();
            accepted = connection;
            answer = with;
            if (!setup.completed()) {
                complete();
            }
            return;
        }
        connection
                .expected(); // before the group is asked: it waits for this connection, or this sees that it shuts down
        if (setup.group().isShuttingDown()) {
            connection.terminate();
            noteRefusal(view, setup, SHUTTING_DOWN);
            answerLater(later, SHUTTING_DOWN);
        } else {
            answered();
            later.whenComplete((deferred, discarded) -> {
                if (deferred == null) {
                    connection.terminate();
                } else {
                    deferred.accept(with, connection);
                }
            });
        }
    }

    @Override
    public void reject(int status, String reason, Map<String, String> headers) {
        if (status < 300 || status > 599) {
            throw new IllegalArgumentException("Expected the status of a refusal, 300 to 599, but was " + status);
        }
        headers.forEach(ServletUpgrade::checkHeader);
        String line = HttpText.printable(reason, ' ');
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("X-WebSocket-Reject-Reason", line);
        reject(new HandshakeRefusal(Cause.REJECTED, status, line, all));
    }

    private static void checkHeader(String name, String value) {
        if (!HttpText.isToken(name)
                || name.equalsIgnoreCase("Content-Length")
                || name.equalsIgnoreCase("Transfer-Encoding")) {
            throw new IllegalArgumentException(
                    "Expected the name of a header, and none of the body's length, but was " + HttpText.quote(name));
        }
        if (!HttpText.isHeaderValue(value)) {
            throw new IllegalArgumentException("Expected one line without control characters in header " + name
                    + ", but was " + HttpText.quote(value));
        }
    }

    private void reject(HandshakeRefusal refusal) {
        decide("rejected with " + refusal.status());
        CompletableFuture<ProtocolSwitch.Deferred> later = deferral;
        if (later == null) {
            refuseUnlessGone(refusal);
            tellRejected(refusal);
        } else {
            noteRefusal(view, setup, refusal);
            refuseLater(later, refusal);
        }
    }

    private void refuseUnlessGone(HandshakeRefusal refusal) {
        try {
            refuse(view, response, setup, refusal);
        } catch (IOException gone) {
            log.debug("Client gone before its rejection: {}", gone.getMessage());
        }
    }

    private void decide(String what) {
        if (!decision.compareAndSet(null, what)) {
            throw new IllegalStateException("This request was " + decision.get() + " before");
        }
        timer.cancel(false);
    }

    private void refuseLater(CompletableFuture<ProtocolSwitch.Deferred> later, HandshakeRefusal refusal) {
        try {
            tellRejected(refusal); // first: once it is answered the group may be told that nothing is left
        } finally {
            answerLater(later, refusal);
        }
    }

    private void answerLater(CompletableFuture<ProtocolSwitch.Deferred> later, HandshakeRefusal refusal) {
        later.whenComplete((deferred, discarded) -> {
            if (deferred == null) {
                answered();
            } else {
                deferred.refuse(refusal, this::answered);
            }
        });
    }

    /** The group waits no more for the answer of a request that was deferred. */
    private void answered() {
        setup.group().answered(shutDown);
    }

    @Override
    public void defer() {
        defer(setup.options().handshakeTimeout());
    }

    @Override
    public void defer(Duration timeout) {
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException("Expected a timeout longer than zero, but was " + timeout);
        }
        HttpServletRequest current = request;
        if (deferral != null || decision.get() != null || current == null) {
            String before = decision.get();
            throw new IllegalStateException("This request was " + (before == null ? "deferred" : before) + " before");
        }
        deferral = new CompletableFuture<>();
        if (handshake == null) { // it was refused, and is answered: nobody waits
            deferral.cancel(false);
            return;
        }
        view = new ServletHandshakeRequest(current).save();
        HandshakeRefusal late = new HandshakeRefusal(
                Cause.UNDECIDED, 503, "Not decided within " + timeout.toMillis() + " ms", Map.of());
        timer = setup.group().schedule(() -> setup.group().execute(() -> rejectUndecided(late)), timeout);
        setup.group().undecided(shutDown);
        if (!setup.completed()) {
            complete();
        }
    }

    private void rejectUndecided(HandshakeRefusal refusal) {
        try {
            reject(refusal);
        } catch (IllegalStateException decided) {
            // at the last moment
        }
    }

    /** Whether the application has accepted, rejected, or deferred. */
    public boolean isDecided() {
        return decision.get() != null || deferral != null;
    }

    /** Whether the decision is, or was, to come later, from any thread. */
    public boolean isDeferred() {
        return deferral != null;
    }

    // ---- What the framework does then.

    /** Gives up an accepted connection, because the application did not go through; the response is somebody else's. */
    public void discard() {
        CompletableFuture<ProtocolSwitch.Deferred> later = deferral;
        if (later != null) {
            later.cancel(false);
            timer.cancel(false);
            answered();
            if (decision.compareAndSet(null, "discarded, because the controller did not go through,")) {
                tellRejected(INTERNAL_ERROR); // there is no decision that others could wait for
            }
        }
        WebSocketConnection connection = accepted;
        if (connection != null) {
            accepted = null;
            connection.terminate();
        }
    }

    /**
     * Switches to the WebSocket protocol, if the request was accepted: the connection opens when the servlet returns. If it
     * was deferred, lets its thread go. If the group is shutting down, the answer is a 503 after all.
     */
    public void complete() {
        HttpServletRequest current = request;
        CompletableFuture<ProtocolSwitch.Deferred> later = deferral;
        WebSocketConnection connection = accepted;
        ProtocolSwitch.Answer with = answer;
        if (current == null || (later != null && later.isCancelled())) {
            return;
        }
        try {
            if (later != null) {
                later.complete(ProtocolSwitch.of(current, response).defer());
                request = null;
            } else if (connection != null && with != null) {
                view = new ServletHandshakeRequest(current).save(); // a listener may still ask it something
                connection.expected(); // before the group is asked, as above
                if (setup.group().isShuttingDown()) { // Tomcat might close the socket after its 101
                    connection.terminate();
                    refuseUnlessGone(SHUTTING_DOWN);
                } else {
                    ProtocolSwitch.of(current, response).accept(with, connection);
                }
                accepted = null;
                if (setup.completed()) {
                    request = null;
                }
            }
        } catch (IOException | ServletException | RuntimeException refused) {
            discard();
            throw new IllegalStateException("The container refuses the upgrade: " + refused.getMessage(), refused);
        }
    }
}
