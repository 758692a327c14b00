package dev.hawser.websocket.stream;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.protocol.CloseCode;
import dev.hawser.websocket.protocol.Frame;
import dev.hawser.websocket.protocol.Opcode;
import dev.hawser.websocket.protocol.ReadyState;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** Passes on what comes from one socket to another, as fast as that takes it, and the close frame. */
final class Pipe {

    private final WebSocket from;
    private final WebSocket to;
    private final ReentrantLock lock = new ReentrantLock();
    /** How often what was sent has left, or will not any more. Guarded by the lock. */
    private long drains;
    /** Whether messages come in frames. Belongs to the thread that calls the listeners. */
    private boolean framed;

    Pipe(WebSocket from, WebSocket to) {
        this.from = from;
        this.to = to;
        from.onFrame(this::pass);
        from.onMessage(this::pass);
        to.onDrain(this::resume);
        to.onClose((code, reason) -> resume()); // for the close frame
        from.onClose(this::close);
    }

    private void pass(Message message) {
        if (!framed) {
            pass(() -> to.send(message));
        }
    }

    private void pass(Frame frame) {
        if (!frame.opcode().isControl()) {
            framed = true;
            pass(() -> to.send(frame));
        }
    }

    private void pass(BooleanSupplier send) {
        long seen;
        lock.lock();
        try {
            seen = drains;
        } finally {
            lock.unlock();
        }
        if (!send.getAsBoolean() && to.state().canSend()) {
            lock.lock();
            try {
                if (drains == seen) {
                    from.pause();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private void resume() {
        lock.lock();
        try {
            drains++;
            from.resume();
        } finally {
            lock.unlock();
        }
    }

    private void close(int code, String reason) {
        boolean framed = !to.version().startsWith("hixie");
        if (framed && (to.send(closeFrame(code, reason)) || to.state() != ReadyState.CONNECTING)) {
            return;
        }
        // There is no close frame, or no connection that could take one.
        if (CloseCode.isForApplications(code)) {
            to.close(code, reason);
        } else {
            to.close();
        }
    }

    private Frame closeFrame(int code, String reason) {
        if (code == CloseCode.NO_STATUS) {
            return Frame.of(Opcode.CLOSE, new byte[0]);
        }
        if (CloseCode.isValid(code)) {
            return Frame.close(code, reason);
        }
        return Frame.close(from instanceof ClientWebSocket ? CloseCode.BAD_GATEWAY : CloseCode.GOING_AWAY, "");
    }
}
