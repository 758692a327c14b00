package dev.hawser.websocket.protocol;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One end of a WebSocket connection without its socket. Bytes from the peer go in through {@link #receive}, which hands
 * out events one at a time; each is given to {@link #answer} before the next is asked for, or may be kept from it if it is
 * a message. Commands and answers leave through {@link #output}. Time-outs are the caller's: it says {@link #disconnected}
 * when it gives up.
 *
 * <p>Not thread-safe, but made of two halves: one thread may {@code receive} while another calls all else. The caller
 * serialises each half, and runs no application code inside either.
 */
public interface Driver {

    /** Where the connection stands. */
    ReadyState state();

    /** Says that the handshake is through: {@code CONNECTING} becomes {@code OPEN}. */
    void open();

    /**
     * Takes bytes from the peer, up to the end of the next event. Never throws for what a peer sent: a fault becomes an
     * {@link Event.Failure}, and everything after it, or after a close frame, is dropped.
     *
     * @param input the bytes; its position moves past what was taken
     * @return the event, or null when {@code input} is used up
     */
    @Nullable
    Event receive(ByteBuffer input);

    /**
     * Answers an event as the protocol wants it: a ping with a pong, a close frame with another, a fault with the close
     * frame that names it. A message needs no answer.
     */
    void answer(Event event);

    /**
     * Sends a text message.
     *
     * @param utf8 valid UTF-8 that must not change afterwards
     * @return false, and nothing is sent, once the connection is closing
     */
    boolean text(byte[] utf8);

    /**
     * Sends a binary message.
     *
     * @param data must not change afterwards
     * @return false, and nothing is sent, once the connection is closing
     */
    boolean binary(byte[] data);

    /**
     * Sends a ping (RFC 6455, section 5.5.2).
     *
     * @param data at most 125 bytes
     * @return false, and nothing is sent, unless the connection is open
     */
    boolean ping(byte[] data);

    /**
     * Begins the closing handshake (section 7.1.2).
     *
     * @param code a {@linkplain CloseCode#isValid valid} code, or {@link CloseCode#NO_STATUS} to send none
     * @param reason at most 123 bytes of UTF-8; empty where there is no code
     * @return false, and nothing is sent, when the connection is closing already
     */
    boolean close(int code, String reason);

    /** Whether nothing is left to do but to write the output and to close the socket. */
    boolean isFinished();

    /** Says that the socket is gone. */
    void disconnected();

    /** What is to be written to the socket. */
    ByteQueue output();
}
