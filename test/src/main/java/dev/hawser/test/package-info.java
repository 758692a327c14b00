/**
 * WebSockets and event streams in tests: what {@code MockMvc} and {@code RestTestClient} are for requests. Start with {@link
 * dev.hawser.test.WebSocketTestClient}; in a Spring Boot test, {@link dev.hawser.test.AutoConfigureWebSocketTestClient} makes
 * one.
 *
 * <pre>
 * WebSocketTestClient ── ServerBinding ── WebSocketClient, HttpClient ── a port
 *                     └─ MockMvcBinding ── MockMvc: filters, controller
 *                             └─ MemoryDial: the client's half ── two MemoryTransports ── the server's half
 * </pre>
 */
@NullMarked
package dev.hawser.test;

import org.jspecify.annotations.NullMarked;
