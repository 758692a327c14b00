package dev.hawser.websocket;

import dev.hawser.websocket.protocol.Frame;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The client's end of a WebSocket. It is {@code CONNECTING} at first; whole messages that are sent meanwhile wait, in order, and
 * leave when it is open. Parts of messages, frames, pings and pongs are sent by an open connection only: before, they return
 * false, and nothing is sent. {@link #close} lets them leave first if an attempt to connect is under way; without them, or with {@link
 * #drop} and {@link #terminate}, it gives up at once, and {@link #onClose} hears 1006.
 *
 * <p>If it cannot be opened, {@link #onError} hears a {@link ConnectFailedException}, then {@link #onClose} 1006. Messages
 * that come before {@link #onMessage} or {@link #onFrame} was called first are kept for a second.
 *
 * <p>With {@linkplain Reconnect reconnecting}, it is {@code CONNECTING} again after a connection was lost, until the next is
 * open. No message is sent twice:
 *
 * <ul>
 *   <li>A message is sent again if it had not left whole: then the peer cannot have received it.
 *   <li>One that had left whole is not, whether it has arrived or not: only the peer's own answers can tell that. Left is what the operating
 *       system has taken; over TLS, what TLS has taken, which is at most 128 KiB more.
 *   <li>Messages that are sent while there is no connection wait for the next, behind those. When more than {@code max-buffered} bytes wait, the
 *       socket is closed with 1013.
 *   <li>The rest of a message in parts is lost with its connection: its further parts return false, up to the last.
 *   <li>What waits when the socket is closed for good is dropped.
 * </ul>
 */
public interface ClientWebSocket extends WebSocket {

    /** The HTTP status of the last response to a handshake, of a proxy too; 0 while there is none. */
    int statusCode();

    /** The headers of that response, under names in any case; empty while there are none. */
    Map<String, List<String>> headers();

    @Override
    ClientWebSocket onOpen(Runnable listener);

    @Override
    ClientWebSocket onMessage(Consumer<Message> listener);

    @Override
    ClientWebSocket onFrame(Consumer<Frame> listener);

    @Override
    ClientWebSocket onPing(Consumer<ByteBuffer> listener);

    @Override
    ClientWebSocket onPong(Consumer<ByteBuffer> listener);

    @Override
    ClientWebSocket onError(Consumer<Throwable> listener);

    @Override
    ClientWebSocket onClose(CloseListener listener);

    @Override
    ClientWebSocket onDrain(Runnable listener);

    @Override
    default ClientWebSocket listen(WebSocketListener listener) {
        WebSocket.super.listen(listener);
        return this;
    }

    /** Called when a connection was lost, or could not be made, and another attempt will follow. */
    ClientWebSocket onReconnecting(ReconnectListener listener);

    /** Called when the socket is open again; {@link #onOpen} is called for the first time only. */
    ClientWebSocket onReconnect(Runnable listener);

    /** Hears that a connection was lost. */
    @FunctionalInterface
    interface ReconnectListener {

        /**
         * Another attempt will follow.
         *
         * @param attempt its number, from 1, since the last connection that lasted
         * @param delay how long until then
         * @param cause a {@link ConnectFailedException} if the last attempt has failed; otherwise a {@link
         *     java.io.IOException} that tells with which close code the connection has ended
         */
        void reconnecting(int attempt, Duration delay, Throwable cause);
    }
}
