package dev.hawser.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * An opened connection.
 *
 * @param extensions What the server agreed to, as it wrote it; empty for nothing.
 */
record Handshake(SocketChannel channel, String extensions) {

    /** Connects, and offers extensions, none if {@code offer} is empty. */
    static Handshake with(int port, String offer) throws IOException {
        return with(SocketChannel.open(), port, "/echo", offer);
    }

    /** Connects a channel, which may have options of its own, and asks for a WebSocket. */
    static Handshake with(SocketChannel channel, int port, String path, String offer) throws IOException {
        String request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:"
                + port
                + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + (offer.isEmpty() ? "" : "Sec-WebSocket-Extensions: " + offer + "\r\n")
                + "\r\n";
        String response = exchange(channel, port, request, "HTTP/1.1 101");
        String extensions = response.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-extensions:"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .collect(Collectors.joining(", "));
        return new Handshake(channel, extensions);
    }

    /** Connects, sends a request, and reads just the head of the response, which must start as expected. */
    static String exchange(SocketChannel channel, int port, String request, String expected) throws IOException {
        channel.connect(new InetSocketAddress("127.0.0.1", port));
        channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1)));
        ByteBuffer one = ByteBuffer.allocate(1);
        StringBuilder response = new StringBuilder();
        while (!response.toString().endsWith("\r\n\r\n")) {
            if (channel.read(one.clear()) < 0) {
                throw new IOException("Connection ended after " + response);
            }
            response.append((char) one.get(0));
        }
        if (!response.toString().startsWith(expected)) {
            throw new IOException("Expected " + expected + " but was " + response);
        }
        return response.toString();
    }
}
