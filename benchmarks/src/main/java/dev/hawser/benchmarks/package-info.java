/**
 * Load against Hawser and against Spring's own WebSocket support, in turns and on the same Tomcat; and, with compression,
 * against npm's {@code ws} as well. Start with {@link dev.hawser.benchmarks.SideBySide} and {@link
 * dev.hawser.benchmarks.Compressed}.
 */
@NullMarked
package dev.hawser.benchmarks;

import org.jspecify.annotations.NullMarked;
