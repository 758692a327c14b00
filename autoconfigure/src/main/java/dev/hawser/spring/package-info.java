/**
 * What applications with Spring import, besides {@code dev.hawser.websocket}. For messages that are objects start with
 * {@link dev.hawser.spring.TypedWebSocket}.
 */
@NullMarked
package dev.hawser.spring;

import org.jspecify.annotations.NullMarked;
