package dev.hawser.test;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.client.ClientOptions;
import dev.hawser.websocket.connection.ClientConnection;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.connection.WebSocketConnection.Peer;
import dev.hawser.websocket.servlet.ProtocolSwitch;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.springframework.http.HttpHeaders;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.test.web.servlet.MockMvc;

/** No port: requests go through MockMvc, on the thread of the test; connections are in memory. */
final class MockMvcBinding implements Binding {

    private final MockMvc mockMvc;
    private final ConnectionGroup group = ConnectionGroup.create();
    private final ThreadPoolExecutor container;

    MockMvcBinding(MockMvc mockMvc) {
        this.mockMvc = mockMvc;
        AtomicInteger count = new AtomicInteger();
        this.container =
                new ThreadPoolExecutor(0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "hawser-test-" + count.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
    }

    @Override
    public String url(String path, String scheme) {
        if (path.startsWith("/")) {
            return scheme + "://localhost" + path;
        }
        if (path.matches("(?i)(?:ws|http)s?://[^/]+/.*")) {
            return scheme + path.replaceFirst("(?i)^(?:ws|http)", "");
        }
        throw new IllegalArgumentException("Expected a path that begins with / or a URL but was " + path);
    }

    @Override
    public RawOutput connect(Request request, Consumer<ClientWebSocket> ready) {
        ClientOptions options = ClientOptions.DEFAULT.with(request.options());
        URI url = URI.create(url(request.path(), "ws"));
        MemoryDial dial = new MemoryDial(url, options, container);
        ClientConnection socket = new ClientConnection(
                dial,
                new Peer(url.toString(), url.getRawPath(), "", List.of(), null, ""),
                options.version(),
                options.socket(),
                WebSocketObserver.NONE,
                group,
                null);
        ready.accept(socket);
        socket.start();
        StreamingResponse response = new StreamingResponse(new StreamListener() {});
        MemorySwitch decision = new MemorySwitch(dial, response);
        MemoryRequest get = new MemoryRequest(URI.create(url(request.path(), "http")), request.processors(), response);
        dial.headers().forEach(get::header);
        get.requestAttr(ProtocolSwitch.ATTRIBUTE, decision);
        try {
            response.disconnect(mockMvc.perform(get).andReturn().getRequest()); // if it is an event stream
        } catch (Exception thrown) {
            decision.failed(thrown);
            return dial;
        } catch (Error wrong) { // an expectation of MockMvc's own, for instance
            decision.failed(wrong);
            throw wrong;
        }
        decision.completed();
        return dial;
    }

    @Override
    public Runnable stream(Request request, Duration timeout, StreamListener listener) {
        StreamingResponse response = new StreamingResponse(listener);
        String url = url(request.path(), "http");
        HttpHeaders headers = new HttpHeaders();
        headers.set("Accept", "text/event-stream");
        request.headers().accept(headers);
        MemoryRequest get = new MemoryRequest(URI.create(url), request.processors(), response).headers(headers);
        MockHttpServletRequest made;
        try {
            made = mockMvc.perform(get).andReturn().getRequest();
        } catch (Exception thrown) {
            throw new AssertionError("Expected an event stream but was " + thrown + "\n" + url, thrown);
        }
        String type = response.getContentType();
        String body = new String(response.getContentAsByteArray(), StandardCharsets.UTF_8);
        try {
            Binding.requireEventStream(url, response.getStatus(), type == null ? "" : type, body);
        } catch (AssertionError other) {
            response.disconnect(made);
            throw other;
        }
        response.returned(made, container);
        return () -> response.disconnect(made);
    }

    @Override
    public void close() {
        group.close();
        container.shutdown();
    }
}
