/**
 * WebSockets and event streams in a servlet container. In any servlet or filter, start with {@link
 * dev.hawser.websocket.servlet.ServletUpgrade} and {@link dev.hawser.websocket.servlet.ServletEventStream}.
 *
 * <p>Tomcat's own upgrade interface is used instead of the streams of {@code jakarta.servlet}: those cannot end a
 * connection from a thread that is not Tomcat's, which every time-out needs, and cost a read more for each message.
 */
@NullMarked
package dev.hawser.websocket.servlet;

import org.jspecify.annotations.NullMarked;
