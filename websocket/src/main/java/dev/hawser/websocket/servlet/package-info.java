/**
 * WebSockets and event streams in a servlet container. In any servlet or filter, start with {@link
 * dev.hawser.websocket.servlet.ServletUpgrade} and {@link dev.hawser.websocket.servlet.ServletEventStream}.
 *
 * <p>Tomcat's and Jetty's own ways to upgrade are used instead of the streams of {@code jakarta.servlet}: those cannot end a
 * connection from a thread that is not the container's, which every time-out needs, and cost a read more for each message.
 * {@link dev.hawser.websocket.servlet.ProtocolSwitch} chooses by the request; nothing else knows which of them it is.
 */
@NullMarked
package dev.hawser.websocket.servlet;

import org.jspecify.annotations.NullMarked;
