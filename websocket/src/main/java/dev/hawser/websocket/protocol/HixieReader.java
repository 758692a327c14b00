package dev.hawser.websocket.protocol;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of the drafts 75 and 76 (draft-76, section 5.3): text between two marks, or a length and as many
 * bytes, which are dropped. In draft-76 the last eight bytes of the handshake come first.
 *
 * <pre>
 *   BODY ──► (event)
 *   TYPE ──► TEXT ──► (event, or the next frame's TYPE)
 *     └────► LENGTH ──► SKIP ──► (the next frame's TYPE)
 * </pre>
 */
final class HixieReader implements Incoming.Reader {

    private enum Step {
        BODY,
        TYPE,
        TEXT,
        LENGTH,
        SKIP
    }

    private static final byte[] EMPTY = {};
    private static final int BODY_LENGTH = 8;
    private static final int TEXT_TYPE = 0x00;
    private static final int CLOSE_TYPE = 0xFF;
    /** More than this is not taken without asking. */
    private static final int ASKED = 64 * 1024;

    private static final byte TEXT_END = (byte) 0xFF;

    private final Limits limits;
    /** Whether a frame of type 0xFF without content is the closing handshake: in draft-76. */
    private final boolean closingHandshake;

    private final Utf8Validator utf8 = new Utf8Validator();
    private Step step;
    private int type;
    private boolean firstOfLength;
    private long length;
    /** What has come of the text of a message, or of the body, and how much. */
    private byte[] text = EMPTY;

    private int textLength;
    private LongPredicate growth = bytes -> true;

    HixieReader(Limits limits, boolean draft76) {
        this.limits = limits;
        this.closingHandshake = draft76;
        this.step = draft76 ? Step.BODY : Step.TYPE;
    }

    @Override
    public long memory() {
        return text.length;
    }

    @Override
    public void onGrowth(LongPredicate asked) {
        growth = asked;
    }

    @Override
    public @Nullable Event read(ByteBuffer input) throws ProtocolException {
        while (input.hasRemaining()) {
            Event event =
                    switch (step) {
                        case BODY -> body(input);
                        case TYPE -> type(input.get() & 0xFF);
                        case TEXT -> text(input);
                        case LENGTH -> length(input.get() & 0xFF);
                        case SKIP -> skip(input);
                    };
            if (event != null) {
                return event;
            }
        }
        return null;
    }

    private @Nullable Event body(ByteBuffer input) {
        if (textLength == 0) {
            text = new byte[BODY_LENGTH];
        }
        int count = Math.min(BODY_LENGTH - textLength, input.remaining());
        input.get(text, textLength, count);
        textLength += count;
        return textLength == BODY_LENGTH ? new Event.Open(take()) : null;
    }

    private @Nullable Event type(int value) throws ProtocolException {
        type = value;
        if (value == TEXT_TYPE) {
            step = Step.TEXT;
        } else if (value >= 0x80) {
            length = 0;
            firstOfLength = true;
            step = Step.LENGTH;
        } else {
            throw new ProtocolException(Violation.UNKNOWN_OPCODE, "Frame type " + value + " is not defined");
        }
        return null;
    }

    private @Nullable Event text(ByteBuffer input) throws ProtocolException {
        int start = input.position();
        int end = start;
        while (end < input.limit() && input.get(end) != TEXT_END) {
            end++;
        }
        append(input, end - start);
        if (!input.hasRemaining()) {
            return null;
        }
        input.get(); // the mark
        return endOfText();
    }

    /** Takes {@code count} bytes of text, or as many as the limit allows: an invalid one among them is the first fault. */
    private void append(ByteBuffer input, int count) throws ProtocolException {
        int fitting = Math.min(count, limits.maxFrameLength() - textLength);
        int needed = textLength + fitting;
        if (needed > text.length) {
            int size = (int) Math.min(limits.maxFrameLength(), Math.max(needed, 2L * text.length));
            if (size > ASKED && !growth.test(size + (long) text.length)) {
                throw new ProtocolException(Violation.MEMORY_LIMIT, "No memory to spare for so long a message");
            }
            text = Arrays.copyOf(text, size);
        }
        input.get(text, textLength, fitting);
        if (!utf8.accept(text, textLength, fitting)) {
            throw notUtf8();
        }
        textLength = needed;
        if (fitting < count) {
            throw tooLong();
        }
    }

    private Event endOfText() throws ProtocolException {
        if (!utf8.finish()) {
            throw notUtf8();
        }
        return new Event.Text(take());
    }

    /** What was collected; a frame begins after it. */
    private byte[] take() {
        byte[] whole = Arrays.copyOf(text, textLength);
        text = EMPTY;
        textLength = 0;
        step = Step.TYPE;
        return whole;
    }

    /** Seven bits of the length, more to come where the eighth is set. */
    private @Nullable Event length(int next) throws ProtocolException {
        if (firstOfLength && next == 0x80) { // zeros without end
            throw new ProtocolException(Violation.INVALID_LENGTH, "Length must not begin with a zero");
        }
        firstOfLength = false;
        length = length << 7 | next & 0x7F;
        if (length > limits.maxFrameLength()) {
            throw tooLong();
        }
        if (next >= 0x80) {
            return null;
        }
        if (type == CLOSE_TYPE && length == 0 && closingHandshake) {
            step = Step.TYPE;
            return new Event.Close(CloseCode.NO_STATUS, "");
        }
        step = length == 0 ? Step.TYPE : Step.SKIP;
        return null;
    }

    private @Nullable Event skip(ByteBuffer input) {
        int count = (int) Math.min(length, input.remaining());
        input.position(input.position() + count);
        length -= count;
        if (length == 0) {
            step = Step.TYPE;
        }
        return null;
    }

    /** A message is one frame here: the smaller limit counts. */
    private ProtocolException tooLong() {
        return limits.maxFrameLength() < limits.maxLength()
                ? new ProtocolException(
                        Violation.FRAME_TOO_LONG,
                        "Frame is longer than max-frame-length (" + limits.maxFrameLength() + " bytes)")
                : new ProtocolException(
                        Violation.MESSAGE_TOO_LONG,
                        "Message is longer than max-length (" + limits.maxLength() + " bytes)");
    }

    private static ProtocolException notUtf8() {
        return new ProtocolException(Violation.INVALID_UTF8, "Text message is not valid UTF-8");
    }
}
