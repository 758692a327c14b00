package dev.hawser.tests.soak;

import dev.hawser.tests.soak.Plan.Ending;
import dev.hawser.tests.soak.Plan.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.SplittableRandom;

/** An event stream: reads chunks (RFC 9112, section 7.1), and in them lines. */
final class StreamVisitor extends Visitor {

    private static final int FLOOD = 300;
    private static final int RUDE_FLOOD = 400;

    private final SplittableRandom random;
    private final Check check;
    private final int room;

    /** What is left of a chunk; 0 within the line that tells the length of the next. */
    private int left;

    private final StringBuilder length = new StringBuilder(0);
    private ByteArrayOutputStream line = new ByteArrayOutputStream(0);

    // The event as far as it has come.
    private String name = "";
    private String data = "";

    StreamVisitor(Loop loop, Plan plan) {
        super(loop, plan);
        this.random = plan.random();
        this.room = random.nextInt(SocketVisitor.ROOMS);
        this.check = plan.kind() == Kind.EVENTS ? new Check.Room() : new Check.Flood(flood());
    }

    private int flood() {
        return plan.kind() == Kind.FLOOD_EVENTS ? FLOOD : RUDE_FLOOD + (int) (plan.number() & 1);
    }

    @Override
    byte[] request() {
        String path =
                switch (plan.kind()) {
                    case FLOOD_EVENTS -> "/flood/" + flood() + "/events";
                    case RUDE_FLOOD_EVENTS -> "/flood/" + flood() + "/events/rude";
                    default -> "/room/" + room + "/events" + (plan.ending() == Ending.CLOSED ? "/short" : "");
                };
        String lastId = loop.lastIds().get(room);
        boolean resumes = random.nextInt(3) == 0 && plan.kind() == Kind.EVENTS && lastId != null;
        return ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                        + (resumes ? "Last-Event-ID: " + lastId + "\r\n" : "") + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    void response(int status, String head) {
        if (plan.kind() == Kind.RUDE_FLOOD_EVENTS && head.contains("Content-Length: 0")) {
            count("overflowed before they were open: streams");
            end();
            return;
        }
        if (status != 200 || !head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
            problem("Expected an event stream but was " + head);
            end();
            return;
        }
        count("opened: streams");
        switch (plan.ending()) {
            case RESET -> then(0, length(), this::reset);
            case DISAPPEARED -> then(0, length(), this::end);
            case END_OF_INPUT ->
                then(0, length(), () -> {
                    endOutput(); // which is no end of a response
                    then(1000, 5000, this::end);
                });
            case STALLED_READING -> {
                reading(false);
                then(3000, 9000, this::reset);
            }
            case PAUSED_READING -> {
                reading(false);
                then(500, 3500, () -> {
                    reading(true);
                    then(3000, 6000, this::end);
                });
            }
            default -> {
                // The server ends it.
            }
        }
    }

    private int length() {
        return loop.isOver() ? 100 : plan.kind() == Kind.EVENTS ? 25_000 : 3000;
    }

    @Override
    void read(ByteBuffer input) {
        while (input.hasRemaining()) {
            if (left > 0) {
                body(input.get());
                left--;
            } else {
                chunkLine((char) input.get());
            }
        }
    }

    /** The end of the line that tells the length of a chunk, or of the one that ends it. */
    private void chunkLine(char next) {
        if (next != '\n') {
            length.append(next);
            return;
        }
        String text = length.toString().strip();
        length.setLength(0);
        if (!text.isEmpty()) {
            left = Integer.parseInt(text, 16);
            if (left == 0) {
                end(); // the server has ended the stream
            }
        }
    }

    private void body(byte next) {
        if (next != '\n') {
            line.write(next);
            return;
        }
        String text = line.toString(StandardCharsets.UTF_8);
        line = new ByteArrayOutputStream(0);
        if (text.isEmpty()) {
            event();
        } else if (text.startsWith("event: ")) {
            name = text.substring("event: ".length());
        } else if (text.startsWith("data: ")) {
            data = text.substring("data: ".length());
        } else if (text.startsWith("id: ")) {
            loop.lastIds().put(room, text.substring("id: ".length()));
        } else if (!text.startsWith(":") && !text.startsWith("retry: ")) {
            problem("Expected a field of an event but was " + text.substring(0, Math.min(40, text.length())));
        }
    }

    private void event() {
        String event = data;
        boolean reset = name.equals("hawser.reset");
        name = "";
        data = "";
        if (reset && check instanceof Check.Room members) {
            members.reset();
        } else if (!event.isEmpty()) {
            count("events heard");
            String wrong = check.heard(true, event.getBytes(StandardCharsets.UTF_8));
            if (wrong != null) {
                problem(wrong);
            }
        }
    }

    @Override
    void ended(boolean reset) {
        if (plan.kind() != Kind.RUDE_FLOOD_EVENTS && plan.ending() != Ending.END_OF_INPUT) {
            count("ended early: " + plan.kind());
        }
    }
}
