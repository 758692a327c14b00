package dev.hawser.tests.soak;

import java.util.List;
import java.util.SplittableRandom;

/**
 * What a connection is to do: nothing but its seed and its number decides.
 *
 * @param exchanges how many messages or the like before its end
 * @param random for all else that it has to choose, in order
 */
record Plan(long number, Kind kind, Ending ending, int exchanges, SplittableRandom random) {

    /** So far apart that the random numbers of neighbours have nothing in common. */
    private static final long STRIDE = 0x9E37_79B9_7F4A_7C15L;

    private static final int MOST_EXCHANGES = 8;

    /** How a connection comes, and what it wants. */
    enum Kind {
        /** Behaves, and stays as long as the round. */
        STEADY(0),
        ECHO(30),
        /** Echoes with permessage-deflate. */
        DEFLATE(14),
        /** A member of a topic. */
        ROOM(14),
        /** An event stream of a topic. */
        EVENTS(14),
        /** Echoes after a handshake that is decided later. */
        LATER(6),
        /** Is sent much, as fast as it reads. */
        FLOOD(4),
        /** Is sent more than is kept for it. */
        RUDE_FLOOD(2),
        FLOOD_EVENTS(3),
        RUDE_FLOOD_EVENTS(2),
        /** Its request is refused, at once or later, or never decided. */
        REFUSED(3),
        REFUSED_LATER(2),
        UNDECIDED(2),
        /** Goes before its request is decided. */
        ABANDONED(2),
        /** A plain GET, and a handshake with a mistake. */
        BAD_HANDSHAKE(1),
        /** Half of a request. */
        UNFINISHED(3);

        private final int share;

        Kind(int share) {
            this.share = share;
        }

        /** Whether it becomes a WebSocket. */
        boolean isSocket() {
            return this == STEADY
                    || this == ECHO
                    || this == DEFLATE
                    || this == ROOM
                    || this == LATER
                    || this == FLOOD
                    || this == RUDE_FLOOD;
        }

        boolean isStream() {
            return this == EVENTS || this == FLOOD_EVENTS || this == RUDE_FLOOD_EVENTS;
        }

        /** Whether it hears only what it has said. */
        boolean isEcho() {
            return this == STEADY || this == ECHO || this == DEFLATE || this == LATER;
        }
    }

    /** How a connection ends. */
    enum Ending {
        /** The client closes, with one of many codes. */
        CLOSE,
        /** The server closes. */
        CLOSED,
        /** The server closes, and the client does not answer. */
        CLOSE_IGNORED,
        /** RST. */
        RESET,
        /** FIN, and the client still reads. */
        END_OF_INPUT,
        /** FIN, and the client is gone. */
        DISAPPEARED,
        /** A frame that breaks a rule. */
        INVALID_FRAME,
        INVALID_TEXT,
        TOO_LONG,
        GARBAGE,
        STALLED_IN_FRAME,
        STALLED_IN_MESSAGE,
        /** Reads, but answers no ping. */
        SILENT,
        /** Does not read while much is sent to it. */
        STALLED_READING,
        /** The same for a while; then it reads on, and closes. */
        PAUSED_READING
    }

    private static final List<Ending> OF_SOCKETS = List.of(
            Ending.CLOSE,
            Ending.CLOSE,
            Ending.CLOSE,
            Ending.CLOSE,
            Ending.CLOSED,
            Ending.CLOSED,
            Ending.CLOSE_IGNORED,
            Ending.RESET,
            Ending.RESET,
            Ending.END_OF_INPUT,
            Ending.DISAPPEARED,
            Ending.INVALID_FRAME,
            Ending.INVALID_FRAME,
            Ending.INVALID_TEXT,
            Ending.TOO_LONG,
            Ending.GARBAGE,
            Ending.STALLED_IN_FRAME,
            Ending.STALLED_IN_MESSAGE,
            Ending.SILENT,
            Ending.STALLED_READING,
            Ending.PAUSED_READING);

    private static final List<Ending> OF_STREAMS =
            List.of(Ending.RESET, Ending.DISAPPEARED, Ending.END_OF_INPUT, Ending.CLOSED);

    private static final List<Ending> OF_FLOODS =
            List.of(Ending.RESET, Ending.DISAPPEARED, Ending.STALLED_READING, Ending.PAUSED_READING);

    private static final List<Ending> OF_REQUESTS = List.of(Ending.RESET, Ending.CLOSED);

    /** One that comes, as its number says. */
    static Plan of(long seed, long number) {
        SplittableRandom random = new SplittableRandom(seed ^ (number + 1) * STRIDE);
        Kind kind = kind(random);
        Ending ending =
                switch (kind) {
                    case FLOOD, RUDE_FLOOD, FLOOD_EVENTS, RUDE_FLOOD_EVENTS -> one(OF_FLOODS, random);
                    case EVENTS -> one(OF_STREAMS, random);
                    default -> one(kind.isSocket() ? OF_SOCKETS : OF_REQUESTS, random);
                };
        return new Plan(number, kind, ending, random.nextInt(MOST_EXCHANGES + 1), random);
    }

    /** One that stays. */
    static Plan steady(long seed, long number) {
        SplittableRandom random = new SplittableRandom(seed ^ (number + 1) * STRIDE);
        return new Plan(number, Kind.STEADY, Ending.CLOSE, Integer.MAX_VALUE, random);
    }

    private static Kind kind(SplittableRandom random) {
        int total = 0;
        for (Kind kind : Kind.values()) {
            total += kind.share;
        }
        int left = random.nextInt(total);
        for (Kind kind : Kind.values()) {
            left -= kind.share;
            if (left < 0) {
                return kind;
            }
        }
        throw new IllegalStateException("Shares do not add up");
    }

    static <T> T one(List<T> list, SplittableRandom random) {
        return list.get(random.nextInt(list.size()));
    }

    @Override
    public String toString() {
        return "connection " + number + " (" + kind + ", " + ending + ")";
    }
}
