package dev.hawser.websocket.stream;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.protocol.Frame;
import dev.hawser.websocket.protocol.Opcode;
import java.util.function.Consumer;

/**
 * A part of a message from the peer, or all of it.
 *
 * @param data must not be changed
 * @param framed whether it came in a frame of its own or a piece of one, since messages are not put together
 */
record Part(boolean text, byte[] data, boolean last, boolean framed) {

    /** Has a listener called for all parts of all messages of a socket, however that puts them together. */
    static void listen(WebSocket socket, Consumer<Part> listener) {
        Divider divider = new Divider(listener);
        socket.onFrame(divider::frame);
        socket.onMessage(message -> {
            if (!divider.framed) { // else its frame was heard
                listener.accept(new Part(message.isText(), message.unwrap(), true, false));
            }
        });
    }

    /** Belongs to the thread that calls the listeners. */
    private static final class Divider {

        private final Consumer<Part> listener;
        private boolean framed;
        private boolean text;

        Divider(Consumer<Part> listener) {
            this.listener = listener;
        }

        void frame(Frame frame) {
            if (frame.opcode().isControl()) {
                return;
            }
            framed = true;
            if (frame.opcode() != Opcode.CONTINUATION) {
                text = frame.opcode() == Opcode.TEXT;
            }
            listener.accept(new Part(text, frame.unwrap(), frame.fin(), true));
        }
    }
}
