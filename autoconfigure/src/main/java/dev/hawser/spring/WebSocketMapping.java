package dev.hawser.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.context.annotation.Scope;
import org.springframework.stereotype.Component;

/**
 * Makes a {@link WebSocketHandler} class an endpoint. It is a component of scope prototype: each request gets an instance
 * of its own, injected like any bean, and destroyed when its connection has ended.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Component
@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
public @interface WebSocketMapping {

    /** The path patterns, as in {@link org.springframework.web.bind.annotation.GetMapping}, such as {@code /chat/{room}}. */
    String[] value();

    /** The origins of pages that may connect, instead of those of the properties; {@code *} for any. */
    String[] origins() default {};
}
