package dev.hawser.test;

import dev.hawser.websocket.client.ClientOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.springframework.boot.webmvc.test.autoconfigure.MockMvcPrint;
import org.springframework.boot.webmvc.test.autoconfigure.SpringBootMockMvcBuilderCustomizer;
import org.springframework.http.HttpHeaders;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.RequestPostProcessor;
import org.springframework.test.web.servlet.setup.DefaultMockMvcBuilder;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.context.WebApplicationContext;

/**
 * Drives WebSockets and event streams in tests: those of a server with a port, or those of an application without one.
 *
 * <pre>{@code
 * TestSocket socket = client.connect("/echo", options -> options.protocols("chat.v2"));
 * socket.send("hello").expectText("hello");
 * client.expectRefusal("/secret").expectStatus(401).expectReason("Log in first");
 * client.stream("/news").expectEvent("Breaking News!");
 * }</pre>
 *
 * <p>Without a port, a request goes through MockMvc on the thread of the test: with all filters, and with {@link #with request
 * post-processors}. The connection that comes of it is real, with frames, compression, limits and timers; only the socket is
 * memory, and its listeners run on threads of this client. As everywhere with MockMvc, there is no context path and no error
 * page, redirects, proxies and reconnecting do nothing, and an exception that the application does not handle counts as status 500.
 *
 * <p>Immutable: {@link #timeout}, {@link #options} and {@link #with} give changed clients, which share connections with this
 * one. Thread-safe; its sockets and streams are for one thread each.
 */
public final class WebSocketTestClient implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    /** How long all sockets together get for their closing handshakes. */
    private static final Duration CLOSING = Duration.ofSeconds(2);

    private final Binding binding;
    private final Queue<TestSocket> sockets;
    private final Queue<TestEventStream> streams;
    private final Duration timeout;
    private final Consumer<ClientOptions.Builder> options;
    private final List<RequestPostProcessor> processors;

    private WebSocketTestClient(
            Binding binding,
            Queue<TestSocket> sockets,
            Queue<TestEventStream> streams,
            Duration timeout,
            Consumer<ClientOptions.Builder> options,
            List<RequestPostProcessor> processors) {
        this.binding = binding;
        this.sockets = sockets;
        this.streams = streams;
        this.timeout = timeout;
        this.options = options;
        this.processors = processors;
    }

    private static WebSocketTestClient of(Binding binding) {
        return new WebSocketTestClient(
                binding,
                new ConcurrentLinkedQueue<>(),
                new ConcurrentLinkedQueue<>(),
                TIMEOUT,
                builder -> {},
                List.of());
    }

    /** A client of the server at this port of this machine. */
    public static WebSocketTestClient bindToServer(int port) {
        return bindToServer("ws://localhost:" + port);
    }

    /** A client of the server at this URL, {@code ws}, {@code wss}, {@code http} or {@code https}; paths follow it. */
    public static WebSocketTestClient bindToServer(String url) {
        return bindToServer(() -> url);
    }

    static WebSocketTestClient bindToServer(Supplier<String> url) {
        return of(new ServerBinding(url));
    }

    /** A client without a port, whose requests are made by {@code mockMvc}. */
    public static WebSocketTestClient bindTo(MockMvc mockMvc) {
        return of(new MockMvcBinding(mockMvc));
    }

    /** A client without a port, for the controllers of this context, with its filters. */
    public static WebSocketTestClient bindToApplicationContext(WebApplicationContext context) {
        DefaultMockMvcBuilder builder = MockMvcBuilders.webAppContextSetup(context);
        SpringBootMockMvcBuilderCustomizer filters = new SpringBootMockMvcBuilderCustomizer(context);
        filters.setPrint(MockMvcPrint.NONE); // a context prints for one MockMvc only
        filters.customize(builder);
        return bindTo(builder.build());
    }

    // ---- Changed clients.

    /** Whose expectations wait this long, instead of 5 s. */
    public WebSocketTestClient timeout(Duration timeout) {
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException("Expected a timeout longer than zero but was " + timeout);
        }
        return new WebSocketTestClient(binding, sockets, streams, timeout, options, processors);
    }

    /** Whose sockets are made with these options, unless {@link #connect(String, Consumer)} says otherwise. */
    public WebSocketTestClient options(Consumer<ClientOptions.Builder> changes) {
        return new WebSocketTestClient(binding, sockets, streams, timeout, options.andThen(changes), processors);
    }

    /**
     * Whose requests are changed by this, such as {@code with(user("ann"))} of Spring Security's.
     *
     * @throws UnsupportedOperationException by the methods that make requests, where there is a port
     */
    public WebSocketTestClient with(RequestPostProcessor processor) {
        List<RequestPostProcessor> all = new ArrayList<>(processors);
        all.add(processor);
        return new WebSocketTestClient(binding, sockets, streams, timeout, options, List.copyOf(all));
    }

    // ---- Requests.

    /** Connects, and waits until the socket is open; see {@link #connect(String, Consumer)}. */
    public TestSocket connect(String path) {
        return connect(path, builder -> {});
    }

    /**
     * Connects, and waits until the socket is open.
     *
     * @param path begins with {@code /}, and may have a query; or a whole URL
     * @param changes subprotocols, headers and so on
     * @throws AssertionError if it cannot be opened, or not in time
     */
    public TestSocket connect(String path, Consumer<ClientOptions.Builder> changes) {
        return begin(path, changes).open();
    }

    /** Connects, and expects not to be let in; see {@link #expectRefusal(String, Consumer)}. */
    public Refusal expectRefusal(String path) {
        return expectRefusal(path, builder -> {});
    }

    /**
     * Connects, and expects not to be let in.
     *
     * @param path as for {@link #connect(String, Consumer)}
     * @return the response, for further expectations
     * @throws AssertionError if the socket opens, or there is no response in time
     */
    public Refusal expectRefusal(String path, Consumer<ClientOptions.Builder> changes) {
        return begin(path, changes).refused();
    }

    private TestSocket begin(String path, Consumer<ClientOptions.Builder> changes) {
        Binding.Request request = new Binding.Request(path, options.andThen(changes), headers -> {}, processors);
        TestSocket socket = TestSocket.begin(binding, request, timeout);
        sockets.add(socket);
        return socket;
    }

    /** Opens an event stream; see {@link #stream(String, Consumer)}. */
    public TestEventStream stream(String path) {
        return stream(path, headers -> {});
    }

    /**
     * Opens an event stream, and waits for the head of the response. To a server over TLS, it is opened with the certificates
     * that the JVM trusts.
     *
     * @param path as for {@link #connect(String, Consumer)}
     * @param headers changes the headers of the request, such as {@code Last-Event-ID}
     * @throws AssertionError if the response is no event stream, or does not come in time
     */
    public TestEventStream stream(String path, Consumer<HttpHeaders> headers) {
        Binding.Request request = new Binding.Request(path, options, headers, processors);
        TestEventStream stream = TestEventStream.open(binding, request, timeout);
        streams.add(stream);
        return stream;
    }

    // ---- The end.

    /** Closes all sockets and streams that there are, and waits a moment for that; further ones can be opened. */
    public void reset() {
        for (TestEventStream stream = streams.poll(); stream != null; stream = streams.poll()) {
            stream.close();
        }
        List<TestSocket> closing = new ArrayList<>();
        for (TestSocket socket = sockets.poll(); socket != null; socket = sockets.poll()) {
            closing.add(socket);
        }
        closing.forEach(TestSocket::close);
        long deadline = System.nanoTime() + CLOSING.toNanos();
        closing.forEach(socket -> socket.closeAndWait(deadline - System.nanoTime()));
    }

    /** As {@link #reset}, and ends all threads. */
    @Override
    public void close() {
        reset();
        binding.close();
    }
}
