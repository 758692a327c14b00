package dev.hawser.websocket.servlet;

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
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * by a framework that wants to see first whether the application goes through. Belongs to the thread that handles the
 * request.
 */
public final class ServletUpgrade implements WebSocketRequest {

    private static final Logger log = LoggerFactory.getLogger("dev.hawser.websocket.handshake");

    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final ServletHandshakeRequest view;
    /** Null where the request was refused, and the response has been written. */
    private final @Nullable ServerHandshake handshake;

    private final Setup setup;
    private @Nullable WebSocketConnection accepted;
    /** The headers of the handshake's answer, kept until it is certain that there is to be one. */
    private Map<String, String> answer = Map.of();
    /** Those that the application adds to them. */
    private Map<String, String> added = Map.of();

    private Consumer<WebSocket> acceptListener = socket -> {};
    private boolean decided;

    /**
     * How upgrades are made for one endpoint.
     *
     * @param endpoint the endpoint's path pattern; null for the path of the request
     * @param refusals hears of each refused handshake
     * @param deferred whether {@link #complete} will be called after the application
     */
    public record Setup(
            WebSocketOptions options,
            WebSocketObserver observer,
            ConnectionGroup group,
            @Nullable String endpoint,
            RefusalListener refusals,
            boolean deferred) {}

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
        Setup setup = new Setup(options, WebSocketObserver.NONE, SharedGroup.INSTANCE, null, cause -> {}, false);
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
                refuse(
                        response,
                        setup,
                        new HandshakeRefusal(
                                Cause.SHUTTING_DOWN, 503, "The server is shutting down", Map.of("Retry-After", "1")));
                return null;
            }
            return new ServletUpgrade(request, response, handshake, setup);
        } catch (HandshakeException refused) {
            refuse(response, setup, refused.refusal());
            return null;
        }
    }

    private static void refuse(HttpServletResponse response, Setup setup, HandshakeRefusal refusal) throws IOException {
        setup.refusals().refused(refusal.cause());
        log.debug("Handshake refused: {} {} {}", refusal.cause().id(), refusal.status(), refusal.reason());
        byte[] body = (refusal.reason() + "\n").getBytes(StandardCharsets.US_ASCII);
        response.setStatus(refusal.status());
        refusal.headers().forEach(response::setHeader);
        response.setContentType("text/plain");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
        response.flushBuffer();
    }

    @Override
    public String url() {
        return view.url(request.isSecure() ? "wss" : "ws");
    }

    @Override
    public String path() {
        return request.getRequestURI();
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
        return request.getHeader(name);
    }

    @Override
    public List<String> headers(String name) {
        return view.headers(name);
    }

    @Override
    public @Nullable Principal principal() {
        return request.getUserPrincipal();
    }

    @Override
    public String remoteAddress() {
        return request.getRemoteAddr();
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
        Map<String, String> headers = handshake == null ? Map.of() : handshake.accept(protocol);
        decide();
        Pipeline pipeline = handshake == null ? Pipeline.NONE : extensions(handshake, options);
        WebSocketConnection connection = connection(protocol, pipeline, options);
        if (handshake == null) {
            connection.terminate();
            return connection;
        }
        accepted = connection;
        added = options.headers();
        answer = new LinkedHashMap<>(headers);
        if (!pipeline.isEmpty()) {
            answer.put(ExtensionHeader.NAME, ExtensionHeader.list(pipeline.agreed()));
        }
        acceptListener.accept(connection);
        if (!setup.deferred()) {
            complete();
        }
        return connection;
    }

    private Pipeline extensions(ServerHandshake offered, WebSocketOptions options) {
        return Negotiation.accept(
                options.extensions(),
                offered.extensions(),
                options.limits().maxLength(),
                setup.observer()::transformed);
    }

    private WebSocketConnection connection(@Nullable String protocol, Pipeline pipeline, WebSocketOptions options) {
        Driver driver = handshake == null
                ? new HybiDriver(options.limits())
                : Driver.forServer(handshake, options.limits(), options.framing(), pipeline);
        WebSocketConnection.Peer peer = new WebSocketConnection.Peer(
                url(),
                setup.endpoint() == null ? path() : setup.endpoint(),
                protocol == null ? "" : protocol,
                pipeline.agreed(),
                principal(),
                remoteAddress());
        return new WebSocketConnection(driver, peer, options, setup.observer(), setup.group());
    }

    /** Called when the application accepts, with the socket that it is about to get. One listener at most. */
    public void onAccept(Consumer<WebSocket> listener) {
        acceptListener = listener;
    }

    @Override
    public void reject(int status, String reason) {
        if (status < 300 || status > 599) {
            throw new IllegalArgumentException("Expected the status of a refusal, 300 to 599, but was " + status);
        }
        decide();
        String line = HttpText.printable(reason, ' ');
        try {
            refuse(
                    response,
                    setup,
                    new HandshakeRefusal(Cause.REJECTED, status, line, Map.of("X-WebSocket-Reject-Reason", line)));
        } catch (IOException gone) {
            log.debug("Client gone before its rejection: {}", gone.getMessage());
        }
    }

    private void decide() {
        if (decided) {
            throw new IllegalStateException("This request was accepted or rejected before");
        }
        decided = true;
    }

    /** Whether the application has accepted or rejected. */
    public boolean isDecided() {
        return decided;
    }

    /** Gives up an accepted connection, because the application did not go through; the response is somebody else's. */
    public void discard() {
        WebSocketConnection connection = accepted;
        if (connection != null) {
            accepted = null;
            connection.terminate();
        }
    }

    /** Switches to the WebSocket protocol, if the request was accepted: the connection opens when the servlet returns. */
    public void complete() {
        WebSocketConnection connection = accepted;
        if (connection == null) {
            return;
        }
        added.forEach(response::setHeader);
        answer.forEach(response::setHeader);
        try {
            request.upgrade(TomcatUpgradeHandler.class).connect(connection);
            if (handshake != null && handshake.version() == Version.HIXIE_75) {
                ReasonPhraseValve.write(request, response, handshake.reasonPhrase(), answer);
            }
            accepted = null;
        } catch (IOException | ServletException | RuntimeException refused) {
            discard();
            throw new IllegalStateException("The container refuses the upgrade", refused);
        }
    }
}
