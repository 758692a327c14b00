package dev.hawser.websocket.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The server's side of RFC 6455. */
public final class HybiDriver implements Driver {

    private static final int MAX_REASON_BYTES = 123;

    private final ByteQueue output = new ByteQueue();
    private final FrameWriter writer = new FrameWriter(output);
    private final FrameReader reader;
    private ReadyState state = ReadyState.CONNECTING;
    /** Whether no more is read: after a close frame, after something that cannot be understood, or without a socket. */
    private volatile boolean deaf;
    /** Whether what ended the reading has been answered. */
    private boolean finished;

    public HybiDriver(Limits limits) {
        this.reader = new FrameReader(limits);
    }

    @Override
    public ReadyState state() {
        return state;
    }

    @Override
    public void open() {
        if (state == ReadyState.CONNECTING) {
            state = ReadyState.OPEN;
        }
    }

    @Override
    public @Nullable Event receive(ByteBuffer input) {
        if (deaf) {
            input.position(input.limit());
            return null;
        }
        try {
            Event event = reader.read(input);
            if (event instanceof Event.Close) {
                deaf = true;
            }
            return event;
        } catch (ProtocolException fault) {
            deaf = true;
            return new Event.Failure(fault.violation(), fault.reason());
        }
    }

    @Override
    public void answer(Event event) {
        if (event instanceof Event.Ping ping) {
            // "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response" (5.5.2)
            control(Opcode.PONG, ping.data());
        } else if (event instanceof Event.Close close) {
            finished = true;
            // "it SHOULD echo the status code it received" (5.5.1); the reason goes with it
            close(close.code(), close.reason());
        } else if (event instanceof Event.Failure failure) {
            finished = true;
            close(failure.violation().closeCode(), failure.reason());
        }
    }

    @Override
    public boolean text(byte[] utf8) {
        return message(Opcode.TEXT, utf8);
    }

    @Override
    public boolean binary(byte[] data) {
        return message(Opcode.BINARY, data);
    }

    private boolean message(Opcode opcode, byte[] data) {
        if (!state.canSend()) {
            return false;
        }
        writer.write(opcode, data);
        return true;
    }

    @Override
    public boolean ping(byte[] data) {
        return control(Opcode.PING, data);
    }

    private boolean control(Opcode opcode, byte[] data) {
        if (state != ReadyState.OPEN) {
            return false;
        }
        writer.write(opcode, data);
        return true;
    }

    @Override
    public boolean close(int code, String reason) {
        if (!state.canSend()) {
            return false;
        }
        byte[] payload = code == CloseCode.NO_STATUS ? new byte[0] : closePayload(code, reason);
        state = ReadyState.CLOSING;
        writer.write(Opcode.CLOSE, payload);
        return true;
    }

    private static byte[] closePayload(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        if (text.length > MAX_REASON_BYTES) {
            throw new IllegalArgumentException(
                    "Close reason must be at most " + MAX_REASON_BYTES + " bytes of UTF-8, but is " + text.length);
        }
        byte[] payload = new byte[2 + text.length];
        payload[0] = (byte) (code >>> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, text.length);
        return payload;
    }

    @Override
    public boolean isFinished() {
        return finished && state == ReadyState.CLOSING;
    }

    @Override
    public void disconnected() {
        state = ReadyState.CLOSED;
        deaf = true;
        output.clear();
    }

    @Override
    public ByteQueue output() {
        return output;
    }
}
