package dev.hawser.autoconfigure;

import dev.hawser.spring.TypedWebSocket;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.support.RegisteredBean;
import org.springframework.core.MethodParameter;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.stereotype.Controller;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** Lets a native image read what the {@link TypedWebSocket}s of controllers receive, as Spring MVC does for the bodies of requests. */
final class TypedMessagesAotProcessor implements BeanRegistrationAotProcessor {

    private final BindingReflectionHintsRegistrar binding = new BindingReflectionHintsRegistrar();

    @Override
    public @Nullable BeanRegistrationAotContribution processAheadOfTime(RegisteredBean bean) {
        Class<?> controller = ClassUtils.getUserClass(bean.getBeanClass());
        if (!AnnotatedElementUtils.hasAnnotation(controller, Controller.class)) {
            return null;
        }
        Type[] messages = Stream.of(ReflectionUtils.getUniqueDeclaredMethods(controller))
                .flatMap(method -> messages(controller, method))
                .toArray(Type[]::new);
        return messages.length == 0
                ? null
                : (generation, code) -> binding.registerReflectionHints(
                        generation.getRuntimeHints().reflection(), messages);
    }

    private static Stream<Type> messages(Class<?> controller, Method method) {
        return IntStream.range(0, method.getParameterCount())
                .mapToObj(index -> new MethodParameter(method, index).withContainingClass(controller))
                .filter(parameter -> parameter.getParameterType() == TypedWebSocket.class)
                .map(ConnectionArgumentResolver::messages)
                .filter(Objects::nonNull);
    }
}
