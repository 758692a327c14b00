package dev.hawser.autoconfigure;

import dev.hawser.eventsource.EventSource;
import dev.hawser.spring.TypedEventSource;
import dev.hawser.spring.TypedWebSocket;
import dev.hawser.spring.WebSocketConverter;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.servlet.ServletEventStream;
import dev.hawser.websocket.servlet.ServletUpgrade;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.GenericTypeResolver;
import org.springframework.core.MethodParameter;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/** Gives a controller what {@link ConnectionInterceptor} has prepared. */
final class ConnectionArgumentResolver implements HandlerMethodArgumentResolver {

    private final ObjectProvider<WebSocketConverter> converter;

    ConnectionArgumentResolver(ObjectProvider<WebSocketConverter> converter) {
        this.converter = converter;
    }

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
        if (type == TypedEventSource.class && prepared instanceof ServletEventStream stream) {
            return converter.getObject().typed(stream.events());
        }
        if (type == WebSocketRequest.class && prepared instanceof ServletUpgrade upgrade) {
            return upgrade;
        }
        if (type == WebSocket.class && prepared instanceof ServletUpgrade upgrade) {
            return upgrade.accept();
        }
        if (type == TypedWebSocket.class && prepared instanceof ServletUpgrade upgrade) {
            Type messages = messages(parameter);
            if (messages == null) {
                throw new IllegalStateException("A TypedWebSocket must say what its messages are, as in"
                        + " TypedWebSocket<Order>, but that of " + parameter.getExecutable() + " does not");
            }
            return converter.getObject().typed(upgrade.accept(), ParameterizedTypeReference.forType(messages));
        }
        throw new IllegalStateException(
                "A controller method can have one parameter of type WebSocket, TypedWebSocket, WebSocketRequest,"
                        + " EventSource or TypedEventSource, but " + parameter.getExecutable() + " has more");
    }

    /** What the messages of a {@code TypedWebSocket<Order>} are; null if it does not say. */
    static @Nullable Type messages(MethodParameter parameter) {
        Type type = parameter.nested().getNestedGenericParameterType();
        Type messages = GenericTypeResolver.resolveType(type, parameter.getContainingClass());
        boolean unsaid = messages == TypedWebSocket.class
                || messages instanceof WildcardType
                || messages instanceof TypeVariable;
        return unsaid ? null : messages;
    }
}
