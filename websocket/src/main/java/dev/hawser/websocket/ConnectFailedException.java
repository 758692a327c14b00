package dev.hawser.websocket;

import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.handshake.HandshakeResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection could not be opened. The message begins with the failure's name, as in {@code unexpected-status:
 * Expected status 101 but was 403}; it holds no credentials.
 */
public final class ConnectFailedException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * A response that refuses.
     *
     * @param status the HTTP status; 0 where there was no response
     * @param headers under names in any case
     * @param body as much of it as came, at most 64 KiB
     */
    public record Response(int status, Map<String, List<String>> headers, byte[] body) implements HandshakeResponse {

        /** No response. */
        public static final Response NONE = new Response(0, Map.of(), new byte[0]);

        @Override
        public List<String> headers(String name) {
            return headers.getOrDefault(name, List.of());
        }
    }

    private final ConnectFailure failure;
    private final transient Response response;

    /**
     * A failure before there was a response.
     *
     * @param reason what was expected and what came
     */
    public ConnectFailedException(ConnectFailure failure, String reason, @Nullable Throwable cause) {
        this(failure, reason, cause, Response.NONE);
    }

    /** A failure because of a response, the server's or the proxy's. */
    public ConnectFailedException(ConnectFailure failure, String reason, @Nullable Throwable cause, Response response) {
        super(failure.id() + ": " + reason, cause);
        this.failure = failure;
        this.response = response;
    }

    /** What kind of failure. */
    public ConnectFailure failure() {
        return failure;
    }

    /** The status of the response; 0 where there was none. */
    public int statusCode() {
        return response().status();
    }

    /** The headers of the response, under names in any case; empty where there was none. */
    public Map<String, List<String>> headers() {
        return response().headers();
    }

    /** The body of the response, as much of it as came, at most 64 KiB; empty where there was none. */
    public byte[] body() {
        return response().body().clone();
    }

    private Response response() {
        return response == null ? Response.NONE : response; // null after it was deserialised
    }
}
