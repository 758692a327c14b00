/**
 * Load against Hawser and against Spring's own WebSocket support, in turns and on the same Tomcat. Start with {@link
 * dev.hawser.benchmarks.SideBySide}.
 */
@NullMarked
package dev.hawser.benchmarks;

import org.jspecify.annotations.NullMarked;
