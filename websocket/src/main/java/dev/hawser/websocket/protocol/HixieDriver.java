package dev.hawser.websocket.protocol;

import dev.hawser.websocket.handshake.Version;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of the drafts 75 and 76. Both have text messages and nothing else: no binary, no fragments, no pings
 * and no close codes. Draft-76 adds a second half of the handshake, after the headers, and a closing handshake.
 */
final class HixieDriver implements Driver {

    private static final byte[] TEXT_START = {0x00};
    private static final byte[] TEXT_END = {(byte) 0xFF};
    private static final byte[] CLOSING = {(byte) 0xFF, 0x00};

    private final Version version;
    private final byte[] challenge;
    private final Incoming incoming;
    private final ByteQueue output = new ByteQueue();
    private ReadyState state = ReadyState.CONNECTING;
    private boolean finished;

    /** What waits for the answer to the body of a draft-76 handshake; null when it has been given. */
    private @Nullable ByteQueue held;

    private HixieDriver(Version version, Limits limits, byte[] challenge) {
        this.version = version;
        this.challenge = challenge;
        boolean draft76 = version == Version.HIXIE_76;
        this.incoming = new Incoming(new HixieReader(limits, draft76));
        this.held = draft76 ? new ByteQueue() : null;
    }

    static HixieDriver draft75(Limits limits) {
        return new HixieDriver(Version.HIXIE_75, limits, new byte[0]);
    }

    /** @param challenge what the keys of the handshake hide, eight bytes */
    static HixieDriver draft76(Limits limits, byte[] challenge) {
        return new HixieDriver(Version.HIXIE_76, limits, challenge);
    }

    @Override
    public Version version() {
        return version;
    }

    @Override
    public ReadyState state() {
        return state;
    }

    @Override
    public void open() {
        if (state == ReadyState.CONNECTING && held == null) {
            state = ReadyState.OPEN;
        }
    }

    @Override
    public @Nullable Event receive(ByteBuffer input) {
        return incoming.receive(input);
    }

    @Override
    public void answer(Event event) {
        if (event instanceof Event.Open open) {
            answerBody(open.body());
        } else if (event instanceof Event.Close || event instanceof Event.Failure) {
            finished = true;
            close(CloseCode.NO_STATUS, "");
        }
    }

    /** The MD5 of the two numbers and the eight bytes comes before everything else (draft-76, section 5.2). */
    private void answerBody(byte[] received) {
        ByteQueue waiting = held;
        if (waiting == null) {
            return;
        }
        byte[] question = Arrays.copyOf(challenge, challenge.length + received.length);
        System.arraycopy(received, 0, question, challenge.length, received.length);
        output.add(md5().digest(question));
        output.addAll(waiting);
        held = null;
        open();
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("Every JDK has MD5", impossible);
        }
    }

    @Override
    public boolean send(Outgoing message) {
        if (message.opcode() != Opcode.TEXT) {
            throw unsupported("binary messages");
        }
        if (!state.canSend()) {
            return false;
        }
        ByteQueue to = held == null ? output : held;
        to.add(TEXT_START);
        to.add(message.data()); // UTF-8 has no byte 0xFF
        to.add(TEXT_END);
        return true;
    }

    @Override
    public boolean fragment(Opcode type, byte[] data, boolean last) {
        throw unsupported("fragments");
    }

    @Override
    public boolean frame(Frame frame) {
        throw unsupported("frames of RFC 6455");
    }

    private UnsupportedOperationException unsupported(String what) {
        return new UnsupportedOperationException("The peer speaks " + version + ", which has no " + what);
    }

    @Override
    public boolean ping(byte[] data) {
        return false;
    }

    @Override
    public boolean pong(byte[] data) {
        return false;
    }

    @Override
    public boolean close(int code, String reason) {
        if (!state.canSend()) {
            return false;
        }
        state = ReadyState.CLOSING;
        if (version == Version.HIXIE_76) {
            (held == null ? output : held).add(CLOSING);
        } else {
            finished = true; // the end of the TCP connection is all there is
        }
        return true;
    }

    /** Before the body has come, nothing that was sent can reach the peer: it is lost. */
    @Override
    public void drop(int code, String reason) {
        close(code, reason);
        finished = true;
        incoming.end();
    }

    @Override
    public boolean isFinished() {
        return finished && state == ReadyState.CLOSING;
    }

    @Override
    public void disconnected() {
        state = ReadyState.CLOSED;
        incoming.end();
        output.clear();
        held = null;
    }

    @Override
    public void onGrowth(LongPredicate growth) {
        incoming.onGrowth(growth);
    }

    @Override
    public long incomingMemory() {
        return incoming.memory();
    }

    @Override
    public void release() {
        incoming.release();
    }

    @Override
    public ByteQueue output() {
        return output;
    }

    @Override
    public long held() {
        return held == null ? 0 : held.size();
    }
}
