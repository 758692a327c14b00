package dev.hawser.websocket.connection;

import dev.hawser.websocket.protocol.Opcode;

/** What is known of a message that goes in parts: for the observer, which hears of whole messages. */
final class Fragments {

    private boolean text;
    private long length;
    private boolean ended = true;
    /** The first half of a character, which waits for the second. */
    private String half = "";

    /** Counts a part; whether the message has ended with it. */
    boolean add(Opcode opcode, int count, boolean last) {
        if (ended) {
            text = opcode == Opcode.TEXT;
            length = 0;
        }
        length += count;
        ended = last;
        if (last) {
            half = ""; // a half without its other half is lost with its message
        }
        return last;
    }

    boolean isText() {
        return text;
    }

    /** The length of the message so far, in bytes; of one that never ends, as much as fits. */
    int length() {
        return (int) Math.min(length, Integer.MAX_VALUE);
    }

    /** {@code part} after the half character that the part before it ended with. */
    String withHalf(String part) {
        return half.isEmpty() ? part : half + part;
    }

    void keepHalf(String rest) {
        half = rest;
    }

    /** Where {@code text} can be cut without cutting a character in two. */
    static int end(String text) {
        boolean cut = !text.isEmpty() && Character.isHighSurrogate(text.charAt(text.length() - 1));
        return cut ? text.length() - 1 : text.length();
    }
}
