package dev.hawser.websocket.connection;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where a connection writes. Nothing here blocks; the connection serialises all calls. */
public interface Sink {

    /**
     * Takes as much of {@code data} as it can, in order; the positions move past that.
     *
     * @param data at least one buffer, each with bytes remaining and an array behind it
     * @return whether more can be taken now; if not, the sink calls {@code onWritable} later
     */
    boolean write(ByteBuffer[] data) throws IOException;

    /**
     * Pushes what was taken to the operating system.
     *
     * @return whether everything is there; if not, the sink calls {@code onWritable} later
     */
    boolean flush() throws IOException;

    /** Ends the connection. What was not flushed is lost. Throws nothing, and may be called again. */
    void close();
}
