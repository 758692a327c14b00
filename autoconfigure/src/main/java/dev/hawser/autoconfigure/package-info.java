/**
 * Hawser in a Spring Boot application: controllers take {@code WebSocket}, {@code TypedWebSocket}, {@code WebSocketRequest} and {@code
 * EventSource} parameters, {@code hawser.*} properties tune them, and Micrometer measures them. Start with {@link
 * dev.hawser.autoconfigure.HawserAutoConfiguration}.
 *
 * <pre>
 *   DispatcherServlet ──► ConnectionInterceptor.preHandle     checks the handshake, refuses a bad one;
 *                                                            RequestLifetimes ties it to its session and token
 *                    ──► ConnectionArgumentResolver          gives the controller its parameter
 *                    ──► the controller                      adds listeners
 *                    ──► ConnectionInterceptor.postHandle    switches protocols, or starts the stream
 * </pre>
 */
@NullMarked
package dev.hawser.autoconfigure;

import org.jspecify.annotations.NullMarked;
