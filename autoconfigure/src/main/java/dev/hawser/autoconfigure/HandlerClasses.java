package dev.hawser.autoconfigure;

import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.spring.WebSocketHandler;
import dev.hawser.spring.WebSocketMapping;
import dev.hawser.websocket.WebSocketRequest;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/** The classes with {@link WebSocketMapping}, as endpoints. */
record HandlerClasses(ConfigurableListableBeanFactory beans) {

    Stream<WebSocketEndpoint> endpoints() {
        return Arrays.stream(beans.getBeanNamesForAnnotation(WebSocketMapping.class))
                .flatMap(this::endpoints);
    }

    private Stream<WebSocketEndpoint> endpoints(String name) {
        Class<?> type = Objects.requireNonNull(beans.getType(name));
        if (!WebSocketHandler.class.isAssignableFrom(type)) {
            throw new IllegalStateException("Expected " + type.getName()
                    + " to implement WebSocketHandler, since it has @WebSocketMapping, but it does not");
        }
        if (!beans.isPrototype(name)) {
            throw new IllegalStateException("Expected " + type.getName() + " to be of scope prototype, an instance for"
                    + " each connection, since it has @WebSocketMapping, but it is not");
        }
        WebSocketMapping mapping = Objects.requireNonNull(beans.findAnnotationOnBean(name, WebSocketMapping.class));
        String[] origins = mapping.origins();
        return Arrays.stream(mapping.value())
                .map(pattern -> WebSocketEndpoint.onRequest(pattern, request -> handle(name, request)))
                .map(endpoint -> origins.length == 0 ? endpoint : endpoint.with(options -> options.origins(origins)));
    }

    private void handle(String name, WebSocketRequest request) {
        WebSocketHandler handler = (WebSocketHandler) beans.getBean(name);
        AtomicBoolean accepted = new AtomicBoolean();
        AtomicBoolean kept = new AtomicBoolean(true);
        Runnable destroy = () -> {
            if (kept.getAndSet(false)) {
                beans.destroyBean(name, handler);
            }
        };
        request.onAccepted(socket -> {
            accepted.set(true);
            socket.listen(handler);
            socket.onClose((code, reason) -> destroy.run());
        });
        request.onRejected((status, reason) -> destroy.run());
        try {
            handler.onRequest(request);
        } catch (RuntimeException | Error thrown) {
            if (!accepted.get()) { // otherwise it still hears of the end
                destroy.run();
            }
            throw thrown;
        }
    }
}
