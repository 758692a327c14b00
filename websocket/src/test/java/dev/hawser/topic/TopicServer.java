package dev.hawser.topic;

import dev.hawser.eventsource.EventSource;
import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.servlet.ServletEventStream;
import dev.hawser.websocket.servlet.ServletUpgrade;
import dev.hawser.websocket.servlet.TestServer;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A server whose connections a test has join topics, and clients for it. */
final class TopicServer implements AutoCloseable {

    private final BlockingQueue<WebSocket> sockets = new LinkedBlockingQueue<>();
    private final BlockingQueue<EventSource> streams = new LinkedBlockingQueue<>();
    private final List<Closeable> clients = new ArrayList<>();
    private final Queue<EventSource> opened = new ConcurrentLinkedQueue<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private final TestServer server;

    /** What is done with a stream before anything is sent on it, given the query of its request. */
    volatile BiConsumer<EventSource, String> onStream = (events, query) -> {};

    TopicServer() {
        server = new TestServer((request, response) -> {
            if (ServletUpgrade.isWebSocket(request)) {
                sockets.add(ServletUpgrade.of(
                                request,
                                response,
                                WebSocketOptions.DEFAULT.with(options -> options.maxBuffered(1 << 20)))
                        .accept());
            } else {
                EventSource events = ServletEventStream.open(request, response, EventSourceOptions.DEFAULT);
                opened.add(events);
                onStream.accept(events, String.valueOf(request.getQueryString()));
                streams.add(events);
            }
        });
    }

    /** A WebSocket, at both ends. */
    record Pair(WebSocket socket, TextClient client) {}

    Pair socket() throws Exception {
        TextClient client = new TextClient();
        java.net.http.WebSocket opened = http.newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + server.port() + "/"), client)
                .get(20, TimeUnit.SECONDS);
        clients.add(opened::abort);
        WebSocket socket = sockets.poll(20, TimeUnit.SECONDS);
        if (socket == null) {
            throw new IOException("No socket");
        }
        return new Pair(socket, client);
    }

    /** A WebSocket whose client reads nothing. */
    WebSocket stuck() throws Exception {
        Socket client = new Socket();
        clients.add(client);
        client.setReceiveBufferSize(8 * 1024);
        client.connect(new InetSocketAddress("127.0.0.1", server.port()));
        client.getOutputStream()
                .write(("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        WebSocket socket = sockets.poll(20, TimeUnit.SECONDS);
        if (socket == null) {
            throw new IOException("No socket");
        }
        return socket;
    }

    /** The client of an event stream. */
    EventClient events(String query, String lastEventId) throws Exception {
        EventClient client = new EventClient(server.port(), query, lastEventId);
        clients.add(client);
        return client;
    }

    /** The server's end of the stream that was opened last. */
    EventSource stream() throws Exception {
        EventSource stream = streams.poll(20, TimeUnit.SECONDS);
        if (stream == null) {
            throw new IOException("No stream");
        }
        return stream;
    }

    @Override
    public void close() throws IOException {
        for (Closeable client : clients) {
            client.close();
        }
        opened.forEach(EventSource::close); // Tomcat waits for those that it knows
        server.close();
    }

    /** Collects what a WebSocket gets. */
    static final class TextClient implements java.net.http.WebSocket.Listener {

        private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(java.net.http.WebSocket socket, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                received.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(java.net.http.WebSocket socket, int code, String reason) {
            received.add("closed " + code);
            return null;
        }

        String next() throws InterruptedException {
            return String.valueOf(received.poll(20, TimeUnit.SECONDS));
        }
    }

    /** What an EventSource makes of a stream (WHATWG HTML, section 9.2.6). */
    static final class EventClient implements Closeable {

        /** An event. */
        record Received(String id, String name, String data) {}

        private final int port;
        private final String query;
        private Socket socket = new Socket();
        private BufferedReader lines;
        private String id;

        EventClient(int port, String query, String lastEventId) throws IOException {
            this.port = port;
            this.query = query;
            id = lastEventId;
            lines = connect();
        }

        private BufferedReader connect() throws IOException {
            socket = new Socket();
            socket.setReceiveBufferSize(64 * 1024);
            socket.connect(new InetSocketAddress("127.0.0.1", port));
            socket.setSoTimeout(20_000);
            String header = id.isEmpty() ? "" : "Last-Event-ID: " + id + "\r\n";
            // HTTP/1.0: no chunks, so that the stream can be read line by line
            socket.getOutputStream()
                    .write(("GET /?" + query + " HTTP/1.0\r\nHost: x\r\nAccept: text/event-stream\r\n" + header
                                    + "\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            BufferedReader response =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String line = response.readLine();
            while (line != null && !line.isEmpty()) {
                line = response.readLine();
            }
            return response;
        }

        /** Connects again, as a browser does. */
        void comeBack() throws IOException {
            socket.close();
            lines = connect();
        }

        /** The id that a browser would send when it comes back. */
        String lastEventId() {
            return id;
        }

        /** The next event; null at the end. Takes ids that come without an event, too. */
        @Nullable
        Received next() throws IOException {
            String name = "message";
            StringBuilder data = new StringBuilder();
            boolean any = false;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isEmpty()) {
                    if (any) {
                        return new Received(id, name, data.substring(0, data.length() - 1));
                    }
                    name = "message";
                } else if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    any = true;
                    data.append(line, 6, line.length()).append('\n');
                }
            }
            return null;
        }

        /**
         * The data of the next event, whatever that takes: Tomcat may end a stream that has just begun, when a client breaks off another
         * at that very moment.
         */
        String data() throws IOException {
            Received next = next();
            while (next == null) {
                comeBack();
                next = next();
            }
            return next.data();
        }

        /** Waits for an id that comes without an event. */
        String position() throws IOException {
            String before = id;
            while (id.equals(before)) {
                String line = lines.readLine();
                if (line != null && line.startsWith("id: ")) {
                    id = line.substring(4);
                    lines.readLine();
                }
            }
            return id;
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }
}
