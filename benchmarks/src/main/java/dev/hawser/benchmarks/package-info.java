/**
 * Load against Hawser and against Spring's own WebSocket support, in turns and on the same Tomcat; and, with compression,
 * against npm's {@code ws} as well; and Hawser's client beside two others; and its topics beside loops
 * over Spring's event streams and WebSocket sessions. Start with {@link dev.hawser.benchmarks.SideBySide}, {@link
 * dev.hawser.benchmarks.Compressed}, {@link dev.hawser.benchmarks.Clients} and {@link dev.hawser.benchmarks.FanOut}.
 */
@NullMarked
package dev.hawser.benchmarks;

import org.jspecify.annotations.NullMarked;
