package dev.hawser.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;

/**
 * Makes a {@link WebSocketTestClient} a bean of a test: bound to the port of {@code @SpringBootTest(webEnvironment =
 * RANDOM_PORT)}, and otherwise to {@code MockMvc}, which needs none and is a bean as well. Sockets and streams that a test leaves
 * open are closed after it.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@AutoConfigureMockMvc
@ImportAutoConfiguration
public @interface AutoConfigureWebSocketTestClient {}
