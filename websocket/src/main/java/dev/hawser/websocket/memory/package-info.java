/**
 * What all connections of the process may hold in memory together, and who has to go when that is too much. It knows shares,
 * not connections: those ask, and close themselves when they are told to.
 */
@NullMarked
package dev.hawser.websocket.memory;

import org.jspecify.annotations.NullMarked;
