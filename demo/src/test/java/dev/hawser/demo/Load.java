package dev.hawser.demo;

import dev.hawser.eventsource.EventSource;
import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.spring.WebSocketEndpoints;
import dev.hawser.test.TestSocket;
import dev.hawser.test.WebSocketTestClient;
import dev.hawser.topic.Topic;
import dev.hawser.topic.Topics;
import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.client.WebSocketClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Does to two nodes whatever a meter counts, again and again on a thread of its own until it is closed. */
final class Load implements AutoCloseable {

    private static final String JSON = "{\"item\":\"rope\",\"count\":2},".repeat(100);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ConfigurableApplicationContext one;
    private final ConfigurableApplicationContext two;
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Socket> raw = new ArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Thread thread = new Thread(this::run, "load");
    private volatile boolean ending;

    /** What the demo has no endpoint for. */
    @RestController
    @ConditionalOnProperty("load")
    static class Streams {

        @GetMapping("/broken-stream")
        void broken(EventSource events) {
            events.onClose(() -> {
                throw new IllegalStateException("A fault of the application");
            });
            events.close();
        }
    }

    Load(ConfigurableApplicationContext one, ConfigurableApplicationContext two) {
        this.one = one;
        this.two = two;
        WebSocketEndpoints endpoints = two.getBean(WebSocketEndpoints.class);
        endpoints.mount(WebSocketEndpoint.at(
                "/broken",
                socket -> socket.onMessage(message -> {
                    throw new IllegalStateException("A fault of the application");
                })));
        endpoints.mount(WebSocketEndpoint.at(
                "/flood",
                socket -> socket.onMessage(message -> {
                    for (int i = 0; i < 100; i++) {
                        socket.send(new byte[100_000]);
                    }
                })));
        endpoints.mount(WebSocketEndpoint.onRequest("/closed", request -> request.reject(401, "Log in first")));
        endpoints.mount(WebSocketEndpoint.onRequest("/hesitant", WebSocketRequest::defer));
        thread.start();
    }

    /** Why it has ended by itself, or null. */
    Throwable failure() {
        return failure.get();
    }

    static int port(ConfigurableApplicationContext node) {
        return node.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    private static WebSocketTestClient to(ConfigurableApplicationContext node) {
        return WebSocketTestClient.bindToServer(port(node)).timeout(PATIENCE);
    }

    private void run() {
        try (WebSocketTestClient here = to(one);
                WebSocketTestClient there = to(two);
                WebSocketTestClient always = to(two)) {
            always.connect("/echo");
            always.stream("/events");
            feed();
            while (!ending) {
                here.reset();
                there.reset();
                echo(here);
                chat(here);
                refusals(there);
                faults(there);
                streams(there);
                client();
            }
        } catch (Throwable failed) {
            if (!ending) {
                failure.set(failed);
            }
        }
    }

    private static void echo(WebSocketTestClient client) {
        client.connect("/echo")
                .send("hello")
                .expectText("hello")
                .send((byte) 1)
                .expectBinary((byte) 1)
                .close(1000, "");
        client.connect("/echo").close(4000, "bye").expectClose(4000);
        client.connect("/echo").drop();
    }

    private void chat(WebSocketTestClient client) throws IOException {
        TestSocket ann = client.connect("/chat/tea?name=ann");
        ann.send("hello");
        client.stream("/chat/tea/events", headers -> headers.set("Last-Event-ID", "none-of-ours"))
                .expectEvent("hawser.reset", "chat/tea");
        ann.close();
        raw("/chat/slow?name=slow");
        Topic topic = two.getBean(Topics.class).topic("chat/slow");
        for (int i = 0; i < 40; i++) {
            topic.send("x".repeat(100_000));
        }
    }

    private void refusals(WebSocketTestClient client) throws IOException, InterruptedException {
        get("/echo");
        client.expectRefusal("/echo", options -> options.origin("https://other.example"));
        client.expectRefusal("/closed");
        client.expectRefusal("/hesitant");
    }

    private void faults(WebSocketTestClient client) throws IOException {
        client.connect("/broken").send("hello").expectClose(1011);
        raw("/echo"); // answers no ping
        raw("/echo").getOutputStream().write(new byte[] {(byte) 0x81, 1, 'x'}); // without a mask
        raw("/flood").getOutputStream().write(new byte[] {(byte) 0x81, (byte) 0x80, 0, 0, 0, 0});
    }

    private void streams(WebSocketTestClient client) throws IOException, InterruptedException {
        get("/events?lastEventId=%01");
        client.stream("/broken-stream").expectEnd();
    }

    /** From one node to the other, compressed, and to where nobody listens. */
    private void client() throws IOException {
        WebSocketClient client = one.getBean(WebSocketClient.class);
        ClientWebSocket feed = client.connect("ws://127.0.0.1:" + port(two) + "/echo", options -> options.name("feed"));
        feed.onMessage(message -> feed.close());
        feed.send(JSON);
        client.connect("ws://127.0.0.1:" + Service.freePort() + "/", options -> options.name("feed"));
    }

    private ClientWebSocket feed() {
        return one.getBean(WebSocketClient.class)
                .connect("ws://127.0.0.1:" + port(two) + "/echo", options -> options.name("feed"));
    }

    private void get(String path) throws IOException, InterruptedException {
        http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port(two) + path))
                        .build(),
                HttpResponse.BodyHandlers.discarding());
    }

    /** A WebSocket whose client reads nothing. */
    private Socket raw(String path) throws IOException {
        Socket socket = new Socket();
        raw.add(socket);
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port(two)));
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        for (int seen = 0; seen < 4; ) { // the end of the response
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("Refused");
            }
            seen = next == "\r\n\r\n".charAt(seen) ? seen + 1 : 0;
        }
        return socket;
    }

    @Override
    public void close() throws IOException {
        ending = true;
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        for (Socket socket : raw) {
            socket.close();
        }
    }
}
