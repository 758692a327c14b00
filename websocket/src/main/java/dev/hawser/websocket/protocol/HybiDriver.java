package dev.hawser.websocket.protocol;

import dev.hawser.websocket.extension.ExtensionException;
import dev.hawser.websocket.extension.ExtensionMessage;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.Version;
import java.nio.ByteBuffer;
import java.util.function.IntSupplier;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** Either side of RFC 6455, and of the drafts 7 to 12, which have the same frames. */
public final class HybiDriver implements Driver {

    private static final int MAX_CONTROL_LENGTH = 125;

    private final Version version;
    private final int threshold;
    private final ByteQueue output = new ByteQueue();
    private final FrameWriter writer;
    private final Incoming incoming;
    private final Pipeline pipeline;
    private final Sequencer sequencer;
    private ReadyState state = ReadyState.CONNECTING;
    /** Whether what ended the reading has been answered. */
    private boolean finished;

    /** The message of which not all fragments are sent: TEXT or BINARY, or null between messages. */
    private @Nullable Opcode sending;
    /** What that message has of text. */
    private Utf8Validator sentText = new Utf8Validator();
    /** What extensions held for what is sent when none was at work last. */
    private long outgoingMemory;
    /** Messages that wait for its end; null while there are none. */
    private @Nullable ByteQueue held;

    /** A server's driver for {@code version}, one of the hybi versions. */
    public HybiDriver(Version version, Limits limits, Framing framing, Pipeline pipeline) {
        this(version, limits, framing, pipeline, null);
    }

    private HybiDriver(
            Version version, Limits limits, Framing framing, Pipeline pipeline, @Nullable IntSupplier masks) {
        if (!framing.assemble() && !pipeline.isEmpty()) {
            throw new IllegalArgumentException(
                    "Extensions work on whole messages: expected none where fragments are not put together, but was "
                            + pipeline.agreed());
        }
        this.version = version;
        this.threshold = framing.threshold();
        this.writer = new FrameWriter(masks);
        this.pipeline = pipeline;
        this.sequencer = new Sequencer(pipeline);
        boolean draft = version != Version.HYBI_13;
        this.incoming = new Incoming(new FrameReader(limits, framing, draft, masks == null, pipeline));
    }

    /**
     * A client's driver for {@code version}, one of the hybi versions.
     *
     * @param masks masking keys, a new one for each frame, which nobody can foresee (section 5.3)
     */
    public static HybiDriver client(
            Version version, Limits limits, Framing framing, Pipeline pipeline, IntSupplier masks) {
        return new HybiDriver(version, limits, framing, pipeline, masks);
    }

    /** A server's driver for RFC 6455 without extensions. */
    public HybiDriver(Limits limits) {
        this(Version.HYBI_13, limits, Framing.DEFAULT, Pipeline.NONE);
    }

    @Override
    public Version version() {
        return version;
    }

    @Override
    public boolean isClient() {
        return writer.isMasking();
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
        return incoming.receive(input);
    }

    @Override
    public void answer(Event event) {
        if (event instanceof Event.Ping ping) {
            // "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response" (5.5.2)
            pong(ping.data());
        } else if (event instanceof Event.Close close) {
            finished = true;
            // "it SHOULD echo the status code it received" (5.5.1); the reason goes with it
            close(close.code(), close.reason());
        } else if (event instanceof Event.Failure failure) {
            finished = true;
            close(failure.violation().closeCode(), failure.reason());
        }
    }

    // ---- Messages, whole and in parts.

    @Override
    public boolean send(Outgoing message) {
        if (!state.canSend()) {
            return false;
        }
        ByteQueue to = sending == null ? output : holding();
        if (pipeline.isEmpty()) {
            writer.message(to, message.opcode(), 0, message.data(), threshold);
        } else {
            sequencer.message(message, processed -> write(processed, to));
        }
        return true;
    }

    private void write(ExtensionMessage message, ByteQueue to) {
        Opcode opcode = message.text() ? Opcode.TEXT : Opcode.BINARY;
        writer.message(to, opcode, message.reserved(), message.data(), threshold);
    }

    private ByteQueue holding() {
        ByteQueue queue = held;
        if (queue == null) {
            queue = output.sibling();
            held = queue;
        }
        return queue;
    }

    @Override
    public boolean fragment(Opcode type, byte[] data, boolean last) {
        if (type != Opcode.TEXT && type != Opcode.BINARY) {
            throw new IllegalArgumentException("Expected a part of TEXT or BINARY but was " + type);
        }
        if (!state.canSend()) {
            return false;
        }
        if (sending != null && sending != type) {
            throw new IllegalStateException(
                    "Expected the next part of a " + sending + " message but was one of " + type);
        }
        sendFragment(sending == null ? type : Opcode.CONTINUATION, data, last);
        return true;
    }

    @Override
    public boolean frame(Frame frame) {
        if (frame.reserved() != 0) {
            throw new IllegalArgumentException(
                    "Expected a frame without reserved bits, for which no extension is here");
        }
        if (frame.opcode().isControl()) {
            return controlFrame(frame);
        }
        if (!state.canSend()) {
            return false;
        }
        if ((sending != null) != (frame.opcode() == Opcode.CONTINUATION)) {
            throw new IllegalStateException(
                    sending == null
                            ? "Expected a TEXT or BINARY frame, since no message is in progress, but was CONTINUATION"
                            : "Expected CONTINUATION of the " + sending + " message in progress but was "
                                    + frame.opcode());
        }
        sendFragment(frame.opcode(), frame.unwrap(), frame.fin());
        return true;
    }

    private void sendFragment(Opcode opcode, byte[] data, boolean last) {
        Opcode type = sending == null ? opcode : sending;
        if (type == Opcode.TEXT) {
            Utf8Validator text = sentText.copy(); // a fragment that is refused changes nothing
            if (!text.accept(data, 0, data.length) || (last && !text.finish())) {
                throw new IllegalArgumentException(
                        "Expected text in UTF-8 but was not, within " + data.length + " bytes");
            }
            sentText = text;
        }
        if (pipeline.changesAll()) {
            throw new UnsupportedOperationException(
                    "Messages cannot be sent in parts with extensions that change every message: " + pipeline.agreed());
        }
        ByteQueue following = last ? held : null;
        sending = last ? null : type;
        held = last ? null : held;
        sequencer.inOrder(data.length, () -> {
            writer.frame(output, opcode, last, data);
            if (following != null) {
                output.addAll(following);
            }
        });
    }

    // ---- Extensions.

    @Override
    public boolean isReceiving() {
        return pipeline.incoming().isBusy();
    }

    @Override
    public boolean isSending() {
        return sequencer.isBusy();
    }

    @Override
    public void onProgress(Runnable progress) {
        pipeline.onProgress(progress);
    }

    @Override
    public @Nullable Runnable work() {
        return sequencer.work();
    }

    @Override
    public void onGrowth(LongPredicate growth) {
        incoming.onGrowth(growth);
        pipeline.incoming().onGrowth(growth);
    }

    @Override
    public long incomingMemory() {
        return incoming.memory() + pipeline.incoming().held();
    }

    @Override
    public long outgoingMemory() {
        return outgoingMemory;
    }

    @Override
    public void discardMessages() {
        pipeline.incoming().abandon();
    }

    @Override
    public void release() {
        incoming.release();
        if (state == ReadyState.CLOSED && !sequencer.isWorking()) {
            outgoingMemory = 0;
            pipeline.close();
        }
    }

    /** After an extension that is broken no message can follow. */
    @Override
    public void proceed() {
        try {
            outgoingMemory = pipeline.outgoing().held();
            sequencer.proceed();
        } catch (ExtensionException broken) {
            String reason = "Internal error";
            if (!close(CloseCode.INTERNAL_ERROR, reason) && state == ReadyState.CLOSING) {
                // The close frame that waited for its turn is lost with everything that did.
                writer.frame(output, Opcode.CLOSE, true, CloseCode.payload(CloseCode.INTERNAL_ERROR, reason));
            }
            throw broken;
        }
    }

    // ---- Control frames.

    private boolean controlFrame(Frame frame) {
        if (!frame.fin()) {
            throw new IllegalArgumentException(frame.opcode() + " frame must not be fragmented (section 5.5)");
        }
        byte[] data = frame.unwrap();
        return switch (frame.opcode()) {
            case PING -> ping(data);
            case PONG -> pong(data);
            default -> closeFrame(data);
        };
    }

    private boolean closeFrame(byte[] data) {
        try {
            Event.Close close = FrameReader.close(data, false);
            return close(close.code(), close.reason());
        } catch (ProtocolException fault) {
            throw new IllegalArgumentException(fault.reason(), fault);
        }
    }

    @Override
    public boolean ping(byte[] data) {
        return control(Opcode.PING, data);
    }

    @Override
    public boolean pong(byte[] data) {
        return control(Opcode.PONG, data);
    }

    private boolean control(Opcode opcode, byte[] data) {
        if (data.length > MAX_CONTROL_LENGTH) {
            throw new IllegalArgumentException(
                    opcode + " frame must be at most " + MAX_CONTROL_LENGTH + " bytes, but is " + data.length);
        }
        if (state != ReadyState.OPEN) {
            return false;
        }
        writer.frame(output, opcode, true, data);
        return true;
    }

    // ---- The end.

    @Override
    public boolean close(int code, String reason) {
        if (!state.canSend()) {
            return false;
        }
        byte[] payload = code == CloseCode.NO_STATUS ? new byte[0] : CloseCode.payload(code, reason);
        state = ReadyState.CLOSING;
        sequencer.inOrder(payload.length, () -> writer.frame(output, Opcode.CLOSE, true, payload));
        held = null; // their turn cannot come any more
        return true;
    }

    @Override
    public void drop(int code, String reason) {
        close(code, reason);
        finished = true;
        incoming.end();
        discardMessages();
    }

    @Override
    public boolean isFinished() {
        return finished && state == ReadyState.CLOSING && !sequencer.isBusy();
    }

    @Override
    public void disconnected() {
        state = ReadyState.CLOSED;
        incoming.end();
        discardMessages();
        sequencer.clear();
        output.clear();
        held = null;
    }

    @Override
    public ByteQueue output() {
        return output;
    }

    @Override
    public long held() {
        return (held == null ? 0 : held.size()) + sequencer.held();
    }
}
