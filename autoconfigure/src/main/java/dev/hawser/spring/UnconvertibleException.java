package dev.hawser.spring;

import dev.hawser.websocket.CloseException;
import dev.hawser.websocket.handshake.HttpText;
import java.lang.reflect.Type;

/**
 * A message came that is not what it should be, and its connection is being closed for it. The message of this exception
 * names the type that was expected and says what is wrong, in printable ASCII, cut to some 200 characters: the
 * converter's words, which may quote the value that does not fit, never the whole message. What the converter threw is not its
 * cause, since that would bring a peer's text into logs unescaped.
 */
public final class UnconvertibleException extends CloseException {

    private static final long serialVersionUID = 1L;

    private static final int SHOWN = 200;

    UnconvertibleException(int code, Type expected, String problem) {
        super(
                code,
                "Message cannot be converted",
                "unconvertible (" + code + "): Not a " + expected.getTypeName() + ": " + cut(problem));
    }

    private static String cut(String problem) {
        return HttpText.printable(problem.length() > SHOWN ? problem.substring(0, SHOWN) + "..." : problem, '?');
    }
}
