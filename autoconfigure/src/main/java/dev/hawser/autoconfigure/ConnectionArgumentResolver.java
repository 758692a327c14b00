package dev.hawser.autoconfigure;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.servlet.ServletEventStream;
import dev.hawser.websocket.servlet.ServletUpgrade;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/** Gives a controller what {@link ConnectionInterceptor} has prepared. */
final class ConnectionArgumentResolver implements HandlerMethodArgumentResolver {

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return ConnectionKind.of(parameter.getParameterType()) != null;
    }

    @Override
    public @Nullable Object resolveArgument(
            MethodParameter parameter,
            @Nullable ModelAndViewContainer container,
            NativeWebRequest request,
            @Nullable WebDataBinderFactory binders) {
        if (container != null) {
            container.setRequestHandled(true);
        }
        Class<?> type = parameter.getParameterType();
        Object prepared =
                request.getAttribute(ConnectionInterceptor.PREPARED_ATTRIBUTE, RequestAttributes.SCOPE_REQUEST);
        if (type == EventSource.class && prepared instanceof ServletEventStream stream) {
            return stream.events();
        }
        if (type == WebSocketRequest.class && prepared instanceof ServletUpgrade upgrade) {
            return upgrade;
        }
        if (type == WebSocket.class && prepared instanceof ServletUpgrade upgrade) {
            return upgrade.accept();
        }
        throw new IllegalStateException("A controller method can have one parameter of type WebSocket, WebSocketRequest"
                + " or EventSource, but " + parameter.getExecutable() + " has more");
    }
}
