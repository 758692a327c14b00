package dev.hawser.websocket.extension.deflate;

import java.util.function.Consumer;

/**
 * How {@link PermessageDeflate} is set up. Immutable; {@link #with} makes a changed copy.
 *
 * @param level how hard to try: 1 (fast) to 9 (small), 0 for not at all, -1 for the default of zlib, which is 6
 * @param memLevel how much memory a compressor takes: 1 to 9, of which 1 and 2 are taken for 3; anything but 8 is done by
 *     JZlib, on the heap
 * @param strategy what kind of data to expect
 * @param threshold messages shorter than this, in bytes, are sent as they are
 * @param serverNoContextTakeover whether the server forgets each message before it compresses the next (RFC 7692, section
 *     7.1.1.1): it compresses less, but a connection holds no compressor. A server does so if either side wants it; a client
 *     asks for it
 * @param clientNoContextTakeover the same for the client (section 7.1.1.2): a server demands it, a client announces it
 * @param serverMaxWindowBits how far back the server may refer: 2^8 to 2^15 bytes (section 7.1.2.1); a server goes below
 *     that where the client asks for it. Fewer than 15 are done by JZlib, on the heap
 * @param clientMaxWindowBits the same for the client (section 7.1.2.2): a server asks it of clients that can be asked; a
 *     client announces it if it is less than 15. It saves the client's memory, not the server's
 */
public record DeflateOptions(
        int level,
        int memLevel,
        Strategy strategy,
        int threshold,
        boolean serverNoContextTakeover,
        boolean clientNoContextTakeover,
        int serverMaxWindowBits,
        int clientMaxWindowBits) {

    /** The defaults: those of zlib, for messages from 1 KiB on, with context takeover and a window of 32 KiB. */
    public static final DeflateOptions DEFAULT =
            new DeflateOptions(-1, 8, Strategy.DEFAULT, 1024, false, false, 15, 15);

    /** What kind of data zlib is to expect. */
    public enum Strategy {
        /** Any: text, above all. */
        DEFAULT,
        /** Mostly small values that look random: fewer back-references. */
        FILTERED,
        /** No back-references at all: fast. */
        HUFFMAN_ONLY
    }

    public DeflateOptions {
        require("level", level, -1, 9);
        require("mem-level", memLevel, 1, 9);
        require("threshold", threshold, 0, Integer.MAX_VALUE);
        require("server-max-window-bits", serverMaxWindowBits, 8, 15);
        require("client-max-window-bits", clientMaxWindowBits, 8, 15);
    }

    private static void require(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " must be " + least + " to " + most + ", but is " + value);
        }
    }

    /** A copy with changes, such as {@code DeflateOptions.DEFAULT.with(o -> o.level(1).threshold(256))}. */
    public DeflateOptions with(Consumer<Builder> changes) {
        Builder builder = new Builder(this);
        changes.accept(builder);
        return builder.build();
    }

    /** Collects changes; each method is named after what it changes. */
    public static final class Builder {

        private int level;
        private int memLevel;
        private Strategy strategy;
        private int threshold;
        private boolean serverNoContextTakeover;
        private boolean clientNoContextTakeover;
        private int serverMaxWindowBits;
        private int clientMaxWindowBits;

        private Builder(DeflateOptions from) {
            level = from.level;
            memLevel = from.memLevel;
            strategy = from.strategy;
            threshold = from.threshold;
            serverNoContextTakeover = from.serverNoContextTakeover;
            clientNoContextTakeover = from.clientNoContextTakeover;
            serverMaxWindowBits = from.serverMaxWindowBits;
            clientMaxWindowBits = from.clientMaxWindowBits;
        }

        public Builder level(int level) {
            this.level = level;
            return this;
        }

        public Builder memLevel(int memLevel) {
            this.memLevel = memLevel;
            return this;
        }

        public Builder strategy(Strategy strategy) {
            this.strategy = strategy;
            return this;
        }

        public Builder threshold(int threshold) {
            this.threshold = threshold;
            return this;
        }

        public Builder serverNoContextTakeover(boolean forget) {
            this.serverNoContextTakeover = forget;
            return this;
        }

        public Builder clientNoContextTakeover(boolean forget) {
            this.clientNoContextTakeover = forget;
            return this;
        }

        public Builder serverMaxWindowBits(int bits) {
            this.serverMaxWindowBits = bits;
            return this;
        }

        public Builder clientMaxWindowBits(int bits) {
            this.clientMaxWindowBits = bits;
            return this;
        }

        private DeflateOptions build() {
            return new DeflateOptions(
                    level,
                    memLevel,
                    strategy,
                    threshold,
                    serverNoContextTakeover,
                    clientNoContextTakeover,
                    serverMaxWindowBits,
                    clientMaxWindowBits);
        }
    }
}
