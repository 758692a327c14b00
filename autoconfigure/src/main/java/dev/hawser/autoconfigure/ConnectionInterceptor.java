package dev.hawser.autoconfigure;

import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import dev.hawser.websocket.servlet.ServletEventStream;
import dev.hawser.websocket.servlet.ServletUpgrade;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.ModelAndView;

/**
 * Prepares a connection before a controller runs that wants one, and opens it after: only if the controller went through,
 * so that one that throws is answered as usual.
 */
final class ConnectionInterceptor implements HandlerInterceptor {

    static final String PREPARED_ATTRIBUTE = ConnectionInterceptor.class.getName() + ".prepared";

    private final WebSocketOptions webSockets;
    private final EventSourceOptions eventSources;
    private final ConnectionGroup group;
    private final EndpointObservers observers;
    private final Consumer<Cause> refused;
    private final EndpointTracing tracing;
    private final RequestLifetimes lifetimes;
    private final Map<Method, Optional<ConnectionKind>> kinds = new ConcurrentHashMap<>();

    ConnectionInterceptor(
            WebSocketOptions webSockets,
            EventSourceOptions eventSources,
            ConnectionGroup group,
            EndpointObservers observers,
            Consumer<Cause> refused,
            EndpointTracing tracing,
            RequestLifetimes lifetimes) {
        this.webSockets = webSockets;
        this.eventSources = eventSources;
        this.group = group;
        this.observers = observers;
        this.refused = refused;
        this.tracing = tracing;
        this.lifetimes = lifetimes;
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
            throws IOException {
        ConnectionKind kind = handler instanceof HandlerMethod method ? kind(method.getMethod()) : null;
        if (kind == null || request.getAttribute(PREPARED_ATTRIBUTE) != null) {
            return true;
        }
        if (kind == ConnectionKind.EVENT_SOURCE && request.getMethod().equals("HEAD")) {
            response.setContentType("text/event-stream"); // nobody would read the stream, and it would never end
            return false;
        }
        MountedEndpoint endpoint = endpoint(handler);
        Object prepared = kind == ConnectionKind.WEB_SOCKET
                ? upgrade(request, response, endpoint == null ? webSockets : endpoint.options())
                : stream(request, response);
        request.setAttribute(PREPARED_ATTRIBUTE, prepared);
        return prepared != null;
    }

    private @Nullable ConnectionKind kind(Method method) {
        return kinds.computeIfAbsent(method, key -> Arrays.stream(key.getParameterTypes())
                        .map(ConnectionKind::of)
                        .filter(Objects::nonNull)
                        .findFirst())
                .orElse(null);
    }

    /** The endpoint that Spring MVC takes for a controller; null where it is a controller. */
    private static @Nullable MountedEndpoint endpoint(Object handler) {
        return handler instanceof HandlerMethod method && method.getBean() instanceof MountedEndpoint mounted
                ? mounted
                : null;
    }

    private @Nullable ServletUpgrade upgrade(
            HttpServletRequest request, HttpServletResponse response, WebSocketOptions options) throws IOException {
        String pattern = pattern(request);
        ServletUpgrade upgrade = ServletUpgrade.check(
                request,
                response,
                new ServletUpgrade.Setup(
                        options,
                        observers.webSocket(pattern),
                        tracing.connection(pattern),
                        group,
                        pattern,
                        pathVariables(request),
                        cause -> {
                            observers.refused(pattern, cause);
                            refused.accept(cause);
                        },
                        true));
        if (upgrade != null) {
            lifetimes.tie(request, upgrade);
            RequestObservation observation = observation(request);
            if (observation != null) {
                observation.asked(upgrade);
            }
        }
        return upgrade;
    }

    private @Nullable ServletEventStream stream(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        String pattern = pattern(request);
        ServletEventStream stream = ServletEventStream.check(
                request,
                response,
                new ServletEventStream.Setup(
                        eventSources, observers.eventSource(pattern), tracing.connection(pattern), group, pattern));
        if (stream != null) {
            lifetimes.tie(request, stream.events());
        }
        return stream;
    }

    /** Null where nobody observes the request. */
    private static @Nullable RequestObservation observation(HttpServletRequest request) {
        return request.getAttribute(RequestObservation.ATTRIBUTE) instanceof RequestObservation observation
                ? observation
                : null;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, String> pathVariables(HttpServletRequest request) {
        Object variables = request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE);
        return variables == null ? Map.of() : Map.copyOf((Map<String, String>) variables);
    }

    private static String pattern(HttpServletRequest request) {
        Object pattern = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
        return pattern == null ? "UNKNOWN" : pattern.toString();
    }

    @Override
    public void postHandle(
            HttpServletRequest request,
            HttpServletResponse response,
            Object handler,
            @Nullable ModelAndView modelAndView)
            throws IOException {
        Object prepared = request.getAttribute(PREPARED_ATTRIBUTE);
        if (prepared == null || modelAndView != null || isAnswered(response)) {
            return; // the controller has answered in its own way
        }
        if (request.getDispatcherType() == DispatcherType.ASYNC) {
            throw new IllegalStateException(
                    "A method that takes a connection must not return an asynchronous result, but does: " + handler);
        }
        RequestObservation observation = observation(request);
        if (prepared instanceof ServletUpgrade upgrade) {
            if (!upgrade.isDecided()) {
                Object decider = Objects.requireNonNullElse(endpoint(handler), handler);
                group.warnOnce(
                        "undecided " + decider,
                        "{} must accept, reject or defer its WebSocketRequest before it returns",
                        decider);
                upgrade.reject(500, "Neither accepted nor rejected");
            }
            if (observation != null && upgrade.isDeferred()) {
                observation.deferred();
            }
            upgrade.complete();
        } else if (prepared instanceof ServletEventStream stream) {
            stream.complete();
            if (observation != null) {
                observation.streaming();
            }
        }
        request.removeAttribute(PREPARED_ATTRIBUTE);
    }

    /** Whether the response is a redirect, an error, or anything else that is not a connection. */
    private static boolean isAnswered(HttpServletResponse response) {
        return response.isCommitted()
                || response.getStatus() == HttpServletResponse.SC_NO_CONTENT
                || response.getStatus() >= HttpServletResponse.SC_MULTIPLE_CHOICES;
    }

    /** After a controller that threw, or that answered otherwise: what it was given is not opened. */
    @Override
    public void afterCompletion(
            HttpServletRequest request, HttpServletResponse response, Object handler, @Nullable Exception thrown) {
        Object prepared = request.getAttribute(PREPARED_ATTRIBUTE);
        if (prepared instanceof ServletUpgrade upgrade) {
            upgrade.discard();
        } else if (prepared instanceof ServletEventStream stream) {
            stream.discard();
        }
    }
}
