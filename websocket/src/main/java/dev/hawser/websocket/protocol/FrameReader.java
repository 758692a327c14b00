package dev.hawser.websocket.protocol;

import dev.hawser.websocket.extension.ExtensionMessage;
import dev.hawser.websocket.extension.Lane;
import dev.hawser.websocket.extension.Pipeline;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames (RFC 6455, section 5) and puts messages together, if wanted. Takes bytes in pieces of any size; holds only
 * what an unfinished message has brought so far, never what its header announced. Where messages are to be streamed, it hands
 * on what has come of a data frame whenever the input is used up, and holds nothing.
 *
 * <pre>
 *   HEADER ──► LENGTH ──► MASK ──► PAYLOAD ──► (event, or the next frame's HEADER)
 *      └───────────┴────────▲─────────▲
 *                    of clients    of servers
 * </pre>
 */
final class FrameReader implements Incoming.Reader {

    private enum Step {
        HEADER,
        LENGTH,
        MASK,
        PAYLOAD
    }

    private static final byte[] EMPTY = {};
    /** So much is allocated because a header says so; beyond that memory grows with what has come. */
    private static final int TRUSTED_LENGTH = 64 * 1024;

    /** An array of a round size takes a little more: G1 would give it another region, where it is large. */
    private static final int ARRAY_HEADER = 32;

    private static final int MAX_CONTROL_LENGTH = 125;

    private final Limits limits;
    private final boolean assemble;
    /** Whether data frames are handed on in pieces; never where they are put together. */
    private final boolean streaming;

    private final long maxStreamLength;
    /** Whether the peer speaks a draft in which close code 1004 still had a meaning. */
    private final boolean draft;
    /** Whether the peer is a client, whose frames have masks. */
    private final boolean masked;

    private final Pipeline pipeline;
    private final Lane extensions;

    private final Utf8Validator utf8 = new Utf8Validator();

    private Step step = Step.HEADER;
    /** The bytes of the field that is being read, and how many there are. */
    private long field;

    private int fieldLength;

    // The frame in progress.
    private boolean fin;
    private Opcode opcode = Opcode.CONTINUATION;
    private long length;
    private int lengthBytes;
    private int maskKey;
    private long position;
    private byte[] control = EMPTY;

    // The message in progress: TEXT or BINARY, or null between messages. Its payload, or that of the frame in progress
    // where nothing is put together.
    private @Nullable Opcode message;
    /** The reserved bits of its first frame. */
    private int reserved;
    /** Whether its payload is what the sender meant only after the extensions have worked on it. */
    private boolean raw;

    private int fragments;
    private byte[] payload = EMPTY;
    private int payloadLength;
    /** Where it is handed on in pieces: how long its frames are together, and whether there was a piece. */
    private long streamLength;

    private boolean streamBegun;

    private LongPredicate growth = bytes -> true;

    FrameReader(Limits limits, Framing framing, boolean draft, boolean masked, Pipeline pipeline) {
        this.limits = limits;
        this.assemble = framing.assemble();
        this.streaming = framing.streaming();
        this.maxStreamLength = framing.maxStreamLength();
        this.draft = draft;
        this.masked = masked;
        this.pipeline = pipeline;
        this.extensions = pipeline.incoming();
    }

    @Override
    public long memory() {
        return payload.length;
    }

    @Override
    public void onGrowth(LongPredicate asked) {
        growth = asked;
    }

    @Override
    public @Nullable Event read(ByteBuffer input) throws ProtocolException {
        if (extensions.isBusy()) {
            return processed(extensions.proceed());
        }
        while (true) {
            switch (step) {
                case HEADER -> {
                    if (!gather(input, 2)) {
                        return null;
                    }
                    header((int) field >>> 8, (int) field & 0xFF);
                }
                case LENGTH -> {
                    if (!gather(input, lengthBytes)) {
                        return null;
                    }
                    extendedLength(field);
                }
                case MASK -> {
                    if (!gather(input, 4)) {
                        return null;
                    }
                    maskKey = (int) field;
                    startPayload();
                }
                case PAYLOAD -> {
                    if (!take(input)) {
                        return streaming && !opcode.isControl() ? piece(false) : null;
                    }
                    step = Step.HEADER;
                    Event event = endOfFrame();
                    if (event != null || extensions.isBusy()) {
                        return event;
                    }
                }
            }
        }
    }

    /** Collects a field of {@code count} bytes, most significant first; true when it is whole. */
    private boolean gather(ByteBuffer input, int count) {
        if (fieldLength == 0) {
            field = 0;
            if (input.remaining() >= count) { // nearly always
                field = count == 2 ? input.getShort() & 0xFFFF : count == 4 ? input.getInt() : input.getLong();
                return true;
            }
        }
        while (fieldLength < count) {
            if (!input.hasRemaining()) {
                return false;
            }
            field = field << 8 | input.get() & 0xFF;
            fieldLength++;
        }
        fieldLength = 0;
        return true;
    }

    private void header(int first, int second) throws ProtocolException {
        Opcode code = Opcode.of(first);
        if ((first & 0x70) != 0) {
            checkReserved(first >> 4 & 7, code);
        }
        if (code == null) {
            throw new ProtocolException(Violation.UNKNOWN_OPCODE, "Opcode " + (first & 0x0F) + " is not defined");
        }
        opcode = code;
        fin = (first & 0x80) != 0;
        int shortLength = second & 0x7F;
        if (opcode.isControl()) {
            checkControl(shortLength);
        } else {
            checkOrder();
            if (message == null) {
                reserved = first >> 4 & 7;
                raw = !pipeline.isEmpty() && pipeline.mayChange(reserved);
            }
        }
        checkMask((second & 0x80) != 0);
        if (shortLength < 126) {
            setLength(shortLength);
        } else {
            lengthBytes = shortLength == 126 ? 2 : 8;
            step = Step.LENGTH;
        }
    }

    /** Section 5.1, of a server and of a client: either "MUST close the connection" if the other does as it does itself. */
    private void checkMask(boolean hasMask) throws ProtocolException {
        if (masked && !hasMask) {
            throw new ProtocolException(Violation.UNMASKED_FRAME, "Expected a masked frame from a client");
        }
        if (!masked && hasMask) {
            throw new ProtocolException(Violation.MASKED_FRAME, "Expected a frame without a mask from a server");
        }
    }

    /**
     * "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values" (5.2). Extensions mark
     * messages, on their first frame (RFC 7692, section 6.1).
     */
    private void checkReserved(int bits, @Nullable Opcode code) throws ProtocolException {
        int allowed = code == Opcode.TEXT || code == Opcode.BINARY ? pipeline.reserved() : 0;
        if ((bits & ~allowed) != 0) {
            throw new ProtocolException(
                    Violation.RESERVED_BIT,
                    "Expected reserved bits " + (allowed == 0 ? "000" : "within " + bits(allowed)) + " but was "
                            + bits(bits));
        }
    }

    private static String bits(int three) {
        return "" + (three >> 2) + (three >> 1 & 1) + (three & 1);
    }

    private void checkControl(int shortLength) throws ProtocolException {
        // "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented" (5.5)
        if (!fin) {
            throw new ProtocolException(Violation.FRAGMENTED_CONTROL, opcode + " frame must not be fragmented");
        }
        if (shortLength > MAX_CONTROL_LENGTH) {
            throw new ProtocolException(
                    Violation.LONG_CONTROL, opcode + " frame must not be longer than " + MAX_CONTROL_LENGTH + " bytes");
        }
    }

    /** Section 5.4, as a table: what may come, with and without a message in progress. */
    private void checkOrder() throws ProtocolException {
        boolean inMessage = message != null;
        if (opcode == Opcode.CONTINUATION) {
            if (!inMessage) {
                throw new ProtocolException(
                        Violation.UNEXPECTED_CONTINUATION, "CONTINUATION frame without a message to continue");
            }
        } else if (inMessage) {
            throw new ProtocolException(Violation.EXPECTED_CONTINUATION, "Expected CONTINUATION but was " + opcode);
        }
        if (inMessage && fragments >= limits.maxFragments()) {
            throw new ProtocolException(
                    Violation.TOO_MANY_FRAGMENTS,
                    "Message has more fragments than max-fragments (" + limits.maxFragments() + ")");
        }
    }

    private void extendedLength(long value) throws ProtocolException {
        // "the most significant bit MUST be 0", "the minimal number of bytes MUST be used" (5.2)
        if (value < 0 || value <= (lengthBytes == 2 ? 125 : 0xFFFF)) {
            throw new ProtocolException(
                    Violation.INVALID_LENGTH,
                    "Length " + Long.toUnsignedString(value) + " must not be written in " + lengthBytes + " bytes");
        }
        setLength(value);
    }

    /** Every limit is checked here, before a byte of payload is taken. */
    private void setLength(long value) throws ProtocolException {
        if (streaming && !opcode.isControl()) {
            if (value > maxStreamLength - streamLength) {
                throw tooLong("max-stream-length", maxStreamLength);
            }
            streamLength += value;
        } else if (!opcode.isControl()) {
            if (value > limits.maxFrameLength() && (limits.maxFrameLength() < limits.maxLength() || !assemble)) {
                throw new ProtocolException(
                        Violation.FRAME_TOO_LONG,
                        "Frame of " + value + " bytes is longer than max-frame-length (" + limits.maxFrameLength()
                                + ")");
            }
            if (value > maxPayload() - payloadLength) {
                throw tooLong("max-length", limits.maxLength());
            }
        }
        length = value;
        if (masked) {
            step = Step.MASK;
        } else {
            startPayload();
        }
    }

    /** How long a message may be on the wire. What cannot be compressed becomes longer by it: up to an eighth with zlib. */
    private int maxPayload() {
        int length = limits.maxLength();
        return raw ? (int) Math.min(Limits.MAX_ARRAY, length + (length >> 3) + (length >> 7) + 64L) : length;
    }

    private void startPayload() {
        position = 0;
        step = Step.PAYLOAD;
        if (opcode.isControl()) {
            control = length == 0 ? EMPTY : new byte[(int) length];
            return;
        }
        fragments++;
        if (message == null) {
            message = opcode;
        }
        if (payloadLength == 0) {
            payload = length == 0 || streaming ? EMPTY : new byte[(int) Math.min(length, TRUSTED_LENGTH)];
        }
    }

    /** Copies, unmasks and checks what has come of the payload; true when the frame is whole. */
    private boolean take(ByteBuffer input) throws ProtocolException {
        int count = (int) Math.min(input.remaining(), length - position);
        if (count > 0) {
            if (opcode.isControl()) {
                input.get(control, (int) position, count);
                Mask.apply(control, (int) position, count, maskKey, position);
            } else {
                makeRoom(count);
                input.get(payload, payloadLength, count);
                Mask.apply(payload, payloadLength, count, maskKey, position);
                // An invalid byte fails the connection now, not when the message is whole.
                if (message == Opcode.TEXT && !raw && !utf8.accept(payload, payloadLength, count)) {
                    throw notUtf8("Text message");
                }
                payloadLength += count;
            }
            position += count;
        }
        return position == length;
    }

    /**
     * Doubles; or grows fourfold, but not beyond the end, where the last frame of a message, or one that comes by itself,
     * has told it. It is not believed at once: memory follows what has come.
     */
    private void makeRoom(int count) throws ProtocolException {
        int needed = payloadLength + count;
        if (needed > payload.length) {
            boolean endKnown = fin || !assemble;
            long end = endKnown ? payloadLength - position + length : maxPayload();
            long grown = Math.max(needed, (endKnown ? 4L : 2L) * payload.length - ARRAY_HEADER);
            int size = (int) Math.min(end, grown);
            if (size > TRUSTED_LENGTH && !growth.test(size + (long) payload.length)) { // both, while it is copied
                throw new ProtocolException(Violation.MEMORY_LIMIT, "No memory to spare for so long a message");
            }
            payload = Arrays.copyOf(payload, size);
        }
    }

    private @Nullable Event endOfFrame() throws ProtocolException {
        switch (opcode) {
            case PING:
                return new Event.Ping(control);
            case PONG:
                return new Event.Pong(control);
            case CLOSE:
                return close(control, draft);
            default:
                if (streaming) {
                    return piece(fin);
                }
                if (!assemble) {
                    return fragment();
                }
                return fin ? endOfMessage() : null;
        }
    }

    private @Nullable Event endOfMessage() throws ProtocolException {
        boolean text = finishMessage();
        byte[] data = takePayload();
        return pipeline.isEmpty()
                ? message(text, data)
                : processed(extensions.process(new ExtensionMessage(text, reserved, data, true)));
    }

    private static Event message(boolean text, byte[] data) {
        return text ? new Event.Text(data) : new Event.Binary(data);
    }

    /** What came out of the extensions, checked as if it had come so; null if that takes time. */
    private @Nullable Event processed(@Nullable ExtensionMessage done) throws ProtocolException {
        if (done == null) {
            return null;
        }
        if (done.data().length > limits.maxLength()) {
            throw tooLong("max-length", limits.maxLength());
        }
        if (raw && done.text() && !(utf8.accept(done.data(), 0, done.data().length) && utf8.finish())) {
            throw notUtf8("Text message");
        }
        return message(done.text(), done.data());
    }

    private Event fragment() throws ProtocolException {
        if (fin) {
            finishMessage();
        }
        return new Event.Fragment(new Frame(fin, 0, opcode, masked, takePayload()));
    }

    /**
     * What has come of a message that is handed on in pieces: "An intermediary might coalesce and/or split frames, if no
     * extensions were negotiated" (5.4), and so do we. Null if nothing has come, unless it is the end.
     */
    private @Nullable Event piece(boolean last) throws ProtocolException {
        if (payloadLength == 0 && !last) {
            return null;
        }
        Opcode type = message == null || streamBegun ? Opcode.CONTINUATION : message;
        streamBegun = !last;
        if (last) {
            finishMessage();
            streamLength = 0;
        }
        return new Event.Fragment(new Frame(last, 0, type, masked, takePayload()));
    }

    /** Ends the message in progress; whether it is text. */
    private boolean finishMessage() throws ProtocolException {
        boolean text = message == Opcode.TEXT;
        if (text && !raw && !utf8.finish()) {
            throw notUtf8("Text message");
        }
        message = null;
        return text;
    }

    private byte[] takePayload() {
        byte[] data = payload.length == payloadLength ? payload : Arrays.copyOf(payload, payloadLength);
        fragments = 0;
        payload = EMPTY;
        payloadLength = 0;
        return data;
    }

    /**
     * What a close frame says (section 5.5.1).
     *
     * @param draft whether 1004 may stand in it
     */
    static Event.Close close(byte[] data, boolean draft) throws ProtocolException {
        if (data.length == 0) {
            return new Event.Close(CloseCode.NO_STATUS, "");
        }
        if (data.length == 1) {
            throw new ProtocolException(Violation.TRUNCATED_CLOSE, "Close code must have two bytes but has one");
        }
        int code = (data[0] & 0xFF) << 8 | data[1] & 0xFF;
        if (!CloseCode.isValid(code) && !(draft && code == CloseCode.DRAFT_TOO_BIG)) {
            throw new ProtocolException(Violation.INVALID_CLOSE_CODE, "Close code " + code + " must not be sent");
        }
        Utf8Validator reason = new Utf8Validator();
        if (!reason.accept(data, 2, data.length - 2) || !reason.finish()) {
            throw notUtf8("Close reason");
        }
        return new Event.Close(code, new String(data, 2, data.length - 2, StandardCharsets.UTF_8));
    }

    private static ProtocolException tooLong(String limit, long bytes) {
        return new ProtocolException(
                Violation.MESSAGE_TOO_LONG, "Message is longer than " + limit + " (" + bytes + " bytes)");
    }

    private static ProtocolException notUtf8(String what) {
        return new ProtocolException(Violation.INVALID_UTF8, what + " is not valid UTF-8");
    }
}
