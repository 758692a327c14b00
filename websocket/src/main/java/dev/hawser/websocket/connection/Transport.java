package dev.hawser.websocket.connection;

import java.io.IOException;

/** A socket as a WebSocket needs it. The reading methods are called by one thread at a time. */
public interface Transport extends Sink {

    /**
     * Reads what is there.
     *
     * @return how many bytes came; 0 if there are none now; -1 at the end
     */
    int read(byte[] buffer) throws IOException;

    /** Whether a read that gave {@code count} bytes into {@code buffer} may have left some behind. */
    boolean mayHaveMore(int count, byte[] buffer);

    /** Asks for {@code onReadable}, after one that returned false, on a thread that others may get first; at once if something was left unread. */
    void resumeReading();

    /**
     * Tells the peer that nothing more will come, while still reading.
     *
     * @return false if the transport cannot do that
     */
    boolean shutdownOutput();

    /** Whether something can still be written, as far as that is known. */
    default boolean isOpen() {
        return true;
    }

    /** How many bytes were taken that have not reached the operating system, as far as that is known. */
    default int unwritten() {
        return 0;
    }

    /** Whether all that was taken has reached the operating system, or never will; if not, {@code onWritable} is called later. */
    default boolean isWritten() {
        return true;
    }
}
