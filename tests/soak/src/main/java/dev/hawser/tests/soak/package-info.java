/**
 * Thousands of connections that come, talk, stall, break and go by a seeded plan, and what is left of them: nothing.
 *
 * <pre>
 *   Soak: a warm-up round, then the long one; after each, Footprint is compared
 *     |                                         |
 *   Load (this process)                       ServerProcess (a process of its own)
 *     Loop, one thread each                     SoakServer: Endpoints, Control
 *       SocketVisitor, StreamVisitor,   ----    127.0.0.1, from 127.0.0.x
 *       each by its Plan
 * </pre>
 *
 * <p>The client is written for this: a good one does not stop within a frame, mask nothing or ignore a close. Start with
 * {@link dev.hawser.tests.soak.Soak}.
 */
@NullMarked
package dev.hawser.tests.soak;

import org.jspecify.annotations.NullMarked;
