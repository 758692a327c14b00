package dev.hawser.spring;

import dev.hawser.websocket.ConnectFailedException;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one handshake of the client while it is observed. Its carrier is the headers that are added to the
 * request, where tracing puts its own.
 */
public final class WebSocketHandshakeObservationContext extends SenderContext<Map<String, String>> {

    private final String name;
    private final String hostAndPort;
    private volatile int status;
    private volatile @Nullable Outcome outcome;
    private volatile @Nullable ConnectFailedException failure;

    /** How a handshake ended. */
    public enum Outcome {
        /** The connection is open. */
        OPENED,
        /** There is none. */
        FAILED,
        /** Nobody wanted it any more. */
        ABANDONED
    }

    /**
     * A handshake that begins.
     *
     * @param name {@code client}, or the name in the options of the connection
     * @param hostAndPort what to connect to
     */
    public WebSocketHandshakeObservationContext(String name, String hostAndPort) {
        super(
                (headers, key, value) -> {
                    if (headers != null) {
                        headers.put(key, value);
                    }
                },
                Kind.CLIENT);
        this.name = name;
        this.hostAndPort = hostAndPort;
        setCarrier(new LinkedHashMap<>());
        setRemoteServiceAddress("ws://" + hostAndPort); // a URI is expected, of whatever scheme
    }

    /** It ended with an open connection. */
    public void opened(int statusCode) {
        status = statusCode;
        outcome = Outcome.OPENED;
    }

    /** It failed. */
    public void failed(ConnectFailedException cause) {
        status = cause.statusCode();
        outcome = Outcome.FAILED;
        failure = cause;
    }

    /** It was given up. */
    public void abandoned() {
        outcome = Outcome.ABANDONED;
    }

    /** What the connection is called: {@code client}, or the name in its options. */
    public String name() {
        return name;
    }

    /** What the socket was asked to connect to, such as {@code example.com:443}. */
    public String hostAndPort() {
        return hostAndPort;
    }

    /** The status of the response; 0 if there was none. */
    public int status() {
        return status;
    }

    /** How it ended; null before. */
    public @Nullable Outcome outcome() {
        return outcome;
    }

    /** Why it failed; null if it did not. */
    public @Nullable ConnectFailedException failure() {
        return failure;
    }
}
