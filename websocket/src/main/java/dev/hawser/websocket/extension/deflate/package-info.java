/**
 * The extension {@code permessage-deflate} (RFC 7692): messages are compressed with DEFLATE. Start with {@link
 * dev.hawser.websocket.extension.deflate.PermessageDeflate}.
 *
 * <pre>
 *   DeflateOptions ──► DeflateParameters ◄── Sec-WebSocket-Extensions
 *                            │
 *                            ▼
 *                      DeflateSession ──► Compressor   (JDK, or JZlib for what that cannot be set to)
 *                                    └──► Decompressor (JDK)
 * </pre>
 */
@NullMarked
package dev.hawser.websocket.extension.deflate;

import org.jspecify.annotations.NullMarked;
