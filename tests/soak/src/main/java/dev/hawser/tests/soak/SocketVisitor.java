package dev.hawser.tests.soak;

import dev.hawser.tests.soak.Plan.Ending;
import dev.hawser.tests.soak.Plan.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** A WebSocket: what it says, and how it ends, is its plan's. */
final class SocketVisitor extends Visitor implements FrameParser.Target {

    /** The longest message that the server takes. */
    static final int MAX_LENGTH = 512 * 1024;

    /** How many rooms there are. */
    static final int ROOMS = 200;

    /** Of the key that all send; the example of RFC 6455, section 1.3. */
    private static final String ACCEPT = "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n";

    private static final List<String> OFFERS = List.of(
            "permessage-deflate",
            "permessage-deflate",
            "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
            "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
            "permessage-deflate; server_max_window_bits=11; client_max_window_bits");

    private static final int NO_CODE = 1005;
    private static final int OVERFLOW = 1013;

    private static final List<Integer> CODES =
            List.of(1000, 1000, 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 4000, 4999, NO_CODE);

    /** Those that an application may close with. */
    private static final List<Integer> APPLICATION_CODES = List.of(1000, 3000, 4000, 4999);

    private static final int LARGEST_COMPRESSED = 32 * 1024;
    private static final int LARGEST = 256 * 1024;

    /** More than max-buffered and the sockets hold, for who does not read. */
    private static final int STALLED_MESSAGES = 16;

    private static final int STALLED_LENGTH = 128 * 1024;

    private static final int FLOOD = 300;
    private static final int RUDE_FLOOD = 1000;

    private enum State {
        TALKING,
        /** The second half of a frame is to follow. */
        WITHIN_FRAME,
        /** Says nothing more but what belongs to its end. */
        ENDING,
        /** What the server says does not matter any more. */
        DEAF
    }

    private final SplittableRandom random;
    private final FrameParser parser = new FrameParser(this);
    private final Check check;
    private final Deque<byte[]> awaitedPongs = new ArrayDeque<>(1);
    private State state = State.TALKING;
    private int exchanges;
    private int said;
    private boolean awaiting;
    private boolean answersPings = true;
    /** The code with which the server is to close; 0 if it is not to. */
    private int expectedCode;

    private boolean closeSent;
    private boolean closeReceived;
    private boolean closesWhenDone;
    /** What follows the first half of a frame. */
    private byte[] rest = {};

    private @Nullable Inflater inflater;
    private long askedAt;

    SocketVisitor(Loop loop, Plan plan) {
        super(loop, plan);
        this.random = plan.random();
        this.exchanges = plan.exchanges();
        this.check = switch (plan.kind()) {
            case ROOM -> new Check.Room();
            case FLOOD -> new Check.Flood(FLOOD);
            case RUDE_FLOOD -> new Check.Flood(RUDE_FLOOD);
            default -> new Check.Echo();
        };
    }

    // ---- Coming.

    static String handshake(String path, String headers) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" + headers + "\r\n";
    }

    @Override
    byte[] request() {
        String path =
                switch (plan.kind()) {
                    case STEADY -> "/steady";
                    case ROOM -> "/room/" + random.nextInt(ROOMS);
                    case LATER -> "/later/accepted";
                    case FLOOD -> "/flood/" + FLOOD;
                    case RUDE_FLOOD -> "/flood/" + RUDE_FLOOD + "/rude";
                    default -> "/echo";
                };
        String offer =
                plan.kind() == Kind.DEFLATE ? "Sec-WebSocket-Extensions: " + Plan.one(OFFERS, random) + "\r\n" : "";
        return handshake(path, offer).getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    void response(int status, String head) {
        if (plan.kind() == Kind.LATER && status == 503) {
            count("decided too late"); // by a busy machine
            end();
            return;
        }
        String headers = head.toLowerCase(Locale.ROOT);
        boolean compressed = headers.contains("sec-websocket-extensions: permessage-deflate");
        if (status != 101 || !headers.contains(ACCEPT) || compressed != (plan.kind() == Kind.DEFLATE)) {
            problem("Expected a handshake but was " + head);
            end();
            return;
        }
        count("opened: WebSockets");
        if (check instanceof Check.Flood) {
            finishFlood();
        } else {
            then(0, 3000, this::turn);
        }
    }

    // ---- Talking.

    private void turn() {
        if (loop.isOver() || exchanges-- == 0) {
            finish();
            return;
        }
        int dice = random.nextInt(100);
        askedAt = System.nanoTime();
        awaiting = true;
        if (plan.kind() == Kind.ROOM || dice < 55) {
            send(message(largest(), 1));
        } else if (dice < 70) {
            send(message(largest(), random.nextInt(2, 7)));
        } else if (dice < 80) {
            for (int i = random.nextInt(2, 6); i > 0; i--) {
                send(message(128, 1));
            }
        } else if (dice < 90) {
            send(ping());
        } else {
            sendHalf(message(1000, 1));
            state = State.WITHIN_FRAME;
            then(10, 800, () -> {
                state = State.TALKING;
                send(rest);
                heardAll();
            });
            return;
        }
        heardAll();
    }

    /** Sends the first half of a frame, if there are two; the other is the rest. */
    private void sendHalf(byte[] frame) {
        int half = random.nextInt(1, frame.length);
        rest = Arrays.copyOfRange(frame, half, frame.length);
        send(Arrays.copyOf(frame, half));
    }

    private int largest() {
        return plan.kind() == Kind.DEFLATE ? LARGEST_COMPRESSED : LARGEST;
    }

    /** The next message, in so many fragments, a ping between some of them. */
    private byte[] message(int largest, int fragments) {
        count("messages said");
        if (check instanceof Check.Echo echo) {
            Payload payload = Payload.any(random, largest);
            echo.await(payload);
            return message(payload.text(), payload.bytes(), fragments);
        }
        byte[] text = Check.Room.text(plan.number(), said++, random).getBytes(StandardCharsets.UTF_8);
        return message(true, text, fragments);
    }

    private byte[] message(boolean text, byte[] plain, int fragments) {
        boolean compressed = plan.kind() == Kind.DEFLATE && random.nextInt(10) < 7;
        byte[] data = compressed ? loop.compression().compress(plain) : plain;
        Frames frames = new Frames();
        int first = (text ? Frames.TEXT : Frames.BINARY) | (compressed ? Frames.RSV1 : 0);
        int start = 0;
        for (int i = 1; i <= fragments; i++) {
            int end = i == fragments ? data.length : random.nextInt(start, data.length + 1);
            frames.add(first | (i == fragments ? Frames.FIN : 0), data, start, end - start);
            first = Frames.CONTINUATION;
            start = end;
            if (i < fragments && random.nextInt(3) == 0) {
                frames.add(Frames.FIN | Frames.PING, pingPayload());
            }
        }
        return frames.toByteArray();
    }

    private byte[] ping() {
        return new Frames().add(Frames.FIN | Frames.PING, pingPayload()).toByteArray();
    }

    private byte[] pingPayload() {
        byte[] payload = Payload.of(random, random.nextInt(126)).bytes();
        awaitedPongs.add(payload);
        count("pings");
        return payload;
    }

    // ---- Hearing.

    @Override
    void read(ByteBuffer input) {
        parser.read(input);
    }

    @Override
    public void invalid(String what) {
        problem("Expected frames but was " + what);
        state = State.DEAF;
    }

    @Override
    public void message(boolean text, boolean compressed, byte[] payload) {
        if (state == State.DEAF || !isOpen()) {
            return;
        }
        count("messages heard");
        try {
            String wrong = check.heard(text, compressed ? inflate(payload) : payload);
            if (wrong != null) {
                problem(wrong);
            }
        } catch (DataFormatException | RuntimeException wrong) {
            problem("Expected a message but was " + payload.length + " bytes: " + wrong);
        }
        heardAll();
    }

    private byte[] inflate(byte[] compressed) throws DataFormatException {
        if (plan.kind() != Kind.DEFLATE) {
            throw new DataFormatException("compressed, though this was not agreed on");
        }
        count("messages heard that were compressed");
        Inflater own = inflater;
        if (own == null) {
            own = new Inflater(true);
            inflater = own;
        }
        return loop.compression().inflate(own, compressed);
    }

    /** Goes on once everything has come that is due. */
    private void heardAll() {
        if (!check.isDone() || !awaitedPongs.isEmpty() || !isOpen()) {
            return;
        }
        if (closesWhenDone) {
            closesWhenDone = false;
            close(1000);
        } else if (state == State.TALKING && awaiting) {
            awaiting = false;
            if (plan.kind() == Kind.STEADY) {
                loop.report().echoed(System.nanoTime() - askedAt);
                then(500, 3000, this::turn);
            } else {
                then(1000, 8000, this::turn);
            }
        }
    }

    @Override
    public void control(int opcode, byte[] payload) {
        if (state == State.DEAF || !isOpen()) {
            return;
        }
        switch (opcode) {
            case Frames.PING -> pinged(payload);
            case Frames.PONG -> {
                byte[] expected = awaitedPongs.poll();
                if (expected == null || !Arrays.equals(expected, payload)) {
                    problem("Expected the pong of another ping but was of " + payload.length + " bytes");
                }
                heardAll();
            }
            case Frames.CLOSE -> closed(payload);
            default -> invalid("a control frame with opcode " + opcode);
        }
    }

    private void pinged(byte[] payload) {
        byte[] pong = new Frames().add(Frames.FIN | Frames.PONG, payload).toByteArray();
        if (state == State.WITHIN_FRAME) {
            byte[] both = Arrays.copyOf(rest, rest.length + pong.length);
            System.arraycopy(pong, 0, both, rest.length, pong.length);
            rest = both;
        } else if (answersPings && !closeSent) {
            send(pong);
        }
    }

    private void closed(byte[] payload) {
        int code = payload.length < 2 ? NO_CODE : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
        closeReceived = true;
        boolean overflows = plan.kind() == Kind.RUDE_FLOOD || plan.ending() == Ending.STALLED_READING;
        if (code != expectedCode && !(code == OVERFLOW && overflows)) {
            problem((expectedCode == 0 ? "Expected no close" : "Expected a close with " + expectedCode) + " but was "
                    + code + " "
                    + new String(
                            payload,
                            Math.min(2, payload.length),
                            Math.max(0, payload.length - 2),
                            StandardCharsets.UTF_8));
        }
        state = State.ENDING;
        wakeNoMore();
        if (!closeSent && plan.ending() != Ending.CLOSE_IGNORED) {
            sendClose(code);
        }
    }

    // ---- Going.

    private void finishFlood() {
        state = State.ENDING;
        switch (plan.ending()) {
            case RESET -> then(50, 3000, this::reset);
            case DISAPPEARED -> then(50, 3000, this::end);
            case STALLED_READING -> stall();
            default -> pause(() -> closesWhenDone = plan.kind() == Kind.FLOOD);
        }
    }

    private void finish() {
        state = State.ENDING;
        switch (plan.ending()) {
            case CLOSE -> close(plan.kind() == Kind.STEADY ? 1000 : Plan.one(CODES, random));
            case CLOSED, CLOSE_IGNORED -> {
                expectedCode = Plan.one(APPLICATION_CODES, random);
                byte[] wish = (Endpoints.CLOSE + expectedCode).getBytes(StandardCharsets.US_ASCII);
                send(new Frames().add(Frames.FIN | Frames.TEXT, wish).toByteArray());
            }
            case RESET -> reset();
            case DISAPPEARED -> end();
            case END_OF_INPUT -> endOutput();
            case INVALID_FRAME -> violate(1002, invalidFrame());
            case INVALID_TEXT -> violate(1007, invalidData());
            case TOO_LONG ->
                violate(
                        1009,
                        new Frames()
                                .addHeader(Frames.FIN | Frames.BINARY, 2 * MAX_LENGTH)
                                .toByteArray());
            case GARBAGE -> sendGarbage();
            case STALLED_IN_FRAME -> {
                answersPings = false;
                sendHalf(message(1000, 1));
            }
            case STALLED_IN_MESSAGE -> stallInMessage();
            case SILENT -> answersPings = false;
            case STALLED_READING -> stallAndTalk();
            case PAUSED_READING -> {
                for (int i = 0; i < 6; i++) {
                    send(message(LARGEST_COMPRESSED, 1));
                }
                pause(() -> closesWhenDone = true);
            }
        }
    }

    private void close(int code) {
        expectedCode = code;
        sendClose(code);
    }

    private void sendClose(int code) {
        state = State.ENDING;
        closeSent = true;
        byte[] payload = code == NO_CODE
                ? new byte[0]
                : ByteBuffer.allocate(5)
                        .putShort((short) code)
                        .put(new byte[] {'b', 'y', 'e'})
                        .array();
        send(new Frames().add(Frames.FIN | Frames.CLOSE, payload).toByteArray());
    }

    private void violate(int code, byte[] bytes) {
        expectedCode = code;
        closeSent = true; // nothing that follows would be heard
        send(bytes);
    }

    private byte[] invalidFrame() {
        byte[] payload = {3, -19}; // 1005 as a close code
        Frames frames = new Frames();
        return (switch (random.nextInt(6)) {
                    case 0 -> frames.add(Frames.FIN | Frames.RSV2 | Frames.TEXT, payload);
                    case 1 -> frames.addUnmasked(Frames.FIN | Frames.BINARY, payload);
                    case 2 -> frames.add(Frames.FIN | 3, payload);
                    case 3 -> frames.add(Frames.FIN | Frames.CONTINUATION, payload);
                    case 4 -> frames.add(Frames.PING, payload);
                    default -> frames.add(Frames.FIN | Frames.CLOSE, payload);
                })
                .toByteArray();
    }

    private byte[] invalidData() {
        byte[] payload = new byte[50];
        Arrays.fill(payload, (byte) 0xFF); // a kind of block that DEFLATE does not have, and no UTF-8
        int compressed = plan.kind() == Kind.DEFLATE && random.nextBoolean() ? Frames.RSV1 : 0;
        return new Frames().add(Frames.FIN | Frames.TEXT | compressed, payload).toByteArray();
    }

    private void sendGarbage() {
        state = State.DEAF;
        byte[] garbage = new byte[random.nextInt(1, 3000)];
        random.nextBytes(garbage);
        if (plan.kind() == Kind.ROOM) {
            garbage[0] |= Frames.RSV2; // or by chance it could be a message, which the others would hear
        }
        send(garbage);
        if (random.nextBoolean()) {
            then(0, 3000, this::end);
        }
    }

    private void stallInMessage() {
        byte[] text = check instanceof Check.Room
                ? Check.Room.text(plan.number(), said++, random).getBytes(StandardCharsets.UTF_8)
                : Payload.text(0, 4000).getBytes(StandardCharsets.UTF_8);
        int half = random.nextInt(text.length + 1);
        send(new Frames().add(Frames.TEXT, text, 0, half).toByteArray());
        then(3000, 9000, () -> {
            switch (random.nextInt(3)) {
                case 0 -> reset();
                case 1 -> answersPings = false;
                default -> {
                    if (check instanceof Check.Echo echo) {
                        echo.await(new Payload(true, 0, 4000));
                    }
                    send(new Frames()
                            .add(Frames.FIN | Frames.CONTINUATION, text, half, text.length - half)
                            .toByteArray());
                    closesWhenDone = true;
                    heardAll();
                }
            }
        });
    }

    private void stallAndTalk() {
        stall();
        if (plan.kind() == Kind.ROOM) {
            return; // the others would have to hear it
        }
        for (int i = 0; i < STALLED_MESSAGES; i++) {
            byte[] data = Payload.of(random, STALLED_LENGTH).bytes();
            send(new Frames().add(Frames.FIN | Frames.BINARY, data).toByteArray());
        }
    }

    /** Does not read for so long that the server gives up; then it is gone, or reads what is left. */
    private void stall() {
        reading(false);
        then(6000, 14_000, () -> {
            if (random.nextBoolean()) {
                reset();
            } else {
                answersPings = false;
                if (check instanceof Check.Echo) {
                    state = State.DEAF; // nobody has kept what was said
                }
                reading(true);
            }
        });
    }

    /** Does not read for a moment. */
    private void pause(Runnable next) {
        reading(false);
        then(500, 3500, () -> {
            reading(true);
            next.run();
            heardAll();
        });
    }

    @Override
    void ended(boolean reset) {
        boolean talking = state == State.TALKING || state == State.WITHIN_FRAME;
        if (plan.kind() == Kind.STEADY && !closeReceived) {
            problem("Expected to stay but was " + (reset ? "reset" : "ended"));
        } else if (talking) {
            count("ended early: " + plan.kind());
        } else if (expectedCode != 0 && !closeReceived && state != State.DEAF) {
            count("ended without the close frame with " + expectedCode + (reset ? ", by RST" : ""));
        }
    }

    @Override
    void end() {
        super.end();
        if (inflater != null) {
            inflater.end();
            inflater = null;
        }
    }
}
