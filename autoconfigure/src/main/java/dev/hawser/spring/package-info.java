/**
 * What a Spring application imports besides the library: endpoints that need no controller ({@link
 * dev.hawser.spring.WebSocketEndpoint} beans, {@link dev.hawser.spring.WebSocketMapping} classes), mounted and unmounted
 * by {@link dev.hawser.spring.WebSocketEndpoints}; for messages that are objects {@link
 * dev.hawser.spring.TypedWebSocket} and {@link dev.hawser.spring.TypedEventSource}; what ends a connection with its session or token, {@link
 * dev.hawser.spring.ConnectionLifetimes}; and how observations are named, {@link
 * dev.hawser.spring.WebSocketMessageObservationConvention} and {@link dev.hawser.spring.WebSocketHandshakeObservationConvention}.
 */
@NullMarked
package dev.hawser.spring;

import org.jspecify.annotations.NullMarked;
