/**
 * Extensions (RFC 6455, section 9): what they are, how they are agreed on, and how messages pass them.
 *
 * <pre>
 *   Sec-WebSocket-Extensions ──► Negotiation ──► Pipeline ──► a Lane for each direction ──► sessions
 * </pre>
 *
 * <p>To write one, implement {@link dev.hawser.websocket.extension.Extension}; {@code permessage-deflate} in the package
 * below is an example. Nothing here owns a thread or a lock: results may come on any thread, and whoever drives the
 * connection is asked to go on.
 */
@NullMarked
package dev.hawser.websocket.extension;

import org.jspecify.annotations.NullMarked;
