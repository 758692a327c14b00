/**
 * Load against Hawser and against Spring's own WebSocket support, in turns and on the same Tomcat; and, with compression,
 * against npm's {@code ws} as well; and Hawser's client beside two others. Start with {@link
 * dev.hawser.benchmarks.SideBySide}, {@link dev.hawser.benchmarks.Compressed} and {@link dev.hawser.benchmarks.Clients}.
 */
@NullMarked
package dev.hawser.benchmarks;

import org.jspecify.annotations.NullMarked;
