package dev.hawser.websocket.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;

/**
 * A message from the peer, to be read while it arrives. Once, by one thread at a time, and before the next is asked for. The
 * text of a text message has been checked as far as it has come.
 */
public final class MessageStream {

    private final boolean text;
    private final PartInputStream input;

    MessageStream(Inbox inbox, Part first) {
        this.text = first.text();
        this.input = new PartInputStream(inbox, first);
    }

    /** Whether this is text; otherwise it is binary. */
    public boolean isText() {
        return text;
    }

    /**
     * The payload: the bytes of a binary message, or the UTF-8 of a text message. The stream ends with the message; reading
     * throws an {@link IOException} if the connection ends before. It need not be closed.
     */
    public InputStream inputStream() {
        return input;
    }

    /**
     * The text of this message, as {@link #inputStream}.
     *
     * @throws IllegalStateException if this is a binary message
     */
    public Reader reader() {
        if (!text) {
            throw new IllegalStateException("Expected a text message but was binary");
        }
        return new InputStreamReader(input, StandardCharsets.UTF_8);
    }

    void skipRest() throws IOException {
        input.skipRest();
    }
}
