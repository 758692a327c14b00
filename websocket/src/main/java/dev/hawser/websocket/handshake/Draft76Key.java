package dev.hawser.websocket.handshake;

import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import java.util.List;

/**
 * The keys of draft-76, section 5.2: the digits of each, read as one number, are divided by the number of spaces between
 * them. A page cannot send such headers through an XMLHttpRequest or a form.
 */
final class Draft76Key {

    private static final long MAX_NUMBER = 0xFFFF_FFFFL;

    private Draft76Key() {}

    /** What the key hides: an unsigned number of 32 bits. */
    static int number(String name, List<String> headers) throws HandshakeException {
        if (headers.size() != 1) {
            throw new HandshakeException(Cause.BAD_KEY, 400, "Expected one " + name + " but were " + headers.size());
        }
        String key = headers.get(0);
        long number = 0;
        int digits = 0;
        int spaces = 0;
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c == ' ') {
                spaces++;
            } else if (c >= '0' && c <= '9') {
                digits++;
                number = 10 * number + (c - '0');
                if (number > MAX_NUMBER) {
                    throw bad(name, "a number of 32 bits", key);
                }
            }
        }
        if (digits == 0) {
            throw bad(name, "digits", key);
        }
        if (spaces == 0) {
            throw bad(name, "spaces", key);
        }
        if (number % spaces != 0) {
            throw bad(name, "a multiple of its " + spaces + " spaces", key);
        }
        return (int) (number / spaces);
    }

    private static HandshakeException bad(String name, String expected, String key) {
        return new HandshakeException(
                Cause.BAD_KEY, 400, "Expected " + expected + " in " + name + " but was " + HttpText.quote(key));
    }
}
