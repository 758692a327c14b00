package dev.hawser.test;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.client.ClientOptions;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.springframework.http.HttpHeaders;
import org.springframework.test.web.servlet.request.RequestPostProcessor;

/** How a test client reaches the application. */
sealed interface Binding extends AutoCloseable permits ServerBinding, MockMvcBinding {

    /**
     * What a test asks for.
     *
     * @param path from the root of the application, with a query perhaps; or a whole URL
     * @param options changes to {@link ClientOptions#DEFAULT}, for WebSockets
     * @param headers for event streams
     * @param processors of the request, where it goes through MockMvc
     */
    record Request(
            String path,
            Consumer<ClientOptions.Builder> options,
            Consumer<HttpHeaders> headers,
            List<RequestPostProcessor> processors) {}

    /** Hears what a stream says, from one thread at a time. */
    interface StreamListener {

        default void received(byte[] bytes) {}

        /** Perhaps more than once. */
        default void ended() {}
    }

    /** Writes bytes past the protocol. */
    interface RawOutput {

        void write(byte[] bytes);
    }

    /** The URL of a path, with {@code scheme} {@code ws} or {@code http}, which becomes {@code wss} or {@code https} over TLS. */
    String url(String path, String scheme);

    /**
     * Begins to connect.
     *
     * @param ready is given the socket first, to add listeners
     */
    RawOutput connect(Request request, Consumer<ClientWebSocket> ready);

    /**
     * Asks for an event stream, and waits for the response.
     *
     * @return goes away
     * @throws AssertionError if the response is none
     */
    Runnable stream(Request request, Duration timeout, StreamListener listener);

    @Override
    void close();

    /** Checks the head of a response that should be an event stream. */
    static void requireEventStream(String url, int status, String contentType, String body) {
        if (status != 200 || !contentType.regionMatches(true, 0, "text/event-stream", 0, 17)) {
            throw new AssertionError("Expected an event stream but was status " + status + ", "
                    + (contentType.isEmpty() ? "no type" : contentType) + "\n" + url + ":\n  "
                    + Transcript.quote(body));
        }
    }
}
