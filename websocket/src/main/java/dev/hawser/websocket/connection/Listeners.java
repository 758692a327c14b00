package dev.hawser.websocket.connection;

import dev.hawser.websocket.ClientWebSocket.ReconnectListener;
import dev.hawser.websocket.CloseException;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket.CloseListener;
import dev.hawser.websocket.handshake.HttpText;
import dev.hawser.websocket.protocol.CloseCode;
import dev.hawser.websocket.protocol.Frame;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listeners of one connection. Added under the connection's lock, called by the mailbox's runner without it. */
final class Listeners implements Lifecycle {

    private static final Logger log = LoggerFactory.getLogger("dev.hawser.websocket.listeners");

    private volatile @Nullable Runnable open;
    private volatile @Nullable Consumer<Message> message;
    private volatile @Nullable Consumer<Frame> frame;
    private volatile @Nullable Consumer<ByteBuffer> ping;
    private volatile @Nullable Consumer<ByteBuffer> pong;
    private volatile @Nullable Consumer<Throwable> error;
    private volatile @Nullable CloseListener close;
    private volatile @Nullable Runnable drain;
    private volatile @Nullable ReconnectListener reconnecting;
    private volatile @Nullable Runnable reconnect;

    void addOpen(Runnable listener) {
        open = both(open, listener);
    }

    void addMessage(Consumer<Message> listener) {
        message = both(message, listener);
    }

    void addFrame(Consumer<Frame> listener) {
        frame = both(frame, listener);
    }

    void addPing(Consumer<ByteBuffer> listener) {
        ping = both(ping, payload -> listener.accept(payload.duplicate())); // each with a position of its own
    }

    void addPong(Consumer<ByteBuffer> listener) {
        pong = both(pong, payload -> listener.accept(payload.duplicate()));
    }

    void addError(Consumer<Throwable> listener) {
        error = both(error, listener);
    }

    void addClose(CloseListener listener) {
        CloseListener first = close;
        close = first == null
                ? listener
                : (code, reason) -> {
                    try {
                        first.closed(code, reason);
                    } finally {
                        listener.closed(code, reason);
                    }
                };
    }

    void addDrain(Runnable listener) {
        drain = both(drain, listener);
    }

    void addReconnecting(ReconnectListener listener) {
        ReconnectListener first = reconnecting;
        reconnecting = first == null
                ? listener
                : (attempt, delay, cause) -> {
                    first.reconnecting(attempt, delay, cause);
                    listener.reconnecting(attempt, delay, cause);
                };
    }

    void addReconnect(Runnable listener) {
        reconnect = both(reconnect, listener);
    }

    boolean hearMessages() {
        return message != null;
    }

    boolean hearFrames() {
        return frame != null;
    }

    private static Runnable both(@Nullable Runnable first, Runnable second) {
        return first == null
                ? second
                : () -> {
                    first.run();
                    second.run();
                };
    }

    private static <T> Consumer<T> both(@Nullable Consumer<T> first, Consumer<T> second) {
        return first == null ? second : first.andThen(second);
    }

    @Override
    public void opened() {
        run(open);
    }

    void message(Message received) {
        accept(message, received);
    }

    void frame(Frame received) {
        accept(frame, received);
    }

    void ping(ByteBuffer payload) {
        accept(ping, payload);
    }

    void pong(ByteBuffer payload) {
        accept(pong, payload);
    }

    void error(Throwable cause) {
        accept(error, cause);
    }

    void drained() {
        run(drain);
    }

    @Override
    public void closed(int code, String reason) {
        CloseListener listener = close;
        if (listener != null) {
            listener.closed(code, reason);
        }
    }

    void reconnecting(int attempt, Duration delay, Throwable cause) {
        ReconnectListener listener = reconnecting;
        if (listener != null) {
            listener.reconnecting(attempt, delay, cause);
        }
    }

    void reconnected() {
        run(reconnect);
    }

    /** How a connection is closed whose listener threw this. */
    static CloseException closing(Throwable thrown) {
        return thrown instanceof CloseException wanted
                ? wanted
                : new CloseException(CloseCode.INTERNAL_ERROR, "Internal error");
    }

    /** A listener threw: the error listeners hear of it, or else the log. */
    void failed(Throwable thrown) {
        Consumer<Throwable> listener = error;
        if (listener == null && thrown instanceof CloseException wanted) {
            // on purpose, and perhaps as often as a peer likes
            log.debug(
                    "A listener closed its connection with {}: {}",
                    wanted.code(),
                    HttpText.printable(String.valueOf(wanted.getMessage()), '?'));
            return;
        }
        if (listener == null) {
            log.warn("A listener threw, and its connection is closed with 1011; add onError to handle this", thrown);
            return;
        }
        try {
            listener.accept(thrown);
        } catch (Throwable again) {
            log.warn("The error listener threw", again);
        }
    }

    private static void run(@Nullable Runnable listener) {
        if (listener != null) {
            listener.run();
        }
    }

    private static <T> void accept(@Nullable Consumer<T> listener, T event) {
        if (listener != null) {
            listener.accept(event);
        }
    }
}
